package zh

// habits: questions, and their answers.
func habits() map[string]string {
	return map[string]string{
		"yes":                              "是",
		"no":                               "否",
		"How do clients talk to Services?": "客户端如何与 Service 通信？",
		"The mode costs time only when a connection is opened.":     "只有在建立连接时，模式才会带来耗时。",
		"how much the cost of a new connection weighs":              "新建连接的开销有多重要",
		"long-lived connections (databases, gRPC streams, brokers)": "长连接（数据库、gRPC 流、消息队列）",
		"short connections (one per request)":                       "短连接（每个请求一个连接）",
		"HTTP keep-alive or pools (many requests, few connections)": "HTTP keep-alive 或连接池（请求多，连接少）",
		"mixed, or not sure": "混合，或不确定",
		"New connections per second from the busiest client to one Service": "最繁忙的客户端每秒向同一个 Service 新建多少连接",
		"per second": "次/秒",
		"From about 118/s one client reuses ports inside IPVS's 120 s (issue 81775).": "从约 118 次/秒起，同一客户端会在 IPVS 的 120 秒之内复用端口（issue 81775）。",
		"how likely issue 81775 is":                                        "issue 81775 发生的可能性",
		"Do many clients reach a Service from behind one address (NAT)?":   "是否有许多客户端经同一个地址（NAT）访问 Service？",
		"A NAT picks ports at random: 5-tuples repeat at far lower rates.": "NAT 随机选择端口：在低得多的速率下五元组就会重复。",
		"Rolling updates per day, all workloads together":                  "每天的滚动更新次数，所有工作负载合计",
		"per day": "次/天",
		"Each one removes pods that reused connections could still be sent to.": "每次更新都会移除 Pod，而被复用的连接仍可能发往它们。",
		"how often pods leave":                                                          "Pod 多久离开一次",
		"Do pods wait for traffic to leave before they stop?":                           "Pod 停止之前是否会等待流量离开？",
		"Without a preStop wait and readiness, updates lose connections in every mode.": "没有 preStop 等待和就绪探针，任何模式下更新都会丢失连接。",
		"whether updates lose connections in every mode":                                "更新是否会在任何模式下丢失连接",
		"yes, everywhere that matters":                                                  "是，重要的地方都有",
		"in some workloads":                                                             "部分工作负载有",
		"May you set sysctls on the nodes?":                                             "您可以设置节点的 sysctl 吗？",
		"The quickest remedy for issue 81775 is a node sysctl.":                         "issue 81775 最快的补救办法是设置节点的 sysctl。",
		"which remedies of issue 81775 are yours":                                       "issue 81775 的哪些补救办法可供您使用",
		"How many Services do you expect in a year?":                                    "预计一年后有多少个 Service？",
		"Services":                             "个 Service",
		"The advice should hold for a while.":  "建议应当在一段时间内有效。",
		"when the cluster outgrows the advice": "集群何时会超出本建议的范围",
	}
}
