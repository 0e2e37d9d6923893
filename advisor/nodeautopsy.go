package advisor

import "time"

// NodeAutopsy is what the tables of a node say beside the mode that kube-proxy proves
// there. Package autopsy makes it of what a report holds; nothing of it changes the advice.
type NodeAutopsy struct {
	// Leftovers are what modes that do not run there have left behind.
	Leftovers []Leftover `json:"leftovers,omitempty"`
	// Looked are the modes whose leftovers would have been seen. Without root that is IPVS alone.
	Looked []Mode `json:"lookedForLeftoversOf,omitempty"`
	// Rules are the rules that were compared with those kube-proxy writes.
	Rules RuleComparison `json:"rules"`
	// IPVS is what its tables say; nil where there are none, or none were read.
	IPVS *IPVSAutopsy `json:"ipvs,omitempty"`
}

// Leftover is one kind of thing that a mode left behind.
type Leftover struct {
	Of    Mode         `json:"of"`
	What  LeftoverKind `json:"what"`
	Count int          `json:"count"`
}

// LeftoverKind says what was left behind.
type LeftoverKind string

// The kinds of leftovers.
const (
	LeftLegacyChains   LeftoverKind = "chains in iptables-legacy"
	LeftNFTChains      LeftoverKind = "chains in iptables-nft"
	LeftIPSets         LeftoverKind = "ipsets"
	LeftVirtualServers LeftoverKind = "virtual servers" // in the ipsets of kube-proxy, or on its device
	LeftDevice         LeftoverKind = "kube-ipvs0"
	LeftTable          LeftoverKind = "tables of nftables"
)

// RuleComparison is how the rules of a node differ from those that kube-proxy writes for
// the Services that they themselves show.
type RuleComparison struct {
	// Compared is how many rules of kube-proxy were compared; unknown where none could be.
	Compared Fact[int]        `json:"compared"`
	Services int              `json:"services,omitempty"` // ports of Services that the rules show
	Differ   []RuleDifference `json:"differ,omitempty"`
	// Examples are the first that differ, as the node has them. Only with names.
	Examples []RuleExample `json:"examples,omitempty"`
	// Apart are those that were left out, and why.
	Apart []RulesApart `json:"notCompared,omitempty"`
}

// RuleDifference counts rules of one kind of chain that differ in one way. Of an orphan
// the chains are counted.
type RuleDifference struct {
	How   RuleDiffers `json:"how"`
	Table string      `json:"table"` // "nat", "filter", or "kube-proxy" of nftables
	Chain string      `json:"chain"` // without what tells it from others of its kind: "KUBE-SEP"
	Count int         `json:"count"`
}

// RuleDiffers says how a rule differs.
type RuleDiffers string

// How rules differ from those of kube-proxy.
const (
	RuleAdded   RuleDiffers = "added"     // kube-proxy writes no such rule
	RuleMissing RuleDiffers = "missing"   // kube-proxy writes it, and it is not there
	RuleChanged RuleDiffers = "changed"   // one of both in the same chain
	RuleOrder   RuleDiffers = "reordered" // all are there, in another order
	ChainOrphan RuleDiffers = "unused"    // a chain of a Service or endpoint that nothing leads to
)

// RuleExample is one rule that differs.
type RuleExample struct {
	How  RuleDiffers `json:"how"`
	Rule string      `json:"rule"` // as the node or kube-proxy writes it, or the name of a chain
}

// RulesApart counts what was not compared.
type RulesApart struct {
	Why   NotCompared `json:"why"`
	Count int         `json:"count,omitempty"` // rules; 0 where it is all of them
}

// NotCompared says why rules were not compared.
type NotCompared string

// Why rules were not compared.
const (
	ApartNotRead  NotCompared = "the rules were not read"
	ApartCut      NotCompared = "there are more rules than a report holds"
	ApartMode     NotCompared = "what mode runs is not known"
	ApartVersion  NotCompared = "another version of kube-proxy writes other rules"
	ApartBetween  NotCompared = "kube-proxy may have written between two tables that were read"
	ApartRanges   NotCompared = "load balancer source ranges"
	ApartLarge    NotCompared = "chains that a kube-proxy with over 1,000 endpoints removes later"
	ApartFilter   NotCompared = "the filter table was not read"
	ApartSets     NotCompared = "sets that our rules for IPVS do not know"
	ApartPlatform NotCompared = "this build of kpadvisor knows no rules of nftables"
)

// IPVSAutopsy is what the tables of IPVS say.
type IPVSAutopsy struct {
	VirtualServers int `json:"virtualServers"`
	// Foreign are virtual servers that kube-proxy did not make, as far as the node tells:
	// of a firewall mark, or in none of its sets and not on its device.
	Foreign Fact[int] `json:"foreign"`
	ByMark  int       `json:"byFirewallMark"` // those of a firewall mark, which kube-proxy never makes
	// Lacking are addresses in kube-proxy's sets whose virtual server was not seen. Where other
	// network namespaces have virtual servers, /proc/net/ip_vs leaves out lines.
	Lacking Fact[int] `json:"lacking"`
	// Draining are real servers of weight 0 that still have connections, and Idle those
	// that have none and should be gone within a minute.
	Draining int `json:"draining"`
	Idle     int `json:"idle"`
	// Stayed are those of Idle that were so in two readings, Apart from each other.
	Stayed int           `json:"stayed"`
	Apart  time.Duration `json:"apartNs,omitempty"`
	// Established are connections to real servers of weight 0, which may end in their time.
	Established int `json:"establishedToDraining"`
	// Beginning are connections that clients begin and that IPVS sends to a real server of
	// weight 0, or to one that its virtual server no longer has: issue 81775 at work.
	Beginning Fact[int] `json:"beginningToDraining"`
}
