package zh

// Seen are words of facts: they were written when a cluster was read, in English, and
// stay so in files. A key that ends in a space begins what is read.
func Seen() map[string]string {
	return map[string]string{
		"cordoned":                        "已标记为不可调度",
		"being deleted":                   "正在删除",
		"being removed by the autoscaler": "正被自动扩缩器移除",
		"out of service":                  "停止服务",
		"not ready":                       "未就绪",
		"not started":                     "未启动",
		"restarting":                      "反复重启",
		"ended":                           "已终止",
		"its taint ":                      "其污点 ",
		"report of the node, ":            "节点自述，",
		"the nodeSelector of kube-proxy's DaemonSet":  "kube-proxy DaemonSet 的 nodeSelector",
		"the node affinity of kube-proxy's DaemonSet": "kube-proxy DaemonSet 的节点亲和性",

		"nodes were not read":                                                  "没有读取节点",
		"kube-proxy pods were not read":                                        "没有读取 kube-proxy 的 Pod",
		"not all k3s nodes were read":                                          "没有读取全部 k3s 节点",
		"neither kube-proxy's image nor the kubelet says its version":          "kube-proxy 的镜像和 kubelet 都没有给出其版本",
		"the mode is unset and the version that sets the default is not known": "模式未设置，而决定默认值的版本未知",
		"kube-proxy's --config is a file on the node or in the image":          "kube-proxy 的 --config 是节点上或镜像中的文件",
		"kube-proxy's arguments are in a script or in its image":               "kube-proxy 的参数在脚本或其镜像中",
		"kube-proxy's mode is in a variable whose value is not visible":        "kube-proxy 的模式在一个看不到其值的变量中",
		"k3s starts kube-proxy with a configuration file on the node":          "k3s 用节点上的配置文件启动 kube-proxy",
		"k3s runs without kube-proxy, and what runs instead is not visible":    "k3s 不运行 kube-proxy，看不到由什么代替",

		"UK8S runs kube-proxy as a systemd unit on the node; its mode is in the cloud API (ListUK8SClusterNodeV2, KubeProxy.Mode)":             "UK8S 在节点上以 systemd 单元运行 kube-proxy；其模式在云 API 中（ListUK8SClusterNodeV2，KubeProxy.Mode）",
		"CCE shows no kube-proxy pod; the mode was chosen when the cluster was created":                                                        "CCE 看不到 kube-proxy 的 Pod；模式在创建集群时选定",
		"EKS Auto Mode runs kube-proxy as part of the node, without a pod":                                                                     "EKS Auto Mode 将 kube-proxy 作为节点的一部分运行，没有 Pod",
		"no kube-proxy pod on this EKS node":                                                                                                   "该 EKS 节点上没有 kube-proxy 的 Pod",
		"no kube-proxy and no anetd pod is visible on this GKE node":                                                                           "该 GKE 节点上看不到 kube-proxy 或 anetd 的 Pod",
		"k3s runs kube-proxy inside its own process, and this node does not say with which arguments":                                          "k3s 在自己的进程内运行 kube-proxy，而该节点没有给出所用的参数",
		"MicroK8s runs kube-proxy inside kubelite, without a pod; its arguments are in /var/snap/microk8s/current/args/kube-proxy on the node": "MicroK8s 在 kubelite 内运行 kube-proxy，没有 Pod；其参数在节点的 /var/snap/microk8s/current/args/kube-proxy 中",
		"RKE1 runs kube-proxy as a container outside Kubernetes; its arguments are in docker inspect kube-proxy on the node":                   "RKE1 在 Kubernetes 之外以容器运行 kube-proxy；在节点上用 docker inspect kube-proxy 查看其参数",
		"IBM Cloud Kubernetes Service shows no kube-proxy pod; its arguments are in the process list of the node":                              "IBM Cloud Kubernetes Service 看不到 kube-proxy 的 Pod；其参数在节点的进程列表中",
		"no kube-proxy pod and no replacement is visible on this node":                                                                         "该节点上看不到 kube-proxy 的 Pod 或其替代",
	}
}
