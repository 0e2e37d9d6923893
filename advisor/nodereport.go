package advisor

import "time"

// NodeReport is what one node said of itself, read by package node. It stands above
// what the API says of that node, and of no other.
type NodeReport struct {
	// Node is the name it goes by: its host name, or as somebody named it. Only with names.
	Node string `json:"node,omitempty"`
	// Placed is whether a node of the cluster was found for it: then it is part of its group.
	Placed bool `json:"placed,omitempty"`
	Whole  bool `json:"whole"` // it ended as it should: nothing was cut off
	Root   bool `json:"root"`  // read by root

	// OSImage is the system whose programs the report was read with, as the kubelet names
	// it: the node's, or that of a container.
	OSImage Fact[string] `json:"osImage,omitzero"`
	Kernel  Fact[string] `json:"kernel"` // uname -r, and the stable release where it is written beside it
	Mode    Fact[Mode]   `json:"mode"`   // as kube-proxy itself answered
	// Inferred is the mode that metrics of kube-proxy show where it was not asked itself.
	Inferred Fact[Mode]   `json:"inferredMode,omitzero"`
	Version  Fact[string] `json:"version"` // kube-proxy's, as "v1.33.4"
	Config   ProxyConfig  `json:"config"`  // as kube-proxy itself has it

	Sysctls      map[string]int `json:"sysctls,omitempty"` // net.ipv4.vs.*, of the node and not of a pod
	SysctlDoubts []string       `json:"sysctlDoubts,omitempty"`
	PortLow      Fact[int]      `json:"localPortLow"` // net.ipv4.ip_local_port_range
	PortHigh     Fact[int]      `json:"localPortHigh"`

	Conntrack    Fact[int] `json:"conntrackEntries"`
	ConntrackMax Fact[int] `json:"conntrackMax"`

	Syncs []SyncTimes `json:"syncs,omitempty"` // by kind and family
	// Waiting is for how long at least changes had been waiting for a sync when the report
	// was made, in whole seconds: as long as the newest of them had; 0 where none was.
	Waiting Fact[time.Duration] `json:"waitingNs"`
	// Rules is what kube-proxy counts of its own in iptables mode, IPv4, nat and filter.
	Rules Fact[int] `json:"iptablesRules"`

	Backends NodeBackends `json:"backends"`
	// NewConnections is how many connections a second IPVS began, over Over; AtLeast where
	// it may not have counted those on a reused 5-tuple: conn_reuse_mode is 0, or not known.
	NewConnections Fact[float64] `json:"ipvsConnectionsPerSecond"`
	AtLeast        bool          `json:"ipvsConnectionsAtLeast,omitempty"`
	Over           time.Duration `json:"overNs,omitempty"`
	// Habits are how connections are made there, a method each.
	Habits []NodeHabits `json:"habits,omitempty"`
	// Autopsy is what its tables say; nil where nobody looked.
	Autopsy *NodeAutopsy `json:"autopsy,omitempty"`
}

// Above is what r says and, for what it does not tell, what another report says that was
// made at the same time.
func (r NodeReport) Above(other NodeReport) NodeReport {
	or(&r.Kernel, other.Kernel)
	or(&r.Mode, other.Mode)
	if !r.Mode.IsKnown() {
		or(&r.Inferred, other.Inferred)
	}
	or(&r.Version, other.Version)
	or(&r.Waiting, other.Waiting)
	or(&r.Rules, other.Rules)
	if len(r.Syncs) == 0 {
		r.Syncs = other.Syncs
	}
	if !r.NewConnections.IsKnown() {
		r.NewConnections, r.AtLeast, r.Over = other.NewConnections, other.AtLeast, other.Over
	}
	if len(r.Habits) == 0 {
		r.Habits = other.Habits
	}
	return r
}

func or[T any](f *Fact[T], other Fact[T]) {
	if !f.IsKnown() {
		*f = other
	}
}

// NodeBackends is what holds rules of kube-proxy on a node, and what writes them.
type NodeBackends struct {
	IPTablesVersion Fact[string] `json:"iptablesVersion"` // of the node's own, as "1.8.9 (nf_tables)"
	NFTVersion      Fact[string] `json:"nftVersion"`
	// Modules are the modules of the kernel that are loaded, of those that the modes use; where
	// there is no list of them, the parts that /sys/module names. What is built in need not be there.
	Modules        []string   `json:"modules,omitempty"`
	LegacyChains   Fact[int]  `json:"legacyChains"` // KUBE chains in the nat table of iptables-legacy
	NFTChains      Fact[int]  `json:"nftChains"`    // the same of iptables-nft
	NFTables       Fact[bool] `json:"nftablesTable"`
	IPSets         Fact[int]  `json:"ipsets"`         // named KUBE-
	VirtualServers Fact[int]  `json:"virtualServers"` // in IPVS, whoever made them
}

// SyncTimes are the syncs of one kind since kube-proxy started.
type SyncTimes struct {
	Kind   SyncKind      `json:"kind"`
	Family string        `json:"family,omitempty"` // IPv4 or IPv6; empty before kube-proxy 1.33
	Count  int           `json:"count"`
	Sum    time.Duration `json:"sumNs"`
	// Half and Most are where the median and the 99th percentile lie. A histogram knows
	// the buckets they are in and nothing between their bounds.
	Half TimeRange `json:"median"`
	Most TimeRange `json:"p99"`
}

// Mean is exact: the histogram has the sum.
func (t SyncTimes) Mean() time.Duration {
	if t.Count <= 0 {
		return 0
	}
	return t.Sum / time.Duration(t.Count)
}

// SyncKind says which syncs a histogram is of.
type SyncKind string

// The kinds. IPVS mode tells full and partial syncs not apart: it knows full ones alone.
const (
	AllSyncs     SyncKind = "all"
	FullSyncs    SyncKind = "full"
	PartialSyncs SyncKind = "partial"
	// Programming is from the change of an endpoint to the rules that follow it.
	Programming SyncKind = "programming"
)

// TimeRange is a time known to lie above Low and not above High. Unknown is one of which
// there were too few to say, and Open one that lies beyond the last bound, Low.
type TimeRange struct {
	Low     time.Duration `json:"lowNs"`
	High    time.Duration `json:"highNs,omitempty"`
	Open    bool          `json:"open,omitempty"`
	Unknown bool          `json:"unknown,omitempty"`
}

// Difference is what a node says of itself and the API says otherwise.
type Difference struct {
	What DifferenceOf `json:"what"`
	API  string       `json:"api,omitempty"` // empty where it shows no kube-proxy at all
	Node string       `json:"node"`
}

// DifferenceOf says in what they differ.
type DifferenceOf string

// What a node and the API can differ in.
const (
	DiffersMode      DifferenceOf = "mode"
	DiffersVersion   DifferenceOf = "kube-proxy version"
	DiffersKernel    DifferenceOf = "kernel"
	DiffersMinSync   DifferenceOf = "minSyncPeriod"
	DiffersScheduler DifferenceOf = "IPVS scheduler"
)

// NodeReportSource is where facts of a node's own report come from.
const NodeReportSource = "report of the node"
