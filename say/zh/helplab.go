package zh

// helpLab: help of what measures on this machine.
func helpLab() map[string]string {
	return map[string]string{
		"Build the modes side by side on this machine and measure them": "在本机并排搭建各种模式并测量",
		"Build kube-proxy's modes side by side on this machine and measure new connections through each, with the kernel's real rules. Nothing of the host is read or changed: all of it lives in namespaces that vanish with the program. Linux only; neither root nor a cluster is needed. A lab measures rule lookup on this kernel, not your cluster.": "在本机并排搭建 kube-proxy 的各种模式，用内核真实的规则测量经过每种模式的新建连接。不读取也不更改主机的任何内容：一切都在命名空间（namespace）中，随程序结束而消失。仅限 Linux；不需要 root，也不需要集群。实验环境测量的是本机内核上的规则查找，不是您的集群。",
		"Connections come in two ways. Hot: one after the other, so that the CPU's caches hold the rules; the least that a mode costs. Cold: now and then, the caches emptied before each; what a busy node sees, and all that counts in advice.":                                                                                                          "连接有两种方式。热：一个接一个，规则保持在 CPU 缓存中；这是模式的最低开销。冷：间隔发出，每次之前清空缓存；这是繁忙节点的情况，建议只以此为准。",
		"failure: no mode could be measured, or a result could not be written": "失败：没有任何模式能测量，或无法写出结果",
		"measured; a mode that cannot run here is listed with the reason":      "已测量；无法在此运行的模式会连同原因列出",

		"Measure every mode at one number of Services":                "在同一 Service 数量下测量每种模式",
		"number of Services, of one port each":                        "Service 的数量，每个一个端口",
		"Measure every mode at many sizes, and where they break even": "在多种规模下测量每种模式，以及它们在何处持平",
		"The numbers are those of the UK8S guide's own test, whose figures stand beside, and 10,000; --quick takes three of them, in about a minute (in user-mode Linux about six).": "规模取自 UK8S 指南自己的测试（其数据列在旁边），另加 10,000；--quick 只取其中三个，约需一分钟（在用户态 Linux 中约六分钟）。",
		"only %s Services":                            "只测%s个 Service",
		"numbers of Services, of one port each":       "各个 Service 数量，每个一个端口",
		"endpoints of each Service; the guide had 20": "每个 Service 的端点数；指南中为 20",
		"take the ports and endpoints per port from this snapshot file (- for stdin), or from the \"current\" cluster": "从该快照文件（- 表示标准输入）或当前集群（\"current\"）取得端口数和每个端口的端点数",
		"of %s (default all); direct is measured always":                                                               "取自%s（默认全部）；direct 总会测量",
		"of %s (default all)": "取自%s（默认全部）",
		"first, middle, last or random: the target's place among the rules in the tables; all are measured":                                             "first、middle、last 或 random：表格中所示目标在规则中的位置；所有位置都会测量",
		"of the random place, the order of rules and that of blocks; 0 draws one, which the report names":                                               "随机位置、规则顺序和块顺序的种子；0 表示随机抽取，报告会注明",
		"how often each mode is built, with a new order of rules each time (default 3, for one size 6)":                                                 "每种模式搭建多少次，每次规则顺序不同（默认 3，只测一种规模时为 6）",
		"connections per second of the cold load":                                                                                                       "冷负载的每秒连接数",
		"MiB of other memory written before each cold connection":                                                                                       "每个冷连接之前写入的其他内存，以 MiB 计",
		"rules of iptables mode for each port: 1, or 2 as kube-proxy wrote until 1.21":                                                                  "iptables 模式下每个端口的规则数：1，或 2（1.21 及之前 kube-proxy 的写法）",
		"here, or uml: a user-mode Linux, which has IPVS where this kernel has not":                                                                     "here（本机），或 uml：用户态 Linux，在本机内核没有 IPVS 时使用",
		"the user-mode Linux to boot, implies --in uml; make uml-kernel builds one with every mode (default Debian's linux.uml, which has no nftables)": "要启动的用户态 Linux，隐含 --in uml；make uml-kernel 可构建支持所有模式的内核（默认为 Debian 的 linux.uml，它没有 nftables）",
		"also write the result to this file: CSV, Markdown or HTML if it ends in .csv, .md or .html, else JSON":                                         "同时将结果写入该文件：以 .csv、.md 或 .html 结尾时为 CSV、Markdown 或 HTML，否则为 JSON",

		"Lose connections to issue 81775, and see what helps": "重现 issue 81775 造成的连接丢失，并查看什么有效",
		"See Kubernetes issue 81775 happen, and see what takes it away: one pod of a Service is replaced while a client opens short connections whose source ports come round within IPVS's 120 s, once for every configuration, all at the same time. What is lost, and what still goes to the dead pod, is counted phase by phase and set beside the decision table that the advice uses.": "亲眼看到 Kubernetes issue 81775 发生，以及什么能消除它：在客户端建立短连接、源端口在 IPVS 的 120 秒内循环使用时，替换 Service 的一个 Pod；每种配置一次，同时进行。逐阶段统计丢失的连接和仍发往已销毁 Pod 的连接，并与建议所用的判定表并列。",
		"Nothing of the host is read or changed: all of it lives in namespaces that vanish with the program. Linux only; neither root nor a cluster is needed. IPVS needs a kernel that has it: --in uml boots one. A drill holds for the kernel it ran on; \"kpadvisor audit --measured FILE\" weighs a saved one for nodes with it.":                                                       "不读取也不更改主机的任何内容：一切都在命名空间（namespace）中，随程序结束而消失。仅限 Linux；不需要 root，也不需要集群。IPVS 需要支持它的内核：--in uml 会启动一个。演练只对运行它的内核有效；\"kpadvisor audit --measured FILE\" 会将已保存的演练用于使用该内核的节点。",
		"of IPVS: the values of net.ipv4.vs.conn_reuse_mode to try": "IPVS：要尝试的 net.ipv4.vs.conn_reuse_mode 的值",
		"of IPVS: those of net.ipv4.vs.expire_nodest_conn":          "IPVS：要尝试的 net.ipv4.vs.expire_nodest_conn 的值",
		"of IPVS: those of net.ipv4.vs.conntrack":                   "IPVS：要尝试的 net.ipv4.vs.conntrack 的值",
		"try what the node groups of this snapshot file (- for stdin) have: the modes, and in IPVS mode what kube-proxy of their version leaves on their kernel": "按该快照文件（- 表示标准输入）中各节点组的情况尝试：其模式，以及 IPVS 模式下该版本 kube-proxy 在其内核上留下的设置",
		"lose the pod with its node, before kube-proxy hears of it, instead of draining it":                                                                      "Pod 随其节点一起突然丢失，kube-proxy 事先不知道，而不是正常退出",
		"how many times faster kubelet and kube-proxy act than they do, 1 to %d; the kernel's times stay":                                                        "kubelet 和 kube-proxy 的动作比实际快多少倍，1 到%d；内核的时间不变",
		"new connections per second to each Service":                                                                                                             "到每个 Service 的每秒新建连接数",
		"source ports the client takes in turn":                                                                                                                  "客户端轮流使用的源端口数",
		"pods of each Service; one is replaced":                                                                                                                  "每个 Service 的 Pod 数；其中一个会被替换",
		"the client's patience with one connection":                                                                                                              "客户端等待一个连接的时限",
	}
}
