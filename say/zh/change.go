package zh

// change: the request for a change of mode.
func change() map[string]string {
	return map[string]string{
		"change request":                         "变更申请",
		"Change request: move to %s":             "变更申请：改用%s",
		"No change is asked for: %s":             "不申请变更：%s",
		"What stands in the way":                 "尚有哪些障碍",
		"cannot run %s on %s: %s":                "%[2]s不能运行%[1]s：%[3]s",
		"not known whether %s can run on %s: %s": "不知道%[2]s能否运行%[1]s：%[3]s",
		"Nothing that this program knows of: every node that counts can run %s as it is.":     "据本程序所知没有：参与判断的每个节点目前都能运行%s。",
		"Nothing that this program knows of; but whether every node can run %s is not known.": "据本程序所知没有；但不知道是否每个节点都能运行%s。",

		"Rehearsed: issue 81775, in drills": "已演练：issue 81775",
		"The change itself was not rehearsed: a drill replaces a pod in each mode, and does not go from one mode to another.": "变更本身没有演练：演练在每种模式下替换一个 Pod，并不从一种模式换到另一种。",
		"Rehearsal":              "演练",
		"Nothing was rehearsed.": "没有做过演练。",
		"a drill of issue 81775 on this machine, in every mode, and the request with what it saw:": "在本机以每种模式演练 issue 81775，再把结果写入申请：",

		"Measurements": "测量",
		"Nothing was measured: every time in this document is an estimate, or was measured elsewhere.": "没有做过测量：本文档中的时间都是估算，或在别处测得。",
		"the modes beside one another on this machine:":                                                "在本机并排测量各模式：",
		"two nodes of the cluster that run different modes:":                                           "测量集群中模式不同的两个节点：",

		"the request with both:":                             "把两者写入申请：",
		"a new connection in one mode minus another, median": "新建连接：一种模式减另一种，中位数",
		"%s, not weighed":                                    "%s，不计入判断",
		"%s - %s, a new connection, %s":                      "%s - %s，新建连接，%s",

		"Go on, stop or go back": "继续、停止或回退",
		"Look at these on each node before the next one. To stop means no further node; to go back, this one as well.":                                                                       "在每个节点上查看以下各项，再处理下一个节点。停止指不再处理其他节点；回退指该节点也退回。",
		"Nobody has published how slow a new connection may become, or how many may fail, before a change is stopped, and no figure is made up here: compare with what you measured before.": "没有人公布过新建连接慢到多少、失败多少时应停止变更，这里也不编造数字：请与事前测得的结果比较。",
		"What you measured before": "事前测得的结果",
		"the same Service from the same node, a few times before the change and after it; the comparison says what has changed": "从同一节点对同一 Service 在变更前后各测几次；比较会说明有何变化",
		"go on: %s":      "继续：%s",
		"stop: %s":       "停止：%s",
		"go back: %s":    "回退：%s",
		"founded on: %s": "依据：%s",

		"Rollback":                        "回退",
		"In force before the change: %s.": "变更之前生效的模式：%s。",
		"Issue 81775 there: %s.":          "该模式下的 issue 81775：%s。",
		"For example %s.":                 "例如%s。",

		"What is left out":           "省略的内容",
		"How to check this document": "如何核对本文档",
		"All of it follows from the facts, answers and results that are kept as data at the end of the HTML file. This makes it again from them, and says whether it is the same, byte for byte:": "全文都由 HTML 文件末尾作为数据保存的事实、回答和结果得出。以下命令用这些数据重新生成文档，并指出是否逐字节相同：",
		"with the same version of the program":       "使用相同版本的程序",
		"SHA-256 of the data: %s":                    "数据的 SHA-256：%s",
		"Whether the data are true it does not say.": "它不说明数据是否属实。",
		"Names of nodes, Services and the cluster, and addresses, are left out; --with-names keeps them.":                       "节点、Service 和集群的名称以及地址均已略去；--with-names 会保留它们。",
		"It names nodes, Services and the cluster.":                                                                             "文中含有节点、Service 和集群的名称。",
		"The data that this document was made from":                                                                             "生成本文档所用的数据",
		"The change request %s is what its data make, byte for byte (kpadvisor %s). Whether the data are true it does not say.": "变更申请%s与其数据生成的内容逐字节相同（kpadvisor %s）。它不说明数据是否属实。",
	}
}

