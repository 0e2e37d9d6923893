package zh

// roles: comments of the roles that are asked of an administrator.
func roles() map[string]string {
	return map[string]string{
		"What kpadvisor reads, and nothing more: no secret, no watch, no write.":                                                                             "kpadvisor 读取的内容，仅此而已：不读取 Secret，不监视，不写入。",
		"Without one of these rules, the rest still works and the report says what is missing.":                                                              "缺少其中某条规则时，其余仍可工作，报告会说明缺少什么。",
		"What kpadvisor reads, with pods, ConfigMaps and Events in the namespaces of kube-proxy alone: a pod's manifest can hold what is nobody's business.": "kpadvisor 读取的内容，其中 Pod、ConfigMap 和 Event 只限 kube-proxy 的命名空间：Pod 的清单可能含有不应公开的内容。",
		"A proxy or a CNI plugin in another namespace is then not seen, and the report says so.":                                                             "此时看不到其他命名空间中的代理或 CNI 插件，报告会说明这一点。",
		"the version of the API server (most clusters allow this to everybody)":                                                                              "API 服务器的版本（多数集群允许所有人读取）",
		"counts, and the kernel and version of each node":                                                                                                    "数量，以及每个节点的内核和版本",
		"counts of endpoints":                                    "端点的数量",
		"how rolling updates replace pods, and how often":        "滚动更新如何替换 Pod 及其频率",
		"what programs Services on each node, and in which mode": "每个节点上由什么下发 Service，使用哪种模式",
		"Optional: marks of rolling updates while the Probe screen measures a Service, whose EndpointSlices are watched then.": "可选：测量界面测量 Service 时标记滚动更新，此时监视其 EndpointSlice。",
		"It is the only use of watch.": "这是 watch 的唯一用途。",
		"What an in-cluster probe does besides reading the cluster (\"kpadvisor rbac\" prints what that needs): it makes Jobs and Services in one namespace, follows the logs of their pods, and removes them.": "集群内测量除读取集群之外所做的事（\"kpadvisor rbac\" 会输出读取所需的权限）：在一个命名空间中创建 Job 和 Service，跟踪其 Pod 的日志，然后删除它们。",
		"No exec, no secret, no change to what is there.": "不使用 exec，不读取 Secret，不更改已有的对象。",
		"Optional, cluster-wide: the state of a node that has gone silent (get nodes), and a namespace of the run's own with --temporary-namespace (create and delete namespaces, and the rules above in a ClusterRole, for nobody knows its name beforehand).": "可选，集群范围：失去消息的节点的状态（get nodes），以及使用 --temporary-namespace 时本次运行自己的命名空间（create 和 delete namespaces，并将上述规则放入 ClusterRole，因为事先不知道其名称）。",
		"Another namespace's Service as the target: services get and endpointslices list there, and watch, without which what comes of rolling updates is not told.":                                                                                            "以其他命名空间的 Service 为目标：需要那里的 services get 和 endpointslices list，以及 watch，没有它就无法得知滚动更新的影响。",

		"What asking kube-proxies through port-forward takes besides reading the cluster (\"kpadvisor rbac\" prints what that needs): a connection into pods that use their node's network.": "通过端口转发询问 kube-proxy 除读取集群之外所需的权限（\"kpadvisor rbac\" 会输出读取所需的权限）：连接到使用节点网络的 Pod。",
		"Who has it reaches all that listens on the loopback of these nodes.": "拥有它的人可以访问这些节点环回地址上监听的一切。",
		"the answers of kube-proxy at the loopback of its node":               "kube-proxy 在其节点环回地址上的应答",
		"which pods of a node use its network":                                "节点上哪些 Pod 使用其网络",
	}
}
