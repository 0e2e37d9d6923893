package zh

// releases: what release strings tell and hide.
func releases() map[string]string {
	return map[string]string{
		"RHEL 10 and its kin have neither ip_tables nor nft_compat among their base modules. Look on a node: modprobe ip_tables; modprobe nft_compat; iptables -t nat -nL":                                  "RHEL 10 及同类系统的基础模块中既没有 ip_tables 也没有 nft_compat。请在节点上查看：modprobe ip_tables; modprobe nft_compat; iptables -t nat -nL",
		"from 6.17 the legacy tables are an option of their own: iptables needs its nftables backend where they are left out. Look on a node: modprobe ip_tables; modprobe nft_compat; iptables -t nat -nL": "从 6.17 起，传统的表成为单独的选项：没有编入时，iptables 需要其 nftables 后端。请在节点上查看：modprobe ip_tables; modprobe nft_compat; iptables -t nat -nL",
		"from 6.17 the legacy tables of iptables are an option of their own, and some kernels have no ip_tables. Look on a node: modprobe ip_tables; modprobe nft_compat; iptables -t nat -nL":              "从 6.17 起，iptables 传统的表成为单独的选项，有些内核没有 ip_tables。请在节点上查看：modprobe ip_tables; modprobe nft_compat; iptables -t nat -nL",
		"IPVS mode needs ipset, which RHEL 10 and its kin no longer maintain. Look on a node: modprobe -a ip_vs ip_vs_rr":                                                                                   "IPVS 模式需要 ipset，而 RHEL 10 及同类系统不再维护它。请在节点上查看：modprobe -a ip_vs ip_vs_rr",
		"Oracle UEK has, from R7 on, the schedulers of IPVS in a package of extra modules. Look on a node: modprobe -a ip_vs ip_vs_rr":                                                                      "Oracle UEK 从 R7 起将 IPVS 的调度算法放在额外模块的软件包中。请在节点上查看：modprobe -a ip_vs ip_vs_rr",

		"%s backports fixes without changing %s":                                                                 "%s会移植修复而不改变%s这一版本号",
		"UEK R7's second number is the 5.15.y it has merged: %s":                                                 "UEK R7 的第二个数字就是它已合入的 5.15.y：%s",
		"Ubuntu maintained %d.%d itself after kernel.org did not, and its number does not tell with which fixes": "在 kernel.org 停止维护之后，Ubuntu 自行维护%d.%d，其版本号无法说明含有哪些修复",
		"%s is based on %s, by the text beside it":                                                               "%s基于%s，依据是其后的文字",
		"The patch level was not given":                                                                          "没有给出补丁级别",
		"%s is somebody's build, and 0 need not be its patch level":                                              "%s是自行构建的版本，0 不一定是它的补丁级别",
		"any of it":                              "哪一个补丁级别都有可能",
		"at most %s":                             "至多%s",
		"%s or later":                            "%s或更高版本",
		"A distribution":                         "某个发行版",
		"%s hides its patch level behind %s: %s": "%s用%s隐藏了补丁级别：%s",
		"The vendor's list of changes tells which fixes are in it.":               "厂商的变更清单会说明其中有哪些修复。",
		"Its changelog tells which fixes are in it: apt changelog linux-image-%s": "其变更日志会说明其中有哪些修复：apt changelog linux-image-%s。",
		"Look: cat /proc/version_signature":                                       "请查看：cat /proc/version_signature。",
		"Look: uname -v":                                                          "请查看：uname -v。",
		"Look: cat /proc/version_signature (Ubuntu), uname -v (Debian)":           "请查看：cat /proc/version_signature（Ubuntu）、uname -v（Debian）。",
	}
}
