package zh

// lab: the page on a lab.
func lab() map[string]string {
	return map[string]string{
		"A lab measures rule lookup on this kernel, not your cluster.": "实验环境测量的是该内核上的规则查找，不是您的集群。",
		"lab":      "实验环境",
		"[first]":  "首位",
		"[middle]": "中间",
		"[last]":   "末位",
		"[random]": "随机",
		"[cold]":   "冷",
		"[hot]":    "热",
		"builds":   "次搭建",
		"New connection, hot (one after the other): p10 in µs, target %s":          "新建连接，热（一个接一个）：p10，单位 µs，目标位置：%s",
		"New connection, cold (%g per second): median in µs, target in the middle": "新建连接，冷（每秒%g个）：中位数，单位 µs，目标位置：中间",
		"[guide ipt ms]":  "指南 ipt ms",
		"[guide IPVS ms]": "指南 IPVS ms",
		"guide: the UK8S guide's mean connect time, in ms, of ab with 1,000 connections at once (2019, 20 endpoints per Service, 2 rules per port): another quantity. Compare where the columns cross, not their height.": "指南：UK8S 指南中 ab 以 1,000 个并发连接测得的平均建立连接耗时，单位 ms（2019 年，每个 Service 20 个端点，每个端口 2 条规则）：这是另一种量。请比较各列在何处交叉，不要比较高低。",
		"Curves: a hot connection":  "曲线：热连接",
		"Curves: a cold connection": "曲线：冷连接",

		"What a new connection costs more: µs, 95 % interval over builds":                                                      "新建连接多用的时间：µs，按多次搭建得出的 95 % 置信区间",
		"~ is not detected: this run could have shown no difference smaller than the one named.":                               "~ 表示未检测到：小于所列数值的差异，本次运行无法检测。",
		"Connection tracking alone, which direct has as every pod has: %s µs cold, %s µs hot (direct minus the same without).": "仅连接跟踪一项（direct 与每个 Pod 一样都有）：冷%s µs，热%s µs（direct 减去不做连接跟踪的情况）。",
		"nftables costs %s µs cold and %s µs hot beyond that: lookup and address translation.":                                 "在此之外，nftables 的开销为冷%s µs、热%s µs：查找和地址转换。",
		"%s %s by %.1f µs (standard deviation of %s)":                                                                          "%s %s %.1f µs（%s的标准差）",
		"The check: what modes cost over direct that do not depend on the number of Services varied all the same: %s.":         "校验：与 Service 数量无关的模式，相对 direct 的开销仍有波动：%s。",

		"Break-even, measured with the target in the middle":                                            "持平点，目标位于中间时的实测",
		"the guide: IPVS from about %s Services on":                                                     "指南：约%s个 Service 起用 IPVS",
		"%s becomes dearer than %s at %s Services (95 %% interval %s to %s)":                            "%s从%[3]s个 Service 起比%[2]s开销更高（95 %% 置信区间%[4]s至%[5]s）",
		"%s is dearer than %s from %s Services on at the latest; below that no difference was detected": "最迟从%[3]s个 Service 起，%[1]s比%[2]s开销更高；低于该规模时未检测到差异",
		"one size, or one build of each, says nothing about where %s and %s change places":              "只有一种规模，或每种只搭建了一次，无法说明%s与%s在何处交换高低",
		"no break-even of %s and %s was detected within the noise":                                      "在噪声范围内未检测到%s与%s的持平点",

		"[cold µs]":    "冷 µs",
		"[hot p10]":    "热 p10",
		"[program ms]": "下发 ms",
		"[change ms]":  "变更 ms",
		"Failed connections, which stand in no time: %s.":                                                                "失败的连接（不计入任何耗时）：%s。",
		"Where among %s the target is: p10 in µs":                                                                        "目标在%s中的位置：p10，单位 µs",
		"kube-proxy writes Services in random order at every sync, so that the middle is where a Service is on average.": "kube-proxy 每次同步都以随机顺序写入 Service，因此平均而言 Service 位于中间。",
		"Not measured": "未测量",
		"at %s: %s":    "%s时：%s",

		"How it was measured": "测量方法",
		"From a client pod to a ClusterIP, with direct to the pod itself: %s of each mode and size, with the rules in a new order each, %s of %s per build and place, in balanced order, seed %d.":                                                                                 "从客户端 Pod 到 ClusterIP，direct 则直接到 Pod：每种模式和规模%s，每次规则顺序不同；每次搭建、每个位置各%s，每块%s，顺序均衡，随机种子%d。",
		"hot: one connection after the other, so that the CPU's caches hold the rules; p10, for other work on this machine only makes it slower. It is the least that a mode costs.":                                                                                               "热：连接一个接一个，规则保持在 CPU 缓存中；取 p10，因为本机的其他工作只会使其变慢。这是模式的最低开销。",
		"cold: %g connections per second at random times, the CPU awake, %d MiB of other memory written before each: the CPU's own caches hold nothing of the rules, as on a node that does other work between two connections. Cold figures count in advice, hot ones are shown.": "冷：每秒%g个连接，时刻随机，CPU 保持活跃，每个连接之前写入%d MiB 的其他内存：CPU 自己的缓存中没有规则，如同节点在两个连接之间还做其他工作。建议以冷的数据为准，热的数据仅供参考。",
		"CPU: of the client, per hot connection. program: all rules from nothing. change: one endpoint's. MiB: of kernel memory, others' use included.":                                                                                                                            "CPU：客户端每个热连接所用。下发：从无到有写入全部规则。变更：一个端点的变化。MiB：内核内存，含其他程序所用。",
		"Booted: ": "启动的内核：",
	}
}
