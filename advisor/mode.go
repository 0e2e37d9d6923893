package advisor

// Mode is a kube-proxy mode as kube-proxy spells it in its configuration.
type Mode string

// The modes. Userspace (removed in 1.26) and kernelspace (Windows) are read but
// never recommended.
const (
	IPTables    Mode = "iptables"
	IPVS        Mode = "ipvs"
	NFTables    Mode = "nftables"
	Userspace   Mode = "userspace"
	Kernelspace Mode = "kernelspace"
)

// Modes are the three that can be recommended, in the order they are listed in.
func Modes() []Mode { return []Mode{IPTables, IPVS, NFTables} }

// Implementation is what turns Services into forwarding rules on a node.
type Implementation string

// The implementations that can be told apart through the API.
const (
	KubeProxy     Implementation = "kube-proxy"
	Cilium        Implementation = "Cilium"
	DataplaneV2   Implementation = "GKE Dataplane V2"
	CalicoEBPF    Implementation = "Calico eBPF"
	CalicoVPP     Implementation = "Calico VPP"
	AntreaProxy   Implementation = "Antrea (proxyAll)"
	KubeRouter    Implementation = "kube-router" // its own IPVS proxy: shares issue 81775
	OVNKubernetes Implementation = "OVN-Kubernetes"
)

// Platform is a way to run Kubernetes that decides where kube-proxy's
// configuration lives and how a change of mode is rolled out.
type Platform string

// The platforms whose objects are recognised (see advisor/cluster).
const (
	Kubeadm   Platform = "kubeadm"
	Kind      Platform = "kind"
	EKS       Platform = "EKS"
	EKSAuto   Platform = "EKS Auto Mode"
	AKS       Platform = "AKS"
	GKE       Platform = "GKE"
	K3s       Platform = "k3s"
	RKE2      Platform = "RKE2"
	OpenShift Platform = "OpenShift"
	Kops      Platform = "kops"
	Talos     Platform = "Talos"
	UK8S      Platform = "UK8S"
	ACK       Platform = "ACK"
	TKE       Platform = "TKE"
	CCE       Platform = "CCE"

	MicroK8s   Platform = "MicroK8s"
	RKE1       Platform = "RKE1"
	IKS        Platform = "IBM Cloud Kubernetes Service"
	MicroShift Platform = "MicroShift"
)
