package zh

// inspection: what an inspection says while it goes on.
func inspection() map[string]string {
	return map[string]string{
		"%s and %s": "%s及%s",
		"A pod on each of these nodes reads it: %s.":     "以下每个节点上各有一个 Pod 读取该节点：%s。",
		"Node %s is not read: %s.":                       "未读取节点%s：%s。",
		"The report of node %s is cut off: %s.":          "节点%s的报告不完整：%s。",
		"%s: %d of %d":                                   "%s：%d/%d",
		"The reports are in %s, for --node-report.":      "报告在%s中，供 --node-report 使用。",
		"There was no room in it for the reports of %s.": "其中放不下%s的报告。",
	}
}

// inspectHelp: the help of inspect.
func inspectHelp() map[string]string {
	return map[string]string{
		"Read nodes by short-lived pods, and advise": "用短暂运行的 Pod 读取节点并给出建议",
		"Start a pod on one node of each group, which reads what runs there, writes a report to its log and ends; then print the advice as \"kpadvisor audit\" does. What a node says stands above what the API says of it. Before anything is made it says what, where, with which rights and what the pods can see, and asks; whatever it made it removes, however it ends.":                                          "在每组的一个节点上启动一个 Pod，读取该处实际运行的内容，把报告写入其日志，然后结束；随后像 \"kpadvisor audit\" 一样输出建议。节点的自述优先于 API 所说的。创建任何对象之前，会说明创建什么、在哪里、使用哪些权限、Pod 能看到什么，并加以询问；无论如何结束，创建的对象都会删除。",
		"A pod is on the network of its node, as uid 65532, without a capability, a token or a file of the node. With --connections it also sees the node's processes (hostPID) and counts for --for what they connect; with --deep it runs as root with NET_ADMIN alone, counts rules and follows conntrack. The namespace has to admit such pods: one that enforces the Pod Security Standard \"baseline\" does not.": "Pod 使用其节点的网络，以 uid 65532 运行，没有能力（capability）、令牌和节点的文件。使用 --connections 时还能看到节点的进程（hostPID），并在 --for 的时长内统计它们的连接；使用 --deep 时以 root 运行且只有 NET_ADMIN，统计规则并跟踪 conntrack。命名空间须准入这样的 Pod：强制执行 Pod 安全性标准 \"baseline\" 的命名空间不会准入。",
		"A node that was chosen and could not be read makes a 5 of a 0 below.":                   "选中的节点若未能读取，下面的 0 变为 5。",
		"also write the reports as they came to this file, for --node-report; never over a file": "同时把收到的报告原样写入该文件，供 --node-report 使用；绝不覆盖已有文件",
		"read all nodes, and not one of each group":                                              "读取所有节点，而不是每组一个",
		"read these nodes": "读取这些节点",
		"count the connections of all processes of the nodes, for which the pods see them (hostPID)":       "统计节点上所有进程的连接，为此 Pod 能看到这些进程（hostPID）",
		"count rules and follow conntrack, for which the pods are root with NET_ADMIN; wants --yes-really": "统计规则并跟踪 conntrack，为此 Pod 以 root 和 NET_ADMIN 运行；需要 --yes-really",
		"how long connections are counted, with --connections or --deep":                                   "使用 --connections 或 --deep 时统计连接的时长",
		"the same with --deep or on more than %d nodes, for which --yes is not enough":                     "使用 --deep 或多于%d个节点时同样如此，此时 --yes 不够",
		"namespace of the Jobs; that of the context if not given":                                          "Job 所在的命名空间；未给出则为上下文的命名空间",
		"the Role for inspect, in the namespace of its Jobs":                                               "inspect 在其 Job 的命名空间中所需的 Role",
	}
}

