package zh

// nodes: what nodes say of themselves.
func nodes() map[string]string {
	return map[string]string{
		"find out what changed: a configuration that was edited, an upgrade, or a report that is old": "查明变化的原因：配置被修改、版本升级，或者报告已经过时",
		"%s of themselves something else than the API, and it was taken: %s.":                         "%s与 API 不一致，以节点为准：%s。",
		"nodes say": "个节点的自述",
		"look into the log of kube-proxy there: its sync fails or does not end": "查看该处 kube-proxy 的日志：其同步失败或无法结束",
		"Changes of Services wait for a sync of kube-proxy on %s, for up to %s: what was removed is still reached there.":                 "%s上有 Service 变更在等待 kube-proxy 同步，最长%s：已移除的端点在那里仍会被访问。",
		"remove the rules of the backend that kube-proxy does not use, or replace the node":                                               "删除 kube-proxy 未使用的那个后端的规则，或更换节点",
		"Chains of kube-proxy are in iptables-legacy and in iptables-nft on %s: those of one of them are left over, and both are passed.": "%s上 iptables-legacy 和 iptables-nft 中都有 kube-proxy 的链：其中一处是残留，而两处都会经过。",
		"kube-proxy runs in mode %s, where none was seen":                                                                                 "kube-proxy 以%s模式运行，而 API 中看不到它",
		"mode %s, not %s":           "模式是%s，不是%s",
		"kube-proxy %s, not %s":     "kube-proxy 是%s，不是%s",
		"kernel %s, not %s":         "内核是%s，不是%s",
		"minSyncPeriod %s, not %s":  "minSyncPeriod 是%s，不是%s",
		"IPVS scheduler %s, not %s": "IPVS 调度算法是%s，不是%s",
	}
}

// nodeReports: what a report says of what nodes said.
func nodeReports() map[string]string {
	return map[string]string{
		"What nodes said of themselves": "节点的自述",
		"mean sync":                     "平均同步时间",
		"median":                        "中位数",
		"99 of 100":                     "百次中 99 次",
		"changes waiting":               "等待中的变更",
		"And %s.":                       "另有%s。",
		"more nodes":                    "个节点",
		"Since kube-proxy started there. A median and a 99th percentile are known as the bucket of the histogram that they lie in; - is not known.": "自该处 kube-proxy 启动以来。中位数和第 99 百分位只知道落在直方图的哪个区间；- 表示未知。",
		"A report that ends too early is read as far as it goes.":                                                                                  "提前结束的报告读到哪里算哪里。",
		"a node":                      "某个节点",
		"%s (not of this cluster)":    "%s（不属于此集群）",
		"%s in iptables-legacy":       "%s（在 iptables-legacy 中）",
		"%s in iptables-nft":          "%s（在 iptables-nft 中）",
		"%s connections tracked of %s": "跟踪的连接%s个，上限%s",
		"IPVS began %s new connections a second, over %s": "IPVS 每秒新建%s个连接，测量时长%s",
		"%s of %s":                           "%s（共%s次）",
		"over %s":                            "超过%s",
		"for %s":                             "已有%s",
		"%s of them read on the node itself": "其中%s个在节点上读取",
		"read on the node itself":            "在节点上读取",
	}
}
