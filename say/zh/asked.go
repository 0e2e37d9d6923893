package zh

// askedHelp: the help about nodes that are asked over the network.
func askedHelp() map[string]string {
	return map[string]string{
		"Nodes, asked over the network": "通过网络询问节点",
		"ask kube-proxy itself for its mode, settings and metrics, through port-forward to a pod that uses the node's network: on one node of each group, or =all, or =NODE,...; nothing is created": "通过到使用节点网络的 Pod 的端口转发，直接询问 kube-proxy 的模式、设置和指标：每组一个节点，或 =all，或 =NODE,...；不创建任何东西",
		"read the metrics of kube-proxy, and of IPVS from node_exporter, from the Prometheus server at this URL":                                                                                     "从此 URL 的 Prometheus 服务器读取 kube-proxy 的指标，以及 node_exporter 的 IPVS 指标",
		"label matchers for the series of this cluster, such as 'cluster=\"prod\"'":                                                                                                                  "此集群的序列的标签匹配条件，例如 'cluster=\"prod\"'",
		"time that rates of connections are taken over":                                                                                                                                              "计算连接速率所用的时长",
		"file with a bearer token for Prometheus; PROMETHEUS_TOKEN may hold one instead":                                                                                                             "存放 Prometheus 的 bearer 令牌的文件；也可放在 PROMETHEUS_TOKEN 中",
		"file with certificates that sign that of Prometheus":                                                                                                                                        "存放签发 Prometheus 证书的证书的文件",
		"file with a client certificate for Prometheus":                                                                                                                                              "存放 Prometheus 客户端证书的文件",
		"file with its key":                          "存放其密钥的文件",
		"do not check the certificate of Prometheus": "不检查 Prometheus 的证书",
		"the Role for --port-forward, in the namespace of the pods that use their node's network":                                          "用于 --port-forward 的 Role，位于使用节点网络的 Pod 所在的命名空间",
		"a saved page of kube-proxy's metrics (curl 127.0.0.1:10249/metrics on a node), as NODE=FILE or NODE=- for stdin; may be repeated": "保存的 kube-proxy 指标页面（在节点上 curl 127.0.0.1:10249/metrics），写作 NODE=FILE，或以 NODE=- 表示标准输入；可重复",
	}
}