// inspectProblems: what can be wrong with an inspection, and what its pods see.
func inspectProblems() map[string]string {
	return map[string]string{
		"The pods are on the network of their nodes: they read kube-proxy's pages at 127.0.0.1:10249 and 10256, sysctls, and /proc/net.": "Pod 使用其节点的网络：读取 kube-proxy 在 127.0.0.1:10249 和 10256 的页面、sysctl 以及 /proc/net。",
		"They change nothing.": "它们什么都不改变。",
		"They run as root with the one capability NET_ADMIN, without a token, and see no file of the node.":                                                 "它们以 root 运行，只有 NET_ADMIN 一项能力，没有令牌，看不到节点的文件。",
		"With it they could change the network of the node; they list rules and follow the events of conntrack, in which are addresses of clients.":         "凭此能力它们可以改变节点的网络；它们只列出规则并跟踪 conntrack 事件，其中含有客户端地址。",
		"They run as uid 65532 with no capability, without a token, and see no file of the node.":                                                           "它们以 uid 65532 运行，没有任何能力，没有令牌，看不到节点的文件。",
		"They see the processes of the node (hostPID), their command lines too; they read how many connections each network namespace has begun and holds.": "它们能看到节点的进程（hostPID），包括命令行；它们读取每个网络命名空间已新建和保持的连接数。",
		"A report holds addresses of Services and of their pods, and comes by the pod's log, which whoever may read logs in the namespace can read too.":    "报告含有 Service 及其 Pod 的地址，通过 Pod 的日志传回，凡有权读取该命名空间日志的人都能读到。",
		"its pods run as root with NET_ADMIN on the network of their nodes (--deep)":                                                                        "其 Pod 在节点的网络中以 root 和 NET_ADMIN 运行（--deep）",

		"\"%s -n %s\" prints the Role to ask an administrator for.":          "\"%s -n %s\" 会输出需要向管理员申请的 Role。",
		"%q prints the Role to ask an administrator for.":                    "%s会输出需要向管理员申请的 Role。",
		"--all and --nodes exclude each other":                               "--all 和 --nodes 互斥",
		"--node and NODE_NAME take the name of a node in the Kubernetes API": "--node 与 NODE_NAME 须为节点在 Kubernetes API 中的名称",
		"--for takes a time from %s to %s":                                   "--for 的时间须在%s到%s之间",
		"--for has no use without --connections":                             "没有 --connections 时 --for 没有作用",
		"--for has no use without --connections or --deep":                   "没有 --connections 或 --deep 时 --for 没有作用",
		"writing the archive: %w":                                            "写入归档：%w",
		"There is no namespace %s.":                                          "没有命名空间%s。",
		"Name another with --namespace; --temporary-namespace makes one.":    "请用 --namespace 指定另一个；--temporary-namespace 会创建一个。",
		"reading the namespace: %w":                                          "读取命名空间：%w",
		"Namespace %s does not admit the pods: %s.":                          "命名空间%s不准入这些 Pod：%s。",
		"Namespace %s does not admit pods on the network of their node: %s.": "命名空间%s不准入使用节点网络的 Pod：%s。",
		"its label %s is %s":                                                 "其标签%s为%s",
		"\"kubectl label --overwrite namespace %s %s=%s\" admits them; --temporary-namespace makes a namespace that does.": "\"kubectl label --overwrite namespace %s %s=%s\" 即可准入；--temporary-namespace 会创建一个准入的命名空间。",
		"No node takes a pod: %s.":                                                                            "没有节点接受 Pod：%s。",
		"--tolerate a taint, or name other nodes with --nodes.":                                               "请用 --tolerate 容忍某个污点，或用 --nodes 指定其他节点。",
		"No node that runs Linux could be read.":                                                              "未能读取运行 Linux 的节点。",
		"its log was rotated while the connection was broken, and what came between is lost":                  "连接中断期间其日志发生了轮转，其间的内容已丢失",
		"its log is longer than %d MiB":                                                                       "其日志超过%d MiB",
		"the reports of all nodes together are longer than %d MiB: fewer nodes at a time have room (--nodes)": "所有节点的报告合计超过%d MiB：请一次读取较少的节点（--nodes）",
		"nothing came of its log any more":                                                                    "其日志不再有内容传来",
		"stopped before a node was read: %w":                                                                  "在读到任何节点之前已停止：%w",
		"No node could be read: %s.":                                                                          "未能读取任何节点：%s。",
		"%d nodes are not from 1 to %d":                                                                       "%d个节点不在 1 到%d之间",
		"a node is named twice":                                                                               "有节点被重复指定",
		"the time to start is not from 1s to 1h":                                                              "启动时间不在 1s 到 1h 之间",
		"no whole report within %v":                                                                           "在%v内没有完整的报告",
		"its pod runs on node ":                                                                               "其 Pod 运行在节点 ",
		"its pod was deleted":                                                                                 "其 Pod 已被删除",
		"its pod has not been made":                                                                           "其 Pod 尚未创建",
		"its pod ended without a word":                                                                        "其 Pod 未输出任何内容就已结束",
		"its pod ended before it had written everything":                                                      "其 Pod 在写完全部内容之前已结束",
		"stopped before it was read":                                                                          "在读取之前已停止",
		"no node before it could be read":                                                                     "在它之前的节点都未能读取",
		"it wrote no report: is kpadvisor in the image?":                                                      "它没有写出报告：镜像中有 kpadvisor 吗？",
		"it wrote no report, but: ":                                                                           "它没有写出报告，而是：",
		"whether the pods are admitted, in a dry run that makes none":                                         "Pod 能否被准入：以不创建任何对象的试运行得知",
		"reading nodes":                                                                                       "正在读取节点",
	}
}

// inspectRoles: comments of the role of an inspection.
func inspectRoles() map[string]string {
	return map[string]string{
		"What \"kpadvisor inspect\" does besides reading the cluster (\"kpadvisor rbac\" prints what that needs): it makes Jobs in one namespace, follows the logs of their pods, and removes them.": "\"kpadvisor inspect\" 除读取集群之外所做的事（\"kpadvisor rbac\" 会输出读取所需的权限）：在一个命名空间中创建 Job，跟踪其 Pod 的日志，然后删除它们。",
		"Whoever may make Jobs in a namespace that admits privileged pods can be root on any node: give this to whom you would give that.":                                                           "凡能在准入特权 Pod 的命名空间中创建 Job 的人，都能成为任一节点的 root：只授予可以授予该权限的人。",
		"The pods are on the network of their nodes, which the namespace has to admit:":                                                                                                              "Pod 使用其节点的网络，命名空间须准入：",
		"which pods the namespace admits":    "命名空间准入哪些 Pod",
		"the Jobs whose pods read the nodes": "其 Pod 读取节点的 Job",
		"what they read":                     "它们读取的内容",
		"Optional, cluster-wide: the state of a node that has gone silent (get nodes), and a namespace of its own with --temporary-namespace (create and delete namespaces, and the rules above in a ClusterRole, for nobody knows its name beforehand).": "可选，集群范围：失去消息的节点的状态（get nodes），以及使用 --temporary-namespace 时它自己的命名空间（create 和 delete namespaces，并将上述规则放入 ClusterRole，因为事先不知道其名称）。",
	}
}
