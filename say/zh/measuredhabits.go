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
		"measured on %s, %s s, %s": "在%s上实测，%s 秒，%s",
		"by several methods":       "用多种方法",
		"from conntrack events":    "根据 conntrack 事件",
		"from what IPVS counts":    "根据 IPVS 的计数",
		"from what the network of each pod opens, to any destination": "根据每个 Pod 网络发起的连接（不限目标）",

		"the method does not tell how long connections last":               "该方法不能得知连接持续多久",
		"too few connections to tell":                                      "连接太少，无法判断",
		"no method that was used tells it":                                 "所用的方法都不能得知",
		"a node sees addresses, and not how many clients stand behind one": "节点只看得到地址，看不到一个地址背后有多少客户端",
	}
}
