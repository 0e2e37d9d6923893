package zh

// answers: the screen of habits, and the help of the screens.
func answers() map[string]string {
	return map[string]string{
		"as you said on %s": "您在%s的回答",
		"A click points at a row, a second one opens it, and the wheel scrolls; with shift held (option on macOS) the terminal selects text.": "单击指向一行，再次单击打开，滚轮可滚动；按住 Shift（macOS 上为 Option）时由终端选择文字。",
		"advice":                      "建议",
		"answer":                      "回答",
		"That was the last question.": "问题已全部问完。",
		" goes to the advice; ":       " 查看建议；",
		" goes back.":                 " 返回上一题。",
		"Question %d of %d":           "问题%d/%d",
		"not answered; the survey may still tell":           "未回答；集群读完后可能得知",
		"not answered: it counts as unknown, never as zero": "未回答：按未知处理，绝不当作零",
		"Why it matters: ":      "为何重要：",
		"your answer":           "您的回答",
		"from the command line": "来自命令行",
		"answered":              "已回答",
		"from the cluster":      "来自集群",
		"Answered":              "已回答",
		"Answers":               "回答",
		"With this answer":      "选择此答案后",
		"So far":                "截至目前",
		"as now: ":              "不变：",
		"no node is exposed":    "没有节点受影响",
		"likelihood not known":  "发生可能性未知",

		"3 Advice shows this and does not weigh it: %s.":                                              "“3 建议”会显示该结果，但不计入判断：%s。",
		"3 Advice shows this and does not weigh it: the kernel that it was measured on is not known.": "“3 建议”会显示该结果，但不计入判断：测量所在的内核未知。",
		"3 Advice shows this and does not weigh it: no node has kernel %s.":                           "“3 建议”会显示该结果，但不计入判断：没有节点使用内核%s。",
		"3 Advice takes this in: %s with kernel %s.":                                                  "“3 建议”已计入该结果：%s使用内核%s。",

		"Keys here": "本屏的按键",
		"All keys":  "全部按键",
		"(? again: all keys; any other key closes this help)": "（再按 ? 显示全部按键；按其他任意键关闭帮助）",
		"(any other key closes this help)":                    "（按其他任意键关闭帮助）",
		"Words":                                               "用语",
		"computed from counts by a formula with a source; never measured":      "根据数量按有出处的公式计算，绝非实测",
		"could not be read, or was not answered; never taken for zero":         "无法读取或未回答；绝不当作零",
		"the rule that says so; e on Advice explains each":                     "得出该结论的规则；“建议”屏的 e 逐条说明",
		"Answer while the cluster is being read: no screen waits for another.": "读取集群时就可以回答问题：各屏互不等待。",
	}
}
