package zh

// problemsOfForms: what is wrong with what was typed on the screens, and with what they
// keep.
func problemsOfForms() map[string]string {
	return map[string]string{
		"target A is missing":                                             "缺少目标 A",
		"%s: %s is not a whole number":                                    "%s：%s不是整数",
		"%s: %s is not a number above 0":                                  "%s：%s不是大于 0 的数字",
		"rate: %s is not a number above 0":                                "速率：%s不是大于 0 的数字",
		"rate: %s is above %s":                                            "速率：%s超过了%s",
		"blocks: %d is not from 1 to %d":                                  "块数：%d不在 1 到%d之间",
		"requests or time: %s is neither a number nor a time such as 30s": "请求数或时间：%s既不是数字，也不是 30s 这样的时间",
		"source ports: %s is not kernel, a range such as 20000-29999, or reuse and a range": "源端口：%s不是 kernel、20000-29999 这样的范围，或 reuse 加范围",
		"what A and B run: %s is not iptables, ipvs or nftables":                            "A 和 B 的模式：%s不是 iptables、ipvs 或 nftables",
		"what A and B run: say it of both, or of neither":                                   "A 和 B 的模式：请两者都填，或都不填",
		"what A and B run: both the same says nothing about another mode; leave both empty": "A 和 B 的模式：两者相同无法说明另一种模式；请都留空",
		"modes: %s is none of %s":                                                                "模式：%s不是以下之一：%s",
		"place of target: %s is not random, first, middle or last":                               "目标位置：%s不是 random、first、middle 或 last",
		"kernel: %s is neither this machine nor uml":                                             "内核：%s既不是本机也不是 uml",
		"old pod: %s is neither drains nor lost":                                                 "旧 Pod：%s既不是正常退出也不是丢失",
		"image: pods need an image that holds kpadvisor; \"kpadvisor image -o FILE\" writes one": "镜像：Pod 需要含有 kpadvisor 的镜像；\"kpadvisor image -o FILE\" 可生成",
		"node for A and node for B: name both, or neither":                                       "A 的节点和 B 的节点：请两者都给出，或都不给",
		"nodes on each side: %d does not go with nodes that are named, or is none":               "每侧节点数：%d与指定的节点不符，或为零",
		"at once":            "同时连接数",
		"blocks":             "块数",
		"services":           "Service 数量",
		"endpoints each":     "每个的端点数",
		"connections":        "连接数",
		"load":               "负载",
		"rate":               "速率",
		"speed":              "速度",
		"source ports":       "源端口",
		"nodes on each side": "每侧节点数",

		"the lab says neither what it measured nor why not":        "实验环境既没有给出测量结果，也没有给出原因",
		"the screen stopped because of a defect in kpadvisor: %w":  "界面因 kpadvisor 的缺陷而停止：%s",
		"could not show the screen: %w":                            "无法显示界面：%s",
		"a defect in kpadvisor":                                    "kpadvisor 的缺陷",
		"no cluster to read":                                       "没有可读取的集群",
		"it is of version %d, and this kpadvisor reads version %d": "其版本为%d，而本 kpadvisor 只能读取版本%d",
		"%q is no day such as 2026-11-30":                          "%q不是 2026-11-30 这样的日期",
		"it holds more than there is to keep":                      "其内容超出可保留的范围",
		"it holds more steps than a runbook has":                   "其步骤多于操作手册",
		"%q is nothing that is kept":                               "%q不是可保留的内容",
		"it is no ordinary file":                                   "它不是普通文件",
	}
}
