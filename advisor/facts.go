package advisor

import (
	"time"

	"kpadvisor/advisor/release"
)

// Origin says where facts come from.
type Origin string

// The origins of facts.
const (
	FromCluster  Origin = "cluster"  // read from an API server
	FromSnapshot Origin = "snapshot" // read from a file that kpadvisor snapshot wrote
	FromTyped    Origin = "typed"    // given as flags
	FromDemo     Origin = "demo"     // made up, embedded in the program
)

// Facts is what is known of one cluster.
type Facts struct {
	Origin  Origin       `json:"origin"`
	Name    string       `json:"name,omitempty"`    // context or demo name; empty in a snapshot without names
	TakenAt time.Time    `json:"takenAt,omitzero"`  // when the read ended
	Version Fact[string] `json:"kubernetesVersion"` // the API server's, as "v1.33.4"

	Platform Fact[Platform] `json:"platform"`
	// Totals are the server's own word on how many objects there are: the first
	// thing to be known, and all there is of a list that was not read in full.
	Totals    Totals               `json:"totals"`
	Services  Fact[ServiceCounts]  `json:"services"`
	Endpoints Fact[EndpointCounts] `json:"endpoints"`
	Load      Fact[Load]           `json:"load"`
	// OtherLoad is that of the other IP family, where Load.DualStack: a connection
	// costs what the rules of its own family cost, and a node holds both.
	OtherLoad Fact[Load] `json:"otherLoad,omitzero"`
	// PortsByEndpoints spreads the ports of Load over their numbers of endpoints,
	// ascending: what a lab needs to be like this cluster. Empty where Load was not
	// read port by port.
	PortsByEndpoints []PortCount     `json:"portsByEndpoints,omitempty"`
	Nodes            Fact[int]       `json:"nodes"`
	Groups           []NodeGroup     `json:"nodeGroups,omitempty"` // sorted: Linux first, most nodes first, then by text
	Workloads        Fact[Workloads] `json:"workloads"`
	// RolloutsPerDay is derived from creation times of ReplicaSets and ControllerRevisions.
	RolloutsPerDay Fact[float64] `json:"rolloutsPerDay"`
	// Components is software beside kube-proxy that a change of mode concerns, by
	// name; what is not in it was not seen, which is not the same as not there.
	Components []Component `json:"components,omitempty"`
	// NodeReports are what nodes said of themselves, by name; the groups have it already.
	NodeReports []NodeReport `json:"nodeReports,omitempty"`

	Coverage Coverage `json:"coverage"`
}

// Totals count objects, whatever they cost kube-proxy. They come from
// metadata.remainingItemCount of a list cut short, which Kubernetes documents as
// an estimate.
type Totals struct {
	Services       Fact[int] `json:"services"`
	EndpointSlices Fact[int] `json:"endpointSlices"`
}

// ServiceCounts counts Service objects and the ports that cost kube-proxy something.
type ServiceCounts struct {
	Total        int `json:"total"`        // all Service objects
	Counted      int `json:"counted"`      // those kube-proxy programs: Total less the next three
	Headless     int `json:"headless"`     // clusterIP None
	ExternalName int `json:"externalName"` // no virtual IP at all
	OtherProxy   int `json:"otherProxy"`   // label service.kubernetes.io/service-proxy-name: not kube-proxy's

	// Of the counted ones:
	ClusterIP        int `json:"clusterIP"`    // type ClusterIP
	NodePort         int `json:"nodePort"`     // type NodePort
	LoadBalancer     int `json:"loadBalancer"` // type LoadBalancer
	Ports            int `json:"ports"`        // spec.ports entries
	NodePorts        int `json:"nodePorts"`    // spec.ports entries with a node port
	ExternalIPs      int `json:"externalIPs"`
	LoadBalancerIPs  int `json:"loadBalancerIPs"`
	SessionAffinity  int `json:"sessionAffinity"` // ClientIP
	ExternalLocal    int `json:"externalTrafficPolicyLocal"`
	InternalLocal    int `json:"internalTrafficPolicyLocal"`
	DualStack        int `json:"dualStack"`
	WithoutEndpoints int `json:"withoutEndpoints"` // no ready endpoint, and none serving while terminating
	UDPPorts         int `json:"udpPorts"`
	SCTPPorts        int `json:"sctpPorts"`
	// LongNames counts Services with a namespace/name:port of more than 128 bytes.
	LongNames int `json:"longNames,omitempty"`
}

