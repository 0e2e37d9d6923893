package zh

// nodes: what nodes say of themselves.
func nodes() map[string]string {
	return map[string]string{
		"find out what changed: a configuration that was edited, an upgrade, or a report that is old":                                                                       "查明变化的原因：配置被修改、版本升级，或者报告已经过时",
		"1 node says something else of itself than the API, and it was taken: %s.":                                                                                          "1 个节点的自述与 API 不一致，以节点为准：%s。",
		"%s say something else of themselves than the API, and it was taken: %s.":                                                                                           "%s的自述与 API 不一致，以节点为准：%s。",
		"look into the log of kube-proxy there: its sync fails, does not end, or takes that long":                                                                           "查看该处 kube-proxy 的日志：其同步失败、无法结束，或就是要这么久",
		"Changes of Services wait for a sync of kube-proxy on %s, for at least %s: what was removed is still reached there.":                                                "%s上有 Service 变更在等待 kube-proxy 同步，至少已%s：已移除的端点在那里仍会被访问。",
		"remove the rules of the backend that kube-proxy does not use, or replace the node":                                                                                 "删除 kube-proxy 未使用的那个后端的规则，或更换节点",
		"Chains of kube-proxy are in iptables-legacy and in iptables-nft on %s: at least one of them is left over, and both are passed.":                                    "%s上 iptables-legacy 和 iptables-nft 中都有 kube-proxy 的链：其中至少一处是残留，而两处都会经过。",
		"iptables is iptables-nft on %s: its full sync grows about with the square of the chains (15,000: 13 s, 105,000: over 8 min); here %s chains, about %s (estimate).": "%s上的 iptables 是 iptables-nft：其全量同步时间大约随链数的平方增长（15,000 条：13 s，105,000 条：超过 8 分钟）；这里%s条链，约%s（估算）。",
		"the nft in kube-proxy's image can fail on sets that a newer nft on the host wrote, and nft there is 1.1.2 or later: look, nft list ruleset on such a node":         "kube-proxy 镜像中的 nft 可能无法处理主机上较新的 nft 写入的集合，而该处的 nft 为 1.1.2 或更高：在这样的节点上查看 nft list ruleset",
		"The nft of %s is %s, older than 1.0.1: it may crash on, or spoil, what kube-proxy writes in nftables mode.":                                                        "%s的 nft 为%s，早于 1.0.1：可能因 kube-proxy 在 nftables 模式下写入的内容崩溃，或破坏这些内容。",
		"kube-proxy runs in mode %s, where none was seen":                                                                                                                   "kube-proxy 以%s模式运行，而 API 中看不到它",
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
		"99th percentile":               "第 99 百分位",
		"changes waiting":               "等待中的变更",
		"And %s.":                       "另有%s。",
		"more nodes":                    "个节点",
		"Since kube-proxy started there. A median and a 99th percentile are known as the bucket of the histogram that they lie in; - is not known.": "自该处 kube-proxy 启动以来。中位数和第 99 百分位只知道落在直方图的哪个区间；- 表示未知。",
		"A report that ends too early is read as far as it goes.":                                                                                   "提前结束的报告读到哪里算哪里。",

		"a node":                       "某个节点",
		"%s (inferred)":                "%s（推断）",
		"%s (not of this cluster)":     "%s（不属于此集群）",
		"%s in iptables-legacy":        "%s（在 iptables-legacy 中）",
		"%s in iptables-nft":           "%s（在 iptables-nft 中）",
		"%s connections tracked of %s": "跟踪的连接%s个，上限%s",

		"at least %s": "至少%s",
		"modules %s":  "内核模块%s",
		"IPVS began %s new connections a second, over %s": "IPVS 每秒新建%s个连接，测量时长%s",

		"%s over %s": "%s（%s）",
		"syncs":      "次同步",
		"%s, %s more than the formula gives for the Services of this reading":  "%s，比公式按本次读取的 Service 得出的多%s条",
		"%s, %s fewer than the formula gives for the Services of this reading": "%s，比公式按本次读取的 Service 得出的少%s条",
		"%s, as many as the formula gives":                                     "%s，与公式得出的一致",
		"from the change of an endpoint to the rules %s in the mean of %s":     "从端点变更到规则生效平均%s（%s）",
		"median %s":                          "中位数%s",
		"99th percentile %s":                 "第 99 百分位%s",
		"over %s":                            "超过%s",
		"for at least %s s":                  "至少已有%s s",
		"%s of them read on the node itself": "其中%s个在节点上读取",
		"read on the node itself":            "在节点上读取",
	}
}

