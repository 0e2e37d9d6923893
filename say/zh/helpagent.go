package zh

// helpAgent: help of what runs in the pods of kpadvisor inspect.
func helpAgent() map[string]string {
	return map[string]string{
		"Read this node in a pod, for kpadvisor inspect": "在 Pod 中读取本节点，供 kpadvisor inspect 使用",

		"Read the node that this pod is on, and write a report for --node-report to standard output. It changes nothing and asks no API server.": "读取该 Pod 所在的节点，并将供 --node-report 使用的报告写到标准输出。不改变任何内容，也不访问 API 服务器。",

		"count the connections of all processes, which must be visible (hostPID)": "统计所有进程的连接，这些进程必须可见（hostPID）",
		"follow conntrack and count rules, as root with NET_ADMIN":                "跟踪 conntrack 并统计规则，需以 root 身份并具有 NET_ADMIN",
		"how long connections are counted":                                        "统计连接的时长",
		"name of the node in the Kubernetes API, if not that in NODE_NAME":        "节点在 Kubernetes API 中的名称，若与 NODE_NAME 不同",
	}
}