// EndpointCounts counts the endpoints of EndpointSlices that belong to counted
// Services. An endpoint is one entry of one slice; kube-proxy uses addresses[0].
type EndpointCounts struct {
	Slices      int    `json:"slices"`
	Total       int    `json:"total"`
	IPv4        int    `json:"ipv4"`
	IPv6        int    `json:"ipv6"`
	FQDN        int    `json:"fqdn"` // address type FQDN: not programmed
	Ready       int    `json:"ready"`
	Serving     int    `json:"serving"`               // serving, whether or not terminating
	Terminating int    `json:"terminating"`           // terminating, whether or not serving
	Largest     int    `json:"largest"`               // usable endpoints of the largest Service
	LargestName string `json:"largestName,omitempty"` // namespace/name; empty in a snapshot without names
	WithHints   int    `json:"withHints,omitempty"`   // with hints of zones or nodes: a node then programs only its own, if all of a port have them
}

// Load sums, for the IP family with most ports, what kube-proxy multiplies into
// rules. A port is one (ClusterIP, protocol, port); k is its usable endpoints.
// The sums are exact inputs of the formulas of advisor/estimate.go.
type Load struct {
	Family                string `json:"family"`    // IPv4 or IPv6
	DualStack             bool   `json:"dualStack"` // the other family holds rules as well
	Ports                 int    `json:"ports"`
	PortsWithoutEndpoints int    `json:"portsWithoutEndpoints"` // k = 0
	PortsWithOneEndpoint  int    `json:"portsWithOneEndpoint"`  // k = 1
	Endpoints             int    `json:"endpoints"`             // sum of k over ports
	AffinityPorts         int    `json:"affinityPorts"`         // ClientIP and k > 0
	AffinityEndpoints     int    `json:"affinityEndpoints"`     // sum of k over those
	NodePorts             int    `json:"nodePorts"`             // ports with a node port and k > 0
	NodePortsLocal        int    `json:"nodePortsLocal"`        // of those, externalTrafficPolicy Local
	NodePortEndpoints     int    `json:"nodePortEndpoints"`     // sum of k over NodePorts
	ExternalIPPorts       int    `json:"externalIPPorts"`       // ports x external IPs, k > 0
	LoadBalancerPorts     int    `json:"loadBalancerPorts"`     // ports x load-balancer IPs, k > 0
	ExternalEndpoints     int    `json:"externalEndpoints"`     // sum of k over the last two
	SourceRanges          int    `json:"sourceRanges"`          // ports x load-balancer IPs x loadBalancerSourceRanges
	SourceRangePorts      int    `json:"sourceRangePorts"`      // ports with loadBalancerSourceRanges and k > 0
}

// PortCount is how many ports have so many usable endpoints.
type PortCount struct {
	Endpoints int `json:"endpoints"`
	Ports     int `json:"ports"`
}

// Component is software beside kube-proxy that a change of mode concerns.
type Component struct {
	Name    ComponentName `json:"name"`
	Version string        `json:"version,omitempty"` // as "v3.28.1"; empty if its image does not say
	Setting string        `json:"setting,omitempty"` // what bears on the mode: "linuxDataplane Iptables", "lb_enable"
	Source  string        `json:"source"`            // object and key
}

// ComponentName names software that a change of mode concerns.
type ComponentName string

// The components that are recognised. The first ones are CNI plugins: a cluster
// where none of them was seen has one that is not known.
const (
	ComponentCalico       ComponentName = "Calico"
	ComponentCilium       ComponentName = "Cilium"
	ComponentFlannel      ComponentName = "Flannel"
	ComponentAntrea       ComponentName = "Antrea"
	ComponentKubeRouter   ComponentName = "kube-router"
	ComponentWeave        ComponentName = "Weave Net"
	ComponentKubeOVN      ComponentName = "Kube-OVN"
	ComponentVPCCNI       ComponentName = "Amazon VPC CNI"
	ComponentTerway       ComponentName = "Terway"
	ComponentKindnet      ComponentName = "kindnet"
	ComponentNodeLocalDNS ComponentName = "NodeLocal DNSCache"
	ComponentKubeVIP      ComponentName = "kube-vip"
	ComponentMetalLB      ComponentName = "MetalLB"
	ComponentKeepalived   ComponentName = "keepalived"
)