// askedProblems: what can be wrong when nodes are asked through port-forward, or with a
// saved page of metrics.
func askedProblems() map[string]string {
	return map[string]string{
		"--metrics %s names no node: it is NODE=FILE":                                                 "--metrics %s没有给出节点：应为 NODE=FILE",
		"The metrics %s cannot be used: %s.":                                                          "指标%s不可用：%s。",
		"Write them with \"curl 127.0.0.1:10249/metrics > FILE\" on the node.":                        "请在节点上用 \"curl 127.0.0.1:10249/metrics > FILE\" 生成。",
		"it holds no metrics of kube-proxy":                                                           "其中没有 kube-proxy 的指标",
		"--namespaced, --probe, --inspect and --port-forward print different roles: give one of them": "--namespaced、--probe、--inspect 和 --port-forward 输出不同的角色：请只给出其中一个",
		"kube-proxy is asked for /proxyMode, /configz and /metrics at the loopback of its node, through port-forward to a pod that uses the node's network.": "通过端口转发，经由使用节点网络的 Pod，在节点回环地址上向 kube-proxy 询问 /proxyMode、/configz 和 /metrics。",
		"Which pods run on the node is asked of the API server. Nothing is created.":                                                                         "节点上运行哪些 Pod 由 API 服务器告知。不创建任何对象。",
		"The Prometheus server at %s is asked for the metrics of the nodes. Nothing is created.":                                                             "向位于%s的 Prometheus 服务器询问各节点的指标。不创建任何对象。",

		"There is no node that could be asked through port-forward.":             "没有可以通过端口转发询问的节点。",
		"Give a report of a node instead: kpadvisor node-script, --node-report.": "请改为给出节点的报告：kpadvisor node-script、--node-report。",
		"This user may not %s.": "此用户无权%s。",
		"\"kpadvisor rbac --port-forward -n %s\" prints the Role to ask for.":                                 "\"kpadvisor rbac --port-forward -n %s\" 会输出需要申请的 Role。",
		"No kube-proxy answered through port-forward.":                                                        "没有 kube-proxy 通过端口转发作答。",
		"kube-proxy on %s was not asked: %s.":                                                                 "没有问到%s上的 kube-proxy：%s。",
		"no pod that uses the node's network runs there":                                                      "那里没有运行使用节点网络的 Pod",
		"this user may not create pods/portforward in the namespaces of the pods that use the node's network": "在使用节点网络的 Pod 所在的命名空间中，此用户无权 create pods/portforward",
		"it did not answer within %v":                                                                         "它在%v内没有作答",
		"nothing answers at 127.0.0.1:%d: no kube-proxy runs there, or its metricsBindAddress is another":     "127.0.0.1:%d没有应答：那里没有运行 kube-proxy，或其 metricsBindAddress 是别的地址",
		"what answers at 127.0.0.1:%d is no kube-proxy":                                                       "在 127.0.0.1:%d应答的不是 kube-proxy",
		"it redirects":                            "它重定向到别处",
		"%s was not answered":                     "%s没有得到应答",
		"%s was answered with %d":                 "%s得到的应答是%d",
		"%s cannot be read: %w":                   "%s无法读取：%w",
		"the connection does not become a tunnel": "该连接没有变成隧道",
		"opening a stream of the tunnel: %w":      "打开隧道中的流：%w",
	}
}

