package advisor

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"kpadvisor/plain"
	"kpadvisor/say"
)

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

// Questions returns what is asked about habits, in the order they are asked:
// what decides most first.
func Questions() []Question { return QuestionsIn(say.Voice{}) }

// QuestionsIn is Questions in another language; what a flag takes stays as it is.
func QuestionsIn(v say.Voice) []Question {
	yesNo := []Choice{{"yes", v.Text("yes")}, {"no", v.Text("no")}}
	return []Question{
		{
			ID: HabitConnections, Text: v.Text("How do clients talk to Services?"),
			Why:     v.Text("The mode costs time only when a connection is opened."),
			Decides: v.Text("how much the cost of a new connection weighs"),
			Choices: []Choice{
				{string(LongLived), v.Text("long-lived connections (databases, gRPC streams, brokers)")},
				{string(Short), v.Text("short connections (one per request)")},
				{string(KeepAlive), v.Text("HTTP keep-alive or pools (many requests, few connections)")},
				{string(Mixed), v.Text("mixed, or not sure")},
			},
		},
		{
			ID: HabitNewConnections, Text: v.Text("New connections per second from the busiest client to one Service"), Unit: v.Text("per second"),
			Why:     v.Text("From about 118/s one client reuses ports inside IPVS's 120 s (issue 81775)."),
			Decides: v.Text("how likely issue 81775 is"), Max: 1_000_000,
		},
		{
			ID: HabitBehindNAT, Text: v.Text("Do many clients reach a Service from behind one address (NAT)?"),
			Why:     v.Text("A NAT picks ports at random: 5-tuples repeat at far lower rates."),
			Decides: v.Text("how likely issue 81775 is"), Choices: yesNo,
		},
		{
			ID: HabitRolloutsPerDay, Text: v.Text("Rolling updates per day, all workloads together"), Unit: v.Text("per day"),
			Why:     v.Text("Each one removes pods that reused connections could still be sent to."),
			Decides: v.Text("how often pods leave"), Max: 100_000,
		},
		{
			ID: HabitDraining, Text: v.Text("Do pods wait for traffic to leave before they stop?"),
			Why:     v.Text("Without a preStop wait and readiness, updates lose connections in every mode."),
			Decides: v.Text("whether updates lose connections in every mode"),
			Choices: []Choice{
				{string(DrainAll), v.Text("yes, everywhere that matters")},
				{string(DrainSome), v.Text("in some workloads")},
				{string(DrainNone), v.Text("no")},
			},
		},
		{
			ID: HabitMaySetSysctls, Text: v.Text("May you set sysctls on the nodes?"),
			Why:     v.Text("The quickest remedy for issue 81775 is a node sysctl."),
			Decides: v.Text("which remedies of issue 81775 are yours"), Choices: yesNo,
		},
		{
			ID: HabitExpectedServices, Text: v.Text("How many Services do you expect in a year?"), Unit: v.Text("Services"),
			Why:     v.Text("The advice should hold for a while."),
			Decides: v.Text("when the cluster outgrows the advice"), Integer: true, Max: 1_000_000,
		},
	}
}

// ipvsOnly reports a question that is about issue 81775 alone.
func (q Question) ipvsOnly() bool {
	switch q.ID {
	case HabitNewConnections, HabitBehindNAT, HabitMaySetSysctls:
		return true
	}
	return false
}

// question returns the question of a habit.
func question(id HabitID) (Question, bool) {
	for _, q := range Questions() {
		if q.ID == id {
			return q, true
		}
	}
	return Question{}, false
}

// Prefill fills the habits that nobody answered from what nodes measured and, below that,
// from what the cluster shows, and says where each comes from. Answers are never
// overwritten.
func Prefill(f Facts, h Habits) Habits {
	m := HabitsMeasuredAt(f)
	if !h.Connections.IsKnown() && m.Pattern.IsKnown() {
		h.Connections = m.Pattern
	}
	if rate, ok := m.Busiest.Get(); ok && !h.NewConnectionsPerSecond.IsKnown() {
		q, _ := question(HabitNewConnections)
		h.NewConnectionsPerSecond = KnownFrom(math.Round(min(rate, q.Max)*10)/10, m.Busiest.Source)
	}
	if rate, ok := f.RolloutsPerDay.Get(); ok && !h.RolloutsPerDay.IsKnown() {
		h.RolloutsPerDay = KnownFrom(math.Round(rate*10)/10, f.RolloutsPerDay.Source)
	}
	if w, ok := f.Workloads.Get(); ok && !h.Draining.IsKnown() && w.Rolling > 0 {
		h.Draining = KnownFrom(drainOf(w), f.Workloads.Source)
	}
	return h
}

// drainOf reads the drain habit from the workloads that replace pods while
// others serve: nine in ten with preStop and readiness count as all.
func drainOf(w Workloads) Drain {
	most := w.Rolling - w.Rolling/10
	switch {
	case w.WithPreStop >= most && w.WithReadiness >= most:
		return DrainAll
	case w.WithPreStop == 0 && w.WithReadiness*2 < w.Rolling:
		return DrainNone
	default:
		return DrainSome
	}
}