// isCNI reports a CNI plugin.
func (n ComponentName) isCNI() bool {
	switch n {
	case ComponentNodeLocalDNS, ComponentKubeVIP, ComponentMetalLB, ComponentKeepalived:
		return false
	}
	return n != ""
}

// NodeGroup is a set of nodes alike in everything that bears on the advice.
type NodeGroup struct {
	Nodes   int    `json:"nodes"` // 0 where nobody counted them: typed facts
	OS      string `json:"os"`    // linux or windows
	Arch    string `json:"arch"`
	OSImage string `json:"osImage"`
	Kernel  string `json:"kernel"`  // uname -r, empty if not reported
	Kubelet string `json:"kubelet"` // "v1.33.4"
	Proxy   Proxy  `json:"proxy"`
	// Managed names what runs these nodes where nobody can choose a kube-proxy
	// mode on them: "Fargate", "EKS Auto Mode", "virtual-kubelet", "KWOK", ... They
	// are named and weigh nothing. Empty for ordinary nodes.
	Managed string `json:"managed,omitempty"`
	// Leaving says why nodes are on their way out: "NotReady since 2026-08-02",
	// "cordoned". They are named and do not decide.
	Leaving string `json:"leaving,omitempty"`
	// Spared says why kube-proxy's DaemonSet puts no pod on these nodes, which is
	// not the same as a replacement: "its taint dedicated=storage:NoSchedule".
	Spared    string   `json:"spared,omitempty"`
	NodeNames []string `json:"nodeNames,omitempty"` // at most 3 examples; only with names
	// Members are the names of all nodes of the group, while they were just read
	// from a cluster: in no file, and never shown.
	Members []string `json:"-"`
}

// Proxy is what is known of the thing that programs Services on a node group.
type Proxy struct {
	Implementation Fact[Implementation] `json:"implementation"`
	// Mode is known only for kube-proxy. A mode that was left unset is Known
	// with the default of that version, and Defaulted is true.
	Mode      Fact[Mode]   `json:"mode"`
	Defaulted bool         `json:"defaulted,omitempty"`
	Version   Fact[string] `json:"version"`         // kube-proxy's own, as "v1.33.4"
	Stale     int          `json:"stale,omitempty"` // nodes whose pod is older than the configuration it reads
	// Failing counts nodes whose kube-proxy pod does not run or is not ready:
	// what it is configured to do is not in force there. FailingWhy says why, as
	// the kubelet does: "CrashLoopBackOff", "ImagePullBackOff", "not ready".
	Failing    int    `json:"failing,omitempty"`
	FailingWhy string `json:"failingWhy,omitempty"`
	// Beside is the mode of a kube-proxy that also runs where Implementation is
	// another: left behind, or for what the other leaves to it.
	Beside Fact[Mode] `json:"beside,omitzero"`
	// Partial says what handles a part of the Service traffic before kube-proxy
	// does: "Cilium, kube-proxy-replacement partial", "Terway DataPath V2".
	Partial  string      `json:"partial,omitempty"`
	Evidence []Evidence  `json:"evidence,omitempty"` // strongest first; all that was found, also what disagrees
	Config   ProxyConfig `json:"config"`
	// Sysctls are live values where somebody read them (net.ipv4.vs.*); empty otherwise.
	Sysctls map[string]int `json:"sysctls,omitempty"`
	// SysctlNodes is on how many nodes of the group they were read, and 0 where they are
	// of the whole group; where nodes disagree Sysctls hold the worse value. SysctlDoubts
	// says so, a clause each.
	SysctlNodes  int      `json:"sysctlNodes,omitempty"`
	SysctlDoubts []string `json:"sysctlDoubts,omitempty"`
	// SysctlOf are the names of these nodes, while they were just read: in no file. Not all
	// of them where some have none; then SysctlNodes is how many there are at least.
	SysctlOf []string `json:"-"`
	// IPTables is the backend of iptables, and NFT the version of nft (the oldest, where
	// they differ), where every node of the group told it itself. Else they are guessed from
	// the OS image.
	IPTables Fact[release.Backend] `json:"iptablesBackend,omitzero"`
	NFT      Fact[string]          `json:"nftVersion,omitzero"`
	// Reports counts the nodes of the group whose own reports were read, and Proved those
	// of them where kube-proxy itself told its mode. They speak for these nodes alone.
	Reports int `json:"nodeReports,omitempty"`
	Proved  int `json:"proved,omitempty"`
	// Differs is in what they say something else than the API, which yields to them.
	Differs []Difference `json:"differs,omitempty"`
}

