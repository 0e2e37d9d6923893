package advisor

import (
	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
)

// Action is what to do about the current mode.
type Action string

// The actions of the machine-readable contract.
const (
	Keep       Action = "keep"    // the mode in force is the one to run, or, where it is not visible, nothing says it is not
	Change     Action = "change"  // another mode is the one to run, on some group at least
	Measure    Action = "measure" // either will do by all that is known (break-even band, nftables' weak spot): measure
	None       Action = "none"    // no kube-proxy here: the question does not arise
	CannotTell Action = "unknown" // key facts are missing; Recommended is set where only the mode in force is
)

// Confidence of a recommendation.
type Confidence string

// The degrees of confidence.
const (
	High   Confidence = "high"
	Medium Confidence = "medium"
	Low    Confidence = "low"
)

// Advice is what the advisor has to say about one cluster. The JSON names are
// those of schema kpadvisor.audit/v1: fields may be added, never renamed.
type Advice struct {
	Headline    string      `json:"headline"`    // one sentence, what a user repeats to a colleague
	Current     []ModeCount `json:"current"`     // modes in force, most nodes first
	Recommended Mode        `json:"recommended"` // empty when none
	Action      Action      `json:"action"`
	Confidence  Confidence  `json:"confidence"`
	Because     []Reason    `json:"because"` // why this verdict and this confidence, strongest first
	// ConfidenceBecause says what the confidence rests on: what would flip the
	// verdict, or that nothing which is unknown does.
	ConfidenceBecause []string `json:"confidenceBecause"`
	// First is what must be done before the recommended mode can run everywhere,
	// or should be: nodes to renew, kube-proxies to upgrade, software to prepare.
	First      []Reason      `json:"first"`
	Groups     []GroupAdvice `json:"groups"`  // of every node group, in the order of the facts as sorted
	Ranking    []Ranked      `json:"ranking"` // all three modes, best first
	TwoMode    TwoModeAnswer `json:"twoMode"` // the UK8S guide's answer between iptables and IPVS alone
	TwoModeWhy string        `json:"twoModeWhy"`
	Caveat     string        `json:"caveat"` // issue 81775 in one sentence: always present
	CaveatHere string        `json:"-"`      // the same without what the issue is
	Reuse      []Reuse       `json:"reuse81775"`
	Estimates  []Estimate    `json:"estimates"` // one per mode of Modes(), all labelled estimate
	Lifecycle  []Reason      `json:"lifecycle"` // what upstream has announced for these modes, versions of this cluster
	Findings   []Finding     `json:"findings"`  // every rule that fired, by severity then ID
	Growth     []Reason      `json:"growth"`
	Flips      []Flip        `json:"flips"`
	Runbook    []Step        `json:"runbook"` // empty when nothing is to be changed or read
	Unanswered []Unanswered  `json:"unanswered"`
	// Connections is how connections are made at the nodes that were measured.
	Connections MeasuredHabits `json:"connections,omitzero"`
	Unseen      []Reason       `json:"unseen"`    // what the API cannot show and this advice therefore does not know
	RulesDate   string         `json:"rulesDate"` // date of the rule table, YYYY-MM-DD
	Curve       Curve          `json:"-"`         // for pictures
}

// ModeCount is a mode in force and the nodes it was seen on. Mode is empty
// where it is unknown; Implementation names what runs instead of kube-proxy.
type ModeCount struct {
	Mode           Mode           `json:"mode"`
	Implementation Implementation `json:"implementation"`
	Nodes          int            `json:"nodes"`
}

// Reason is one sentence with the rule that says it and where the rule has it from.
type Reason struct {
	Rule   RuleID `json:"rule"` // empty for a plain fact
	Text   string `json:"text"`
	Source string `json:"source"`
	Doubt  bool   `json:"-"` // it costs confidence: Advice.ConfidenceBecause says it too
}

// Ranked is one mode's place.
type Ranked struct {
	Mode     Mode `json:"mode"`
	Possible bool `json:"possible"` // version and every Linux node allow it: Can is yes
	// Can says the same with a third value: what is not known is not impossible.
	Can     release.Can `json:"can"`
	Reasons []Reason    `json:"reasons"` // the one that decided the place first
}

// GroupAdvice is what the verdict means for one node group.
type GroupAdvice struct {
	Group    string               `json:"group"` // "IPVS, 5.4.0-150-generic, kube-proxy v1.20.4"
	Nodes    int                  `json:"nodes"`
	Mode     Mode                 `json:"mode"`     // in force, as far as known
	To       Mode                 `json:"to"`       // what it is to run; empty where nothing is to be chosen
	Can      map[Mode]release.Can `json:"can"`      // of the three modes
	Weighs   bool                 `json:"weighs"`   // it has a say in the verdict
	Advice   string               `json:"advice"`   // one sentence
	Blockers []string             `json:"blockers"` // what holds it back from To
}