// Set returns the habits with one answered. The value is what the flag takes; an
// empty value or "unknown" takes the answer back. The error is one sentence.
func (h Habits) Set(id HabitID, value, source string) (Habits, error) {
	q, ok := question(id)
	if !ok {
		return h, fmt.Errorf("no habit is called %q", string(id))
	}
	value = strings.ToLower(strings.TrimSpace(value))
	if value == "" || value == "unknown" {
		return h.clear(id), nil
	}
	if len(q.Choices) > 0 {
		return h.setChoice(q, value, source)
	}
	n, err := q.number(value)
	if err != nil {
		return h, err
	}
	switch id {
	case HabitNewConnections:
		h.NewConnectionsPerSecond = KnownFrom(n, source)
	case HabitRolloutsPerDay:
		h.RolloutsPerDay = KnownFrom(n, source)
	default:
		h.ExpectedServices = KnownFrom(int(n), source)
	}
	return h, nil
}

func (h Habits) clear(id HabitID) Habits {
	switch id {
	case HabitConnections:
		h.Connections = Fact[Pattern]{}
	case HabitNewConnections:
		h.NewConnectionsPerSecond = Fact[float64]{}
	case HabitBehindNAT:
		h.BehindNAT = Fact[bool]{}
	case HabitRolloutsPerDay:
		h.RolloutsPerDay = Fact[float64]{}
	case HabitDraining:
		h.Draining = Fact[Drain]{}
	case HabitMaySetSysctls:
		h.MaySetSysctls = Fact[bool]{}
	case HabitExpectedServices:
		h.ExpectedServices = Fact[int]{}
	}
	return h
}

func (h Habits) setChoice(q Question, value, source string) (Habits, error) {
	switch value { // what boolean flags say
	case "true", "y":
		value = "yes"
	case "false", "n":
		value = "no"
	}
	names := make([]string, 0, len(q.Choices))
	found := false
	for _, c := range q.Choices {
		names = append(names, c.Value)
		found = found || c.Value == value
	}
	if !found {
		return h, fmt.Errorf("%s takes one of %s, not %q", q.ID, strings.Join(names, ", "), plain.Line(value, shownOfAnswer))
	}
	switch q.ID {
	case HabitConnections:
		h.Connections = KnownFrom(Pattern(value), source)
	case HabitDraining:
		h.Draining = KnownFrom(Drain(value), source)
	case HabitBehindNAT:
		h.BehindNAT = KnownFrom(value == "yes", source)
	case HabitMaySetSysctls:
		h.MaySetSysctls = KnownFrom(value == "yes", source)
	}
	return h, nil
}

// shownOfAnswer is how much of an answer that is none is shown.
const shownOfAnswer = 40

// number parses a non-negative number within the bounds of the question.
// Thousands may be separated by commas or underscores.
func (q Question) number(value string) (float64, error) {
	n, err := strconv.ParseFloat(strings.NewReplacer(",", "", "_", "").Replace(value), 64)
	switch {
	case err != nil || math.IsNaN(n) || math.IsInf(n, 0):
		return 0, fmt.Errorf("%s takes a number, not %q", q.ID, plain.Line(value, shownOfAnswer))
	case n < 0:
		return 0, fmt.Errorf("%s cannot be negative", q.ID)
	case n > q.Max:
		return 0, fmt.Errorf("%s is at most %s", q.ID, plain.Number(int(q.Max)))
	case q.Integer && n != math.Trunc(n):
		return 0, fmt.Errorf("%s takes a whole number, not %q", q.ID, plain.Line(value, shownOfAnswer))
	}
	return n, nil
}

// Answer reads one habit back as Set takes it; ok is false where it is not known.
func (h Habits) Answer(id HabitID) (value, source string, ok bool) {
	switch id {
	case HabitConnections:
		return string(h.Connections.Value), h.Connections.Source, h.Connections.IsKnown()
	case HabitNewConnections:
		return decimal(h.NewConnectionsPerSecond)
	case HabitBehindNAT:
		return yesOrNo(h.BehindNAT)
	case HabitRolloutsPerDay:
		return decimal(h.RolloutsPerDay)
	case HabitDraining:
		return string(h.Draining.Value), h.Draining.Source, h.Draining.IsKnown()
	case HabitMaySetSysctls:
		return yesOrNo(h.MaySetSysctls)
	case HabitExpectedServices:
		if !h.ExpectedServices.IsKnown() {
			return "", "", false
		}
		return strconv.Itoa(h.ExpectedServices.Value), h.ExpectedServices.Source, true
	default:
		return "", "", false
	}
}

func decimal(f Fact[float64]) (string, string, bool) {
	if !f.IsKnown() {
		return "", "", false
	}
	return strconv.FormatFloat(f.Value, 'f', -1, 64), f.Source, true
}

func yesOrNo(f Fact[bool]) (string, string, bool) {
	switch {
	case !f.IsKnown():
		return "", "", false
	case f.Value:
		return "yes", f.Source, true
	default:
		return "no", f.Source, true
	}
}
