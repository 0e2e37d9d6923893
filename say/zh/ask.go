package zh

// asks: the page on which nodes are asked what runs there.
func asks() map[string]string {
	return map[string]string{
		"ask a node":                   "询问节点",
		"Ask a node of this group":     "询问该组的一个节点",
		"read a report that came back": "读取取回的报告",
		"what came of the last one":    "上一次询问的结果",
		"the one that goes on":         "正在进行的询问",
		"ask":                          "询问",

		"A script, by hand":          "手动运行脚本",
		"Port-forward to kube-proxy": "端口转发到 kube-proxy",
		"A Prometheus server":        "Prometheus 服务器",
		"Pods that inspect nodes":    "检查节点的 Pod",

		"Takes":   "需要",
		"Shows":   "可见",
		"Creates": "创建",
		"create pods/portforward in the namespace of a pod that uses the node's network":                           "在使用节点网络的某个 Pod 的命名空间中具有 create pods/portforward 权限",
		"what kube-proxy says of itself: mode, settings, version and times of syncs; no sysctl and no rule":        "kube-proxy 的自述：模式、配置、版本和同步耗时；没有 sysctl，也没有规则",
		"to ask that server; a token is taken from PROMETHEUS_TOKEN":                                               "能够访问该服务器；令牌取自 PROMETHEUS_TOKEN",
		"times of syncs, connections where node_exporter counts those of IPVS, and a mode as inferred, not proved": "同步耗时、node_exporter 统计的 IPVS 连接，以及推断而非证实的模式",
		"create Jobs and read logs in a namespace that admits privileged pods, for hostNetwork":                    "在准许特权 Pod 的命名空间中创建 Job 并读取日志（因为要用 hostNetwork）",
		"mode, settings, sysctls and kernel; on request how connections are really made, and rules":                "模式、配置、sysctl 和内核；如有要求，还有连接的真实建立方式以及规则",
		"a Job with one pod on each node, which are removed afterwards":                                            "每个节点一个 Job 和一个 Pod，事后移除",
		"to run a shell there; root sees more than others":                                                         "能在节点上运行 shell；root 看到的更多",
		"mode, settings, times of syncs, sysctls, patch level of the kernel; as root rules as well":                "模式、配置、同步耗时、sysctl、内核补丁级别；以 root 运行时还有规则",
		"nothing on the node; kubectl debug a pod, which stays until you delete it":                                "在节点上不创建任何东西；kubectl debug 会留下一个 Pod，直到您将其删除",

		"another one if it does not answer":    "没有应答时换另一个",
		"one of this group":                    "该组中的一个",
		"all of this group":                    "该组的全部",
		"one of each group":                    "每组各一个",
		"Label matchers":                       "标签匹配",
		`empty, or cluster="prod"`:             `留空，或 cluster="prod"`,
		"What they see":                        "可见范围",
		"kube-proxy and the kernel":            "kube-proxy 和内核",
		"connections as well":                  "另加连接",
		"rules as well, as root":               "另加规则（以 root）",
		"Seconds":                              "秒数",
		"%d; how long connections are counted": "%d；统计连接的时长",
		"empty: as the report names it":        "留空：按报告中的名称",
		"ctrl+s shows what that takes; nothing is sent before you say so": "按 ctrl+s 查看所需条件；在您确认之前不会发送任何请求",
		"A report is read here, and sent to nobody.":                      "报告只在本机读取，不会发送给任何人。",

		"asking what that takes…": "正在查询所需条件…",
		"Nothing was asked yet. ": "尚未询问。",
		"Y asks":                  "按 Y 询问",
		"Denied: ":                "被拒绝：",
		"denied":                  "被拒绝",
		"It takes about %s.":      "大约需要%s。",
		"Another asking goes on; this one waits until that has ended.": "另一次询问正在进行；请等它结束。",

		"Y once more does it.": "再按一次 Y 执行。",
		"asking":               "正在询问",
		"It goes on while you look at other screens; enter stops it.": "您查看其他屏幕时它会继续；按 enter 停止。",
		"What it created is removed then.":                            "届时会移除它创建的对象。",
		"Removing what was created in the cluster…":                   "正在移除集群中创建的对象…",

		"Stopped. ":                    "已停止。",
		"What came until then counts.": "此前得到的结果有效。",
		"It failed: ":                  "失败：",
		"%s in force.":                 "%s生效。",
		"reports are":                  "份报告",
		"The same again: %s":           "再次读取：%s",
		"None of the reports is of a node of this cluster.": "没有一份报告属于该集群的节点。",
		"The advice now: ":              "现在的建议：",
		"it does not tell the mode":     "没有说明模式",
		"%s, as kube-proxy itself says": "%s（kube-proxy 自述）",
		"its sysctls":                   "其 sysctl",
		"connections, measured for %s":  "连接（测量了%s）",
		"the report ends too early":     "报告提前结束",
		"and %s more":                   "以及另外%s份",

		"Nodes were asked: ":                      "已询问节点：",
		"Nodes are being asked: ":                 "正在询问节点：",
		"1 Cluster, i shows and stops it":         "在“1 集群”按 i 查看和停止",
		"no node answered; 1 Cluster, i says why": "没有节点应答；在“1 集群”按 i 查看原因",
		"%s in force; 1 Cluster, i says more":     "%s生效；在“1 集群”按 i 查看详情",
	}
}

// problemsOfAsking: what is wrong in the forms of that page.
func problemsOfAsking() map[string]string {
	return map[string]string{
		"name the file with the report":                                                "请指定报告文件",
		"the URL of the Prometheus server is missing":                                  "缺少 Prometheus 服务器的 URL",
		"The cluster is still being read, and which nodes there are is not known yet.": "集群仍在读取中，还不知道有哪些节点。",
		"Node %s is not read: %s.":                                                     "未读取节点%s：%s。",
		"The report of node %s is cut off: %s.":                                        "节点%s的报告不完整：%s。",
		"The names of the nodes of this group are not known.":                          "不知道该组各节点的名称。",
		"Read the cluster again with the right to list nodes.":                         "请以具有列出节点权限的身份重新读取集群。",
		"%.20q is not from %d to %d seconds":                                           "%q不在%d到%d秒之间",
	}
}