// helpChange: the command that writes it.
func helpChange() map[string]string {
	return map[string]string{
		"Write a change request: one file with all that decides it": "写出变更申请：一个文件，包含决策所需的全部内容",
		"Write one file for whoever grants the change: the decision, what stands in the way, what was rehearsed and measured (--measured), the runbook, when to go on, to stop and to go back, and the rollback. It is HTML without scripts, or Markdown or text if FILE ends in .md or .txt. Names of nodes, Services and the cluster, and addresses, are left out as in a snapshot; --with-names keeps them.": "为批准变更的人写出一个文件：决策、尚有哪些障碍、演练和测量的结果（--measured）、操作手册、何时继续、停止和回退，以及回退办法。它是不含脚本的 HTML；FILE 以 .md 或 .txt 结尾时为 Markdown 或纯文本。节点、Service 和集群的名称以及地址像快照一样略去；--with-names 会保留它们。",
		"The HTML file holds the data that all of it was made from. --verify makes it again from them, and says whether it is the same, byte for byte: a word that somebody changed is found. Whether the data are true it does not say.":                                                                                                                                                                       "HTML 文件中保存着生成全文所用的数据。--verify 用这些数据重新生成，并指出是否逐字节相同：被人改动的字句会被发现。它不说明数据是否属实。",
		"failure: no cluster could be read, or the file could not be written; with --verify: the file is not what its data make, or cannot be read":                                                                                                                                                                                                                                                             "失败：无法读取任何集群，或无法写出文件；使用 --verify 时：文件与其数据生成的内容不同，或无法读取",
		"something could not be read: the file is written then as well, and says what is missing; with --verify: another version of the program made the file, so that nothing can be compared":                                                                                                                                                                                                                 "有内容无法读取：此时仍会写出文件，并注明缺少什么；使用 --verify 时：文件由其他版本的程序生成，因此无法比较",
		"written; with --verify: the same, byte for byte":                                   "已写出；使用 --verify 时：逐字节相同",
		"ask for this mode, advised or not, instead of what is advised: %s":                 "申请改用该模式（无论是否建议），而不是所建议的模式：%s",
		"say whether this file (- for stdin) is what its data make, instead of writing one": "指出该文件（- 表示标准输入）是否与其数据生成的内容相同，不写出文件",
	}
}

// problemsOfRequests: what is wrong with a file that is to be verified.
func problemsOfRequests() map[string]string {
	return map[string]string{
		"--output names a file here, such as change.html, and %s was given":                                                           "此处 --output 指定文件，例如 change.html，却给出了%s",
		"a change request is .html, .md or .txt, and --output ends in %s":                                                             "变更申请的扩展名为 .html、.md 或 .txt，而 --output 以%s结尾",
		"The change request was not written: %s.":                                                                                     "变更申请没有写出：%s。",
		"The change request %s cannot be verified: %s.":                                                                               "无法核对变更申请%s：%s。",
		"it is not what this build of kpadvisor makes of its data, and %s may be another build that made it: they cannot be compared": "它与本程序用其数据生成的内容不同，而生成它的可能是另一个同名构建（%s）：无法比较",
		"Verify it with the very program that wrote it.":                                                                              "请用写出它的那个程序核对。",
		"The change request cannot be made: %s.":                                                                                      "无法生成变更申请：%s。",
		"Leave out what it names, such as a file of --measured, and write the request again.":                                         "请去掉它所指的内容（例如 --measured 的某个文件），然后重新生成。",
		"a drill does not see %q":                                                                                                     "演练不会得出%s",
		"Verify it with kpadvisor %s.":                                                                                                "请用 kpadvisor %s核对。",
		"Name a file that \"kpadvisor report -o FILE.html\" wrote.":                                                                   "请指定 \"kpadvisor report -o FILE.html\" 写出的文件。",
		"The change request %s is not what its data make: the first difference is %s, line %s.":                                       "变更申请%s与其数据生成的内容不同：第一处不同在%s，第%s行。",
		"no text": "空白",
		"Ask who changed it: it has %s where %s belongs.": "请询问是谁改动的：其中是%s，而此处应为%s。",
		"in the section %q":        "章节%q",
		"in the data at its end":   "末尾的数据",
		"before the first section": "第一个章节之前",

		"it was made by kpadvisor %s, and this is %s: they cannot be compared":         "它由 kpadvisor %s生成，而本程序为%s：无法比较",
		"it holds no data of a change request":                                         "其中没有变更申请的数据",
		"its data cannot be used: %w":                                                  "其数据无法使用：%s",
		"the data in it are not those of a change request":                             "其中的数据不属于变更申请",
		"their schema is %q and this version reads %q":                                 "其 schema 为%q，而本版本读取%q",
		"they are of a document in the language %q, which this version does not write": "它们属于语言为%q的文档，而本版本不写该语言",
		"they ask for the mode %q, and there is none of that name":                     "它们申请模式%q，而没有该名称的模式",
		"what was measured cannot be: %w":                                              "测得的结果不可能：%s",
		"there is no backend %q of iptables":                                           "iptables 没有后端%q",
		"a sweep does not come to %q":                                                  "扫描不会得出%q",
		"a sweep has measured at no size":                                              "扫描没有在任何规模上测量",
		"the sizes of a sweep do not ascend":                                           "扫描的规模不是递增的",
		"there is no mode %q":                                                          "没有模式%q",
		"%s is compared with itself":                                                   "%s与自身比较",
		"%s is no count of anything":                                                   "%s不是数量",
		"%s rows are more than %s":                                                     "%s行超过上限%s行",
		"a name of %s bytes is longer than %s":                                         "名称长%s字节，超过上限%s字节",
		"a difference lies outside its interval":                                       "差异在其区间之外",
		"connections do not come %q":                                                   "连接不会以%q的方式到来",
	}
}