// nodeHelp: the help about what nodes say of themselves.
func nodeHelp() map[string]string {
	return map[string]string{
		"Print a script that reads what runs on a node": "打印读取节点实际运行情况的脚本",
		"Print a script for a node, which prints a report for --node-report: the mode as kube-proxy itself tells it, its settings and the times of its syncs, sysctls, the kernel, and which backend of iptables holds rules. What a node says stands above what the API says of it.": "打印在节点上运行的脚本，它输出供 --node-report 使用的报告：kube-proxy 自己给出的模式、其设置和同步时间、sysctl、内核，以及哪个 iptables 后端中有规则。节点的自述优先于 API 所说的。",
		"The script needs a POSIX sh and changes nothing: no module is loaded, no table is made. Root sees more than others. Its report holds addresses of Services and pods.":                                                                                                        "脚本只需要 POSIX sh，什么都不改变：不加载模块，不创建表。root 看到的比其他用户多。其报告中含有 Service 和 Pod 的地址。",
		"also count connections, and read the connection tables: addresses of clients, and many MiB":                                                                                                                                                                                  "同时统计连接并读取连接表：含有客户端地址，可达很多 MiB",
		"what \"kpadvisor node-script\" printed on a node, which stands above what the API says of it: a file, a tar of such files, - for stdin, or NODE=FILE; may be repeated":                                                                                                       "\"kpadvisor node-script\" 在节点上的输出，优先于 API 所说的：文件、这些文件的 tar、表示标准输入的 -，或 NODE=FILE；可重复",
	}
}

// nodeProblems: what can be wrong with reports of nodes.
func nodeProblems() map[string]string {
	return map[string]string{
		"%s and %s cannot both be standard input":                                                          "%s和%s不能都是标准输入",
		"%s cannot be standard input twice":                                                                "%s不能两次都是标准输入",
		"The report %s cannot be used: %s.":                                                                "报告%s不可用：%s。",
		"Write one with \"kpadvisor node-script | ssh NODE sh > FILE\".":                                   "用 \"kpadvisor node-script | ssh NODE sh > FILE\" 生成一份。",
		"Name the node as \"kubectl get nodes\" does: --node-report NODE=FILE.":                            "按 \"kubectl get nodes\" 中的名称给出节点：--node-report NODE=FILE。",
		"it holds %s, and one name was given":                                                              "其中有%s，却只给了一个名称",
		"it holds no report of kpadvisor node-script":                                                      "其中没有 kpadvisor node-script 的报告",
		"it holds more than %s reports":                                                                    "其中的报告多于%s份",
		"its format is %s, and this version reads %s":                                                      "其格式为%s，而本版本读取%s",
		"its first line has no word that marks its sections":                                               "其第一行没有标记各节的词",
		"it is no tar archive from some byte on":                                                           "从某个字节起它不是 tar 归档",
		"a file of the archive cannot be read: %w":                                                         "无法读取归档中的一个文件：%w",
		"it may be of the network of a pod: no kube-proxy answered on loopback, and it has no rules there": "可能属于某个 Pod 的网络：没有 kube-proxy 在环回地址上应答，其中也没有它的规则",
		"with conn_reuse_mode 0 connections on reused 5-tuples are not counted":                            "conn_reuse_mode 为 0 时不计入复用五元组的连接",
		"the files of the archive are larger than %d MiB together":                                         "归档中的文件总共大于%d MiB",
		"the archive holds too many files":                                                                 "归档中的文件太多",
		"the archive holds no report of kpadvisor node-script":                                             "归档中没有 kpadvisor node-script 的报告",
		"the archive holds too many reports":                                                               "归档中的报告太多",
		"it cannot be decompressed: %w":                                                                    "无法解压：%w",
		"There are several reports of node %s; the last one is taken.":                                     "节点%s有多份报告；采用最后一份。",
		"The report of %s is of a node of which there is another one, and is not used.":                    "%s的报告所属的节点已有另一份报告，未使用。",
		"The report of %s could be of several nodes of that name, and is not used.":                        "%s的报告可能属于多个同名节点，未使用。",
		"The report of %s is of no node of this cluster, and is not used.":                                 "%s的报告不属于此集群的任何节点，未使用。",
		"The report of %s fits no node group of this cluster, and is not used.":                            "%s的报告不符合此集群的任何节点组，未使用。",
		"The report of %s could be of any of %s, and is not used: names of nodes are not known here.":      "%s的报告可能属于%s中的任何一个，未使用：这里不知道节点名称。",
		"Reports that were kept without names may be of the same nodes as those given now.":                "之前保存的不带名称的报告可能与现在给出的报告属于相同的节点。",
		"a node without a name":                                                                            "一个没有名称的节点",
	}
}
