package zh

// notices: what the command line says beside reports.
func notices() map[string]string {
	return map[string]string{
		"%s:":           "%s：",
		" (default %s)": "（默认：%s）",
		"Remedy: %s":    "处理办法：%s",
		"Warning: %s":   "警告：%s",
		"Note: %s":      "注意：%s",

		"Question %d of %d: %s":                     "问题%d/%d：%s",
		"Why it matters: %s":                        "为何重要：%s",
		"A number, %s.":                             "请输入数字，单位：%s。",
		"Answer: ":                                  "回答：",
		"Enter keeps %s, from %s.":                  "按回车保留%s（来自%s）。",
		"Enter leaves it unanswered.":               "按回车则不回答。",
		"No more input: the rest stays unanswered.": "没有更多输入：其余问题不作回答。",

		"%s is not used, because %s.":                             "未使用%s，因为%s。",
		"%s are not used, because %s.":                            "未使用%s，因为%s。",
		"--facts is read instead of a cluster":                    "读取的是 --facts 而不是集群",
		"--demo takes the place of a cluster":                     "--demo 代替了集群",
		"--services describes a cluster of which nothing is read": "--services 描述的是完全不读取的集群",
		"Signing in with %s (ctrl-C to stop)":                     "正在用%s登录（按 ctrl-C 停止）",
		"reading %s":                                              "正在读取%s",
		"reading %s: %d":                                          "正在读取%s：%d",
		"reading %s: %d of %d":                                    "正在读取%s：%d/%d",
		"Threshold missed: %s":                                    "未达到阈值：%s",
		"What was measured is saved: ":                            "测得的结果已保存：",
		"What was measured could not be saved: %s.":               "无法保存测得的结果：%s。",

		"Source ports: %s": "源端口：%s",
		"Warning: source ports are reused on purpose. A Service in IPVS mode may send such connections to pods that are gone, or answer them a second late (Kubernetes issue 81775).": "警告：有意复用源端口。IPVS 模式的 Service 可能把这样的连接发往已消失的 Pod，或晚一秒应答（Kubernetes issue 81775）。",
		"%s %s: block %d of %d, %d hits, %d failed, %v": "%s %s：第%d块，共%d块，%d次请求，%d次失败，%v",
		"starting the lab":             "正在启动实验环境",
		"%s, %s Services: %.0f %%":     "%s，%s个 Service：%.0f %%",
		"%s %s: %.0f %%":               "%s %s：%.0f %%",
		"%.0f of %.0f s, speed %g: %s": "%.0f/%.0f秒，%g倍速：%s",
		"ok":                           "成功",
		"lost":                         "丢失",
		"to dead pod":                  "发往已销毁",

		": image %s, %d MB": "：镜像%s，%d MB",

		"%s: %s, kube-proxy mode %s":        "%s：%s，kube-proxy 模式%s",
		"Load: %s.":                         "负载：%s。",
		"Warning: A and B differ in the %s": "警告：A 与 B 的不同之处：%s",
		"About %v once the pods have started; without this program they end after %v at the latest.": "Pod 启动后约需%v；即使没有本程序，它们最迟也会在%v后结束。",
		"Creating %s in namespace %s":                                  "在命名空间%[2]s中创建%[1]s",
		"Rights that are used, all of them granted unless it says so:": "将使用的权限，未注明者均已授予：",
		"(denied: the run does without, and says less)":                "（被拒绝：运行仍可进行，但结果会少一些）",
		"Create these objects? [y/N] ":                                 "创建这些对象吗？[y/N] ",
		"Type really to create these objects: ":                        "要创建这些对象，请输入 really：",
		"Manifests:":                                                   "清单：",

		"Nothing of a probe is left in namespace %s.":  "命名空间%s中没有测量遗留的对象。",
		"Nothing of a probe is left in any namespace.": "所有命名空间中都没有测量遗留的对象。",
		"found":                 "找到",
		"left":                  "保留",
		"removed":               "已删除",
		"objects":               "个对象",
		"Remove %s? [y/N] ":     "删除%s吗？[y/N] ",
		"%s %s (%s)":            "%s %s（%s）",
		"run %s, made %s":       "运行%s，创建于%s",
		"run %s, made %s by %s": "运行%s，由%[3]s创建于%[2]s",
		"may be under way until %s, --running removes it all the same": "到%s为止可能仍在进行，--running 可照样删除",
	}
}