// TwoModeAnswer is the guide's answer: iptables, ipvs, either or unknown.
type TwoModeAnswer string

// The guide's answers.
const (
	TwoIPTables TwoModeAnswer = "iptables"
	TwoIPVS     TwoModeAnswer = "ipvs"
	TwoEither   TwoModeAnswer = "either" // inside the band: measure
	TwoUnknown  TwoModeAnswer = "unknown"
)

// Reuse is the verdict on issue 81775 for the groups that share it.
type Reuse struct {
	Group      string         `json:"group"` // "IPVS, 5.4.0-96-generic, kube-proxy v1.20.4"
	Nodes      int            `json:"nodes"`
	Mode       Mode           `json:"mode"`
	Kernel     string         `json:"kernel"`
	Kubernetes string         `json:"kubernetes"` // kube-proxy's version, or the kubelet's where that is all there is
	Exposure   reuse.Exposure `json:"exposure"`
	// Likelihood is how likely a reused 5-tuple meets it at the habits answered;
	// unknown where they are.
	Likelihood reuse.Likelihood `json:"likelihood"`
	// Reused is the share of new connections that reused a 5-tuple, as measured on nodes of
	// the cluster; unknown where it was not.
	Reused   Fact[float64]  `json:"reusedShare,omitzero"`
	IfIPVS   reuse.Exposure `json:"ifIPVS"` // what it would be if this group ran IPVS
	Why      string         `json:"why"`
	Row      string         `json:"row"`                // the row of the decision table used, with its source
	Remedy   []string       `json:"remedy"`             // commands or one-line actions, mildest first
	Measured []string       `json:"measured,omitempty"` // what drills on this very kernel saw, one sentence each; they count more than the table
	Load     string         `json:"load"`               // the reuse probability at the answered connection rate, or what to answer; empty where IPVS is no matter
}

// Estimate is what one mode would cost on each node, never measured.
type Estimate struct {
	Mode               Mode  `json:"mode"`
	Known              bool  `json:"known"`
	Rules              int   `json:"rules"` // nat + filter, or nft rules, or iptables rules beside IPVS
	Chains             int   `json:"chains"`
	Elements           int   `json:"elements"`           // nft set and map elements, ipset entries
	VirtualServers     int   `json:"virtualServers"`     // IPVS
	RealServers        int   `json:"realServers"`        // IPVS
	NewConnectionP50Ns int64 `json:"newConnectionP50Ns"` // added to each new connection, client node, over a nearly empty iptables table; middle of the range
	// The range that p50 lies in: published and measured constants differ by a factor of two.
	NewConnectionP50LowNs  int64  `json:"newConnectionP50LowNs"`
	NewConnectionP50HighNs int64  `json:"newConnectionP50HighNs"`
	NewConnectionP99Ns     int64  `json:"newConnectionP99Ns"`
	NewConnection          string `json:"newConnection"`          // the same as text, to the common port; base: a nearly empty iptables table
	WorstService           string `json:"worstService,omitempty"` // the same to the Service with most endpoints, where that is another number
	ChangeTime             string `json:"-"`                      // how long that sync takes: "0.5 s to 1.6 s"; empty where nobody published it
	OneEndpointChange      string `json:"oneEndpointChange"`      // what a sync after one endpoint's change writes
	FullSync               string `json:"fullSync"`               // the sync at start, with the conditions it was measured under
	Formula                string `json:"formula"`
	Source                 string `json:"source"`
}

// Severity of a finding.
type Severity string

// The severities.
const (
	Critical Severity = "critical" // connections are lost, or kube-proxy will not start
	Warning  Severity = "warning"
	Info     Severity = "info"
)

// Finding is a rule that fired.
type Finding struct {
	Rule     RuleID   `json:"rule"`
	Severity Severity `json:"severity"`
	Text     string   `json:"text"`
	Remedy   string   `json:"remedy,omitempty"`
	Source   string   `json:"source"`
}

// Flip is one change of one input that changes the recommendation.
type Flip struct {
	If   string `json:"if"`   // "a Linux node with kernel < 5.13"
	Then string `json:"then"` // "iptables"
	To   Mode   `json:"to"`
	Act  Action `json:"action"`
}

// Step is one step of a runbook.
type Step struct {
	Title    string   `json:"title"`
	Text     string   `json:"text,omitempty"`
	Commands []string `json:"commands,omitempty"`
}

// Unanswered is a habit that is unknown and what its answer would change.
type Unanswered struct {
	Habit   HabitID `json:"habit"`
	Changes string  `json:"changes"`
}
