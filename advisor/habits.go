package advisor

// Pattern is how clients open connections to Services.
type Pattern string

// The connection patterns.
const (
	LongLived Pattern = "long"      // databases, gRPC streams, message brokers
	Short     Pattern = "short"     // one connection per request
	KeepAlive Pattern = "keepalive" // HTTP keep-alive or a pool: many requests, few connections
	Mixed     Pattern = "mixed"     // some of each, or not sure
)

// Drain is how pods leave a Service during a rolling update.
type Drain string

// The drain habits.
const (
	DrainAll  Drain = "all"  // preStop or an equivalent wait, and readiness, everywhere that matters
	DrainSome Drain = "some" // in some workloads
	DrainNone Drain = "none" // pods are killed while traffic still comes
)

// Habits is what the API cannot tell. A habit is Known once somebody answered
// (Source "answered" or the flag) or the cluster showed it (Source says what).
type Habits struct {
	Connections             Fact[Pattern] `json:"connections"`
	NewConnectionsPerSecond Fact[float64] `json:"newConnectionsPerSecond"` // of the busiest client, to one Service
	BehindNAT               Fact[bool]    `json:"behindNAT"`               // many clients behind one address
	RolloutsPerDay          Fact[float64] `json:"rolloutsPerDay"`
	Draining                Fact[Drain]   `json:"draining"`
	MaySetSysctls           Fact[bool]    `json:"maySetSysctls"`    // on the nodes
	ExpectedServices        Fact[int]     `json:"expectedServices"` // a year from now
}

// HabitID names a habit: the flag without its dashes.
type HabitID string

// The habits, each with the flag of the same name.
const (
	HabitConnections      HabitID = "connections"
	HabitNewConnections   HabitID = "new-connections"
	HabitBehindNAT        HabitID = "behind-nat"
	HabitRolloutsPerDay   HabitID = "rollouts-per-day"
	HabitDraining         HabitID = "draining"
	HabitMaySetSysctls    HabitID = "may-set-sysctls"
	HabitExpectedServices HabitID = "expected-services"
)

// Question is how a habit is asked for, in the TUI, in accessible mode and in
// the help of its flag.
type Question struct {
	ID      HabitID
	Text    string   // "How do clients talk to Services?"
	Why     string   // one line: why it is asked
	Decides string   // one clause: what the answer decides
	Unit    string   // for numbers: "per second"
	Choices []Choice // empty for a number
	Integer bool     // a number without a fraction
	Max     float64  // largest number accepted
}

// Choice is one answer to a Question.
type Choice struct {
	Value string // as the flag takes it
	Text  string
}