// Evidence is one sign of how Services are programmed.
type Evidence struct {
	Source   string `json:"source"`             // "ConfigMap kube-system/kube-proxy, key config.conf, field mode"
	Says     string `json:"says"`               // "ipvs", "unset", "no kube-proxy pods", ...
	Conflict bool   `json:"conflict,omitempty"` // disagrees with what was concluded
}

// ProxyConfig holds the settings beside the mode that change the advice. Nil or
// unknown means not seen.
type ProxyConfig struct {
	MinSyncPeriod     Fact[time.Duration] `json:"minSyncPeriod"` // of the mode in force
	Scheduler         Fact[string]        `json:"scheduler"`     // IPVS; "" means rr
	NodePortAddresses Fact[[]string]      `json:"nodePortAddresses"`
	TCPBeLiberal      Fact[bool]          `json:"tcpBeLiberal"`
	StrictARP         Fact[bool]          `json:"strictARP"`
	DetectLocalMode   Fact[string]        `json:"detectLocalMode,omitzero"` // how local pods are told: "ClusterCIDR", "BridgeInterface", ...
	ExcludeCIDRs      Fact[[]string]      `json:"excludeCIDRs,omitzero"`    // IPVS: addresses of other users of IPVS that kube-proxy spares
	MetricsOnAll      Fact[bool]          `json:"metricsOnAllAddresses"`    // :10249 reachable from outside the node
	MetricsPort       int                 `json:"metricsPort,omitempty"`    // where not 10249
}

// Workloads is what rolling updates look like here.
type Workloads struct {
	Deployments   int `json:"deployments"`
	StatefulSets  int `json:"statefulSets"`
	DaemonSets    int `json:"daemonSets"`
	Rolling       int `json:"rolling"`     // those of all three that replace pods while others serve
	Recreate      int `json:"recreate"`    // Recreate or OnDelete
	WithPreStop   int `json:"withPreStop"` // every container that has a port, or any if none has
	WithReadiness int `json:"withReadiness"`
	// GracePeriodMedian is of terminationGracePeriodSeconds over all workloads.
	GracePeriodMedian time.Duration `json:"gracePeriodMedianNs"`
	// RevisionsInWindow is the number of ReplicaSets and ControllerRevisions made within Window before TakenAt.
	RevisionsInWindow int           `json:"revisionsInWindow"`
	Window            time.Duration `json:"windowNs"`
}

// Coverage lists what was not read. It travels into every output.
type Coverage struct {
	Missing []Missing `json:"missing,omitempty"`
	// Pending: the read goes on, and what is not known may still come. What is kept of a
	// read has ended, so no file says this.
	Pending bool `json:"-"`
}

// Missing is one thing that was not read, or not wholly.
type Missing struct {
	What  string `json:"what"` // "EndpointSlices", "ConfigMap kube-system/kube-proxy", ...
	Why   Why    `json:"why"`
	Hides string `json:"hides"`           // what cannot be said because of it: "rollout rate"
	Read  int    `json:"read,omitempty"`  // objects read before it stopped
	Total int    `json:"total,omitempty"` // objects there are, if the server said
}

// Complete reports whether everything was read.
func (c Coverage) Complete() bool { return len(c.Missing) == 0 }

// Reading is a survey as far as it has come, for a screen that fills in.
type Reading struct {
	Facts Facts
	Stage string // what is being read: "EndpointSlices"; empty before and after
	Read  int    // objects of that stage so far
	Total int    // objects of that stage, 0 if not known
	Done  bool
	Err   error // why there is nothing to show (no kubeconfig, unreachable, ...); a partial read is not an error
}
