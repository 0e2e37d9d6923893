package zh

// autopsy: what the advice says of the tables of nodes.
func autopsy() map[string]string {
	return map[string]string{
		"drain the node, run kube-proxy --cleanup there with the iptables backend that holds the rules, again until it ends with 0, and restart kube-proxy: it removes the rules of every mode; or replace the node": "先驱逐该节点上的 Pod，用存有规则的 iptables 后端在那里运行 kube-proxy --cleanup，直到退出码为 0，再重启 kube-proxy：它会删除所有模式的规则；或者更换节点",
		"Modes that do not run have left things behind on %s: %s.":                                                                                    "%s上有未运行的模式留下的残留：%s。",
		"A Service that is deleted still answers at a virtual server that was left behind.":                                                           "已删除的 Service 在残留的虚拟服务器上仍会应答。",
		"find out who else writes there; a restart of kube-proxy writes its own chains again, and leaves rules in the kernel's":                       "查明还有谁在那里写规则；重启 kube-proxy 会重写它自己的链，但内核自带链中的规则会留下",
		"Rules on %s are not those that kube-proxy writes for the Services that they show: %s.":                                                       "%s上的规则与 kube-proxy 为其中可见的 Service 所写的不同：%s。",
		"see the remedies of issue 81775 for these nodes; real servers that stay go with kube-proxy 1.34.4, 1.35.1 or later, or when it is restarted": "见这些节点上 issue 81775 的处理办法；滞留的真实服务器会在 kube-proxy 1.34.4、1.35.1 或更高版本中，或在重启它之后消失",
		"Issue 81775 at work on %s: IPVS sent %s that clients began to real servers that get no new ones.":                                            "issue 81775 正在%s上发生：客户端发起的%s被 IPVS 送到了不再接收新连接的真实服务器。",
		"On %s, %s of weight 0 without a connection stay.":                                                                                            "%s上有%s权重为 0 且没有连接，却一直存在。",
		"find out whose they are before a switch: on the way to nftables IPVS is emptied, and IPVS mode spares only addresses in ipvs.excludeCIDRs":   "切换之前先查明它们属于谁：切换到 nftables 时 IPVS 会被清空，而 IPVS 模式只放过 ipvs.excludeCIDRs 中的地址",
		"IPVS on %s has %s that kube-proxy did not make.":                                                                                             "%s的 IPVS 中有%s不是 kube-proxy 创建的。",

		"%s of %s mode in iptables-legacy":  "%s（%s模式，在 iptables-legacy 中）",
		"%s of %s mode in iptables-nft":     "%s（%s模式，在 iptables-nft 中）",
		"%s of %s mode":                     "%s（%s模式）",
		"the device kube-ipvs0 of %s mode":  "设备 kube-ipvs0（%s模式）",
		"%s added in %s (%s)":               "多出%s条：%s（%s）",
		"%s missing in %s (%s)":             "缺少%s条：%s（%s）",
		"%s changed in %s (%s)":             "被改%s条：%s（%s）",
		"%s in another order: %s (%s)":      "顺序不同%s处：%s（%s）",
		"%s that nothing leads to: %s (%s)": "没有规则通往的%s：%s（%s）",
		"ipsets":                            "个 ipset",
		"chains":                            "条链",
		"tables":                            "张表",
		"real servers":                      "个真实服务器",

		"the rules were not read: that takes root and the tools":                               "没有读到规则：这需要 root 和相应工具",
		"there are more rules than a report holds":                                             "规则多于一份报告所能容纳的",
		"what mode runs is not proved":                                                         "运行的模式没有得到证实",
		"this version of kube-proxy writes rules of another form, or its version is not known": "此版本的 kube-proxy 所写规则的形式不同，或其版本未知",
		"kube-proxy may have written between the tables that were read":                        "读取各表之间 kube-proxy 可能写过规则",
		"load balancer source ranges":                                                          "负载均衡器的来源范围",
		"with over 1,000 endpoints kube-proxy removes chains later":                            "端点超过 1,000 个时 kube-proxy 会晚些删除链",
		"the filter table was not read":                                                        "没有读到 filter 表",
		"the sets were not read, or are empty":                                                 "没有读到 ipset，或它们是空的",
		"this build of kpadvisor knows no rules of nftables":                                   "此版本的 kpadvisor 不知道 nftables 的规则",
	}
}

// autopsyReports: what a report says of the tables of nodes.
func autopsyReports() map[string]string {
	return map[string]string{
		"What the tables of nodes hold": "节点各表中的内容",
		"Rules are compared with those that kube-proxy 1.37 writes for the Services that the rules themselves show, of IPv4 alone. A Service of which no rule is left is not missed.": "规则与 kube-proxy 1.37 为规则中可见的 Service 所写的相比较，仅限 IPv4。一条规则都没有留下的 Service 不会被发现。",
		"left over: %s":                "残留：%s",
		"nothing left over of %s mode": "没有%s模式的残留",
		"leftovers of %s mode could not be seen, which takes root and the tools": "看不到%s模式的残留，这需要 root 和相应工具",
		"%s compared, and none differs from kube-proxy's":                        "比较了%s，与 kube-proxy 的没有不同",
		"%s compared":                     "比较了%s",
		"%s not compared: %s":             "%s未比较：%s",
		"not all compared: %s":            "未全部比较：%s",
		"no rules compared: %s":           "未比较任何规则：%s",
		"%s that kube-proxy did not make": "%s不是 kube-proxy 创建的",
		"whether all virtual servers are kube-proxy's is not known without its sets":                                  "没有它的 ipset 就不知道虚拟服务器是否都属于 kube-proxy",
		"%s whose virtual server was not seen (the kernel leaves out lines where other network namespaces have some)": "%s未见其虚拟服务器（若其他网络命名空间也有虚拟服务器，内核会遗漏若干行）",
		"addresses of Services": "个 Service 地址",
		"%s of weight 0 with connections, of which %s are established":             "%s权重为 0 但仍有连接，其中%s个已建立",
		"%s of weight 0 without a connection, %s s later still there":              "%s权重为 0 且没有连接，%s s 后仍在",
		"%s of weight 0 without a connection":                                      "%s权重为 0 且没有连接",
		"%s that clients began and IPVS sent to real servers that get no new ones": "客户端发起的%s被 IPVS 送到了不再接收新连接的真实服务器",
		"added":               "多出",
		"missing":             "缺少",
		"changed":             "被改",
		"in another order":    "顺序不同",
		"nothing leads to it": "没有规则通往它",
	}
}
