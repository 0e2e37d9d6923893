package zh

// picture: what charts and the faces of a report add.
func picture() map[string]string {
	return map[string]string{
		"[note]":                 "说明",
		"[step]":                 "步骤",
		"[verdict]":              "结论",
		"[min]":                  "最小",
		"[median]":               "中位数",
		"[max]":                  "最大",
		"%s (advised)":           "%s（建议）",
		"%s (estimate)":          "%s（估算）",
		"advised":                "建议",
		"estimate":               "估算",
		"measured":               "实测",
		"%s begins":              "%s开始",
		"%s ends":                "%s结束",
		"%s against %s":          "%s，随%s变化",
		"%s, 0 to %s":            "%s，0 至%s",
		"%s, over %s":            "%s，历时%s",
		"%s %% interval":         "%s %% 置信区间",
		"%s, %s %% intervals":    "%s，%s %% 置信区间",
		"connections lost":       "连接丢失",
		"second SYN":             "第二个 SYN",
		"nothing came to an end": "没有连接完成",
		"step taken":             "执行了一步",
		"marks at %s":            "标记位于%s",
		"values":                 "个值",
		"several at one place":   "同一处有多个",
		"what is known of a value, from its lowest to its highest": "一个值的已知范围，从最低到最高",
		"The numbers of this picture":                              "本图的数据",

		": ":               "：",
		"Remedy:":          "处理办法：",
		"Contents":         "目录",
		"Table":            "表格",
		"More on %s":       "%s的更多内容",
		"More on this row": "本行的更多内容",

		"↑ %s above": "↑ 上方还有%s",
		"lines":      "行",
		"more lines": "行未显示",
	}
}
