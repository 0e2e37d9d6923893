package zh

// thresholds: what tells during a change whether to go on.
func thresholds() map[string]string {
	return map[string]string{
		"The mode that kube-proxy says it runs": "kube-proxy 报告的运行模式",
		"it says %s":                            "显示%s",
		"it says another mode":                  "显示其他模式",
		"it goes on giving no answer: kube-proxy exits where it cannot run the mode": "一直没有应答：kube-proxy 无法运行该模式时会退出",
		"Syncs that failed": "失败的同步",
		"their number does not grow after the first sync":                                                                          "首次同步之后次数不再增长",
		"it has grown: kube-proxy tries again after its syncPeriod (30 s unless set), and until then the rules are old or missing": "次数有所增长：kube-proxy 在 syncPeriod（未设置时为 30 秒）之后重试，在此之前规则是旧的或缺失",
		"it has grown: until a sync succeeds the rules are old or missing":                                                         "次数有所增长：在同步成功之前，规则是旧的或缺失",
		"it goes on growing":       "次数持续增长",
		"Real servers of weight 0": "权重为 0 的真实服务器",
		"each of them disappears":  "都会消失",
		"The first sync":           "首次同步",
		"soon after the start, _sum / _count is about %s (estimate); on a slower node longer": "启动后不久 _sum / _count 约为%s（估算）；较慢的节点更长",
		"Connections that fail on the node while kube-proxy changes over":                     "kube-proxy 切换期间节点上失败的连接",
		"none": "无",
		"while the first sync lasts, and fewer and fewer after it: what was begun meanwhile may hang until it is tried from another port": "首次同步期间会有，之后越来越少：其间发起的连接可能一直挂起，直到换一个源端口重试",
	}
}
