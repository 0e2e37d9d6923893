package zh

// measuredHabits: how connections are made, as nodes measured it.
func measuredHabits() map[string]string {
	return map[string]string{
		"Reuse %s: %s of new connections reused a 5-tuple of the last %d s.":                                    "五元组复用（%s）：%s的新建连接复用了最近%d秒内用过的五元组。",
		"Reuse %s: at the node with most of it %s of new connections reused a 5-tuple of the last %d s.":        "五元组复用（%s）：在复用最多的节点上，%s的新建连接复用了最近%d秒内用过的五元组。",
		"That was of too few connections: measure longer.":                                                      "连接太少，不足以判断：请测量更长时间。",
		"by the reuse measured the risk is %s":                                                                  "按实测的复用情况，风险%s",
		"at the habits answered the risk is %s":                                                                 "按所答的使用习惯，风险%s",
		"exposed, though %s":                                                                                    "受影响，但%s",
		"Nodes of this cluster are exposed to issue 81775; %s.":                                                 "本集群有节点受 issue 81775 影响；%s。",
		"nothing: the reuse of 5-tuples itself was measured":                                                    "不会改变什么：五元组的复用本身已经测得",
		"how clients connect was measured on %s: elsewhere it may be otherwise.":                                "客户端如何建立连接只在%s上测得：其他地方可能不同。",
		"how clients connect was measured on %s of %s: elsewhere it may be otherwise.":                          "客户端如何建立连接只在%[2]s中的%[1]s个上测得：其他节点可能不同。",
		"take the answer back if the nodes measured are like the others; otherwise measure where it comes from": "若所测节点与其他节点相同，请撤回该回答；否则请在该回答所指之处测量",
		"Nodes measured something else than was answered, and the answer stands: %s.":                           "节点实测与所答不同，以所答为准：%s。",
		"--%s %s, and %s: %s": "--%s %s，而%s：%s",
	}
}

// measuredOn: where and how something was measured, or why it is not known.
func measuredOn() map[string]string {
	return map[string]string{
		"measured on %s, %s s, from %s":      "在%s上实测，%s秒，根据%s",
		"conntrack events":                   "conntrack 事件",
		"counters of IPVS":                   "IPVS 的计数",
		"networks of pods (any destination)": "Pod 的网络（任何目标）",

		"the method does not tell how long connections last":               "该方法不能得知连接持续多久",
		"too few connections to tell":                                      "连接太少，无法判断",
		"no method that was used tells it":                                 "所用的方法都不能得知",
		"a node sees addresses, and not how many clients stand behind one": "节点只看得到地址，看不到一个地址背后有多少客户端",
	}
}

// connectionPages: the section of a report on how connections are made.
func connectionPages() map[string]string {
	return map[string]string{
		"How connections are made": "连接是如何建立的",
		"measured by":              "测量方法",
		"over":                     "时长",
		"new a second":             "每秒新建",
		"of the busiest":           "其中最多者",
		"stand open":               "已打开",
		"mean life":                "平均寿命",
		"reused in 120 s":          "120 s 内复用",
		"addresses seen":           "看到的地址数",
		"conntrack events":         "conntrack 事件",
		"networks of pods":         "Pod 的网络",

		"How clients connect":                    "客户端如何建立连接",
		"New a second, at the node with most":    "每秒新建（最多的节点）",
		"Stand open, at the node with most":      "打开的连接（最多的节点）",
		"The busiest client, a second":           "最繁忙的客户端每秒",
		"Mean life":                              "平均寿命",
		"Reused 5-tuples, at the node with most": "复用的五元组（复用最多的节点）",
		"Many clients behind one address":        "许多客户端在同一地址之后",

		"The figures are of these nodes while they were measured. Nodes are not added up: a connection from one to another is seen at both. - is not known.":                                                                       "数字只属于这些节点及测量期间。各节点不相加：节点之间的连接在两处都会看到。- 表示未知。",
		"Conntrack events: every connection that the node tracks, begun there or passing. Behind a NAT many clients are one address, and reuse is seen as less than it is. The life is that of connections which ended meanwhile.": "conntrack 事件：节点跟踪的每个连接，无论由它发起还是经过它。NAT 之后的许多客户端是同一个地址，看到的复用比实际少。寿命只是期间已结束的连接的。",
		"IPVS: what it began itself. Its counters miss connections that take over an old entry where conn_reuse_mode is 0, and its table shows reuse only while a 5-tuple comes back less often than it is read.":                  "IPVS：由它自己建立的连接。conn_reuse_mode 为 0 时，其计数不含接管旧条目的连接；只有五元组重现的间隔长于读取间隔时，其连接表才能显示复用。",
		"Networks of pods: what each opened, to any destination and not to Services alone, so the busiest is at most that. Reuse is not seen.":                                                                                     "Pod 的网络：每个 Pod 网络向任何目标（不只是 Service）发起的连接，因此最繁忙者至多如此。看不到复用。",
	}
}
