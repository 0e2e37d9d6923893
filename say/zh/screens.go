package zh

// screens: what stands around every screen.
func screens() map[string]string {
	return map[string]string{
		"To the terminal's clipboard (OSC 52): ": "已发送到终端的剪贴板（OSC 52）：",
		"[Cluster]":                              "集群",
		"[Habits]":                               "使用习惯",
		"[Advice]":                               "建议",
		"[Probe]":                                "测量",
		"kpadvisor needs %d columns and %d rows and has %d by %d: enlarge the terminal, or press q and run kpadvisor audit.": "kpadvisor 需要%d列%d行，当前为%d列%d行：请放大终端，或按 q 退出后运行 kpadvisor audit。",
		"no cluster":                       "没有集群",
		"DEMO":                             "演示",
		"TYPED":                            "手动输入",
		"SNAPSHOT":                         "快照",
		"The probe is running: ":           "测量正在进行：",
		"4 Probe shows and stops it":       "在“4 测量”中查看或停止",
		"Not read: ":                       "没有读取：",
		" and %d more":                     "，另有%d项",
		"; 1 Cluster says what that hides": "；影响见“1 集群”",
		"connecting…":                      "正在连接…",

		"Not saved: ":                      "未能保存：",
		"Saved: ":                          "已保存：",
		"Not copied: ":                     "未能复制：",
		"Too long for a clipboard: ":       "内容过长，无法放入剪贴板：",
		"%s bytes; s saves a file":         "%s字节；按 s 保存为文件",
		"Sent to the terminal's clipboard": "已发送到终端的剪贴板",
		" (OSC 52). If nothing arrived: s saves a file": "（OSC 52）。如果没有收到：按 s 保存为文件",
	}
}