// prometheusProblems: what can be wrong with Prometheus.
func prometheusProblems() map[string]string {
	return map[string]string{
		"%s is of no use without --prometheus":                                               "没有 --prometheus 时，%s无用",
		"--prometheus-window %v is below 0, or 0":                                            "--prometheus-window %v小于或等于 0",
		"--prometheus-client-certificate and --prometheus-client-key go together":            "--prometheus-client-certificate 和 --prometheus-client-key 须一起给出",
		"The address of Prometheus is no URL.":                                               "Prometheus 的地址不是 URL。",
		"Give it as https://prometheus.example.com or http://127.0.0.1:9090.":                "请写作 https://prometheus.example.com 或 http://127.0.0.1:9090。",
		"Credentials would go to Prometheus unencrypted.":                                    "凭据会未经加密地发给 Prometheus。",
		"Name it by https://, or through \"kubectl port-forward\" by http://127.0.0.1:PORT.": "请用 https:// 指定，或通过 \"kubectl port-forward\" 用 http://127.0.0.1:PORT 指定。",
		"What tells the series of this cluster apart is no label matcher.":                   "用来区分此集群序列的不是标签匹配条件。",
		"Give it as 'cluster=\"prod\"', with several separated by commas.":                   "请写作 'cluster=\"prod\"'，多个之间用逗号分隔。",
		"The token for Prometheus is none: it holds blanks, or letters that are not ASCII.":  "Prometheus 的令牌不是令牌：其中有空白，或不是 ASCII 的字符。",
		"Give a file that holds the token alone.":                                            "请给出只含令牌的文件。",
		"it holds no certificate in PEM":                                                     "其中没有 PEM 格式的证书",
		"The %s for Prometheus in %s cannot be used: %s.":                                    "%[2]s中用于 Prometheus 的%[1]s不可用：%[3]s。",
		"Name another file.":                                 "请指定另一个文件。",
		"it redirects to another server":                     "它重定向到另一台服务器",
		"the answer is too large":                            "应答太大",
		"the answer is not that of Prometheus":               "应答不是 Prometheus 的",
		"writing the report of a node: %w":                   "写节点的报告：%w",
		"Prometheus at %s does not let this user read (%d).": "位于%s的 Prometheus 不让此用户读取（%d）。",
		"Give a token with --prometheus-token-file or PROMETHEUS_TOKEN, or a certificate with --prometheus-client-certificate.": "请用 --prometheus-token-file 或 PROMETHEUS_TOKEN 给出令牌，或用 --prometheus-client-certificate 给出证书。",

		"Prometheus at %s does not answer the query: %s.":                                                  "位于%s的 Prometheus 没有回答查询：%s。",
		"Prometheus at %s redirects to another server, to which nothing was sent.":                         "位于%s的 Prometheus 重定向到另一台服务器，没有向其发送任何东西。",
		"If that is Prometheus, name it by that address.":                                                  "如果那就是 Prometheus，请用那个地址指定它。",
		"Prometheus at %s answers more than is read of it.":                                                "位于%s的 Prometheus 的应答超出了可读取的量。",
		"Narrow it with --prometheus-match, as in 'cluster=\"prod\"'.":                                     "请用 --prometheus-match 缩小范围，例如 'cluster=\"prod\"'。",
		"Prometheus at %s answers, but not as Prometheus does.":                                            "位于%s的服务器有应答，但不是 Prometheus 那样的应答。",
		"Prometheus at %s has a certificate that nobody known here signed.":                                "位于%s的 Prometheus 的证书不是由此处已知者签发的。",
		"Prometheus at %s has a certificate that is not valid for it.":                                     "位于%s的 Prometheus 的证书对它无效。",
		"Prometheus at %s does not speak HTTPS.":                                                           "位于%s的 Prometheus 不使用 HTTPS。",
		"Name it by http://.":                                                                              "请用 http:// 指定它。",
		"Prometheus at %s cannot be found: there is no such name.":                                         "找不到位于%s的 Prometheus：没有这个名称。",
		"Prometheus at %s refuses connections.":                                                            "位于%s的 Prometheus 拒绝连接。",
		"Prometheus at %s does not answer within %v.":                                                      "位于%s的 Prometheus 在%v内没有应答。",
		"Prometheus at %s cannot be read: %s.":                                                             "无法读取位于%s的 Prometheus：%s。",
		"Name the address that Prometheus itself answers at; \"curl URL/-/healthy\" says whether it does.": "请指定 Prometheus 自身应答的地址；\"curl URL/-/healthy\" 可查明它是否应答。",
		"Give the certificates that sign the server's with --prometheus-certificate-authority.":            "请用 --prometheus-certificate-authority 给出签发服务器证书的证书。",

		"Prometheus at %s has no metrics of kube-proxy, nor of IPVS from node_exporter.":                                            "位于%s的 Prometheus 既没有 kube-proxy 的指标，也没有 node_exporter 的 IPVS 指标。",
		"Let it scrape port 10249 of the nodes, or widen --prometheus-match.":                                                       "请让它抓取节点的 10249 端口，或放宽 --prometheus-match。",
		"Prometheus at %s has metrics of %s, and none is of a node of this cluster.":                                                "位于%s的 Prometheus 有%s的指标，其中没有此集群的节点的。",
		"Let the targets have a label node with the name of their node, or name this cluster's with --prometheus-match.":            "请让抓取目标带有标签 node，其值为节点名称，或用 --prometheus-match 指定此集群的目标。",
		"Prometheus has metrics of %s from %s, of no node of this cluster: they are not used.":                                      "Prometheus 中%s的指标来自%s，不属于此集群的任何节点，未使用。",
		"Prometheus has metrics of %s from several targets for %s, and they are not used: --prometheus-match tells clusters apart.": "Prometheus 中%s的指标对%s各有多个目标，未使用：--prometheus-match 可区分集群。",
		"Of %s that Prometheus has metrics of, %s are read, of each group in turn.":                                                 "Prometheus 有其指标的%s中，读取了%s个，各组轮流。",
	}
}
