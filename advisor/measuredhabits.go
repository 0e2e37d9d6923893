package advisor

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
	"kpadvisor/say"
)

// MeasuredHabits is how connections are made at the nodes of a cluster that were measured,
// each figure by the best method that knows it at a node: events of conntrack, then IPVS,
// then processes. They are of these nodes and of that time, and are never scaled up; nor
// are nodes added together, since a connection from one to the other is seen at both.
//
// The source of what is known says on how many nodes it was measured, for how long and by
// what; the detail of what is not says why.
type MeasuredHabits struct {
	Nodes int `json:"nodes"` // where anything was measured
	Of    int `json:"of"`    // Linux nodes of the cluster; 0 where nobody counted them

	New     Fact[float64]       `json:"newPerSecond"`     // at the node with most
	Busiest Fact[float64]       `json:"busiestPerSecond"` // of the busiest client at any node
	Open    Fact[int]           `json:"open"`             // at the node with most
	Life    Fact[time.Duration] `json:"meanLifeNs"`       // of all connections that were seen, wherever
	Reused  Fact[float64]       `json:"reusedShare"`      // at the node with the largest share
	Pattern Fact[Pattern]       `json:"pattern"`          // mixed where nodes differ
	// BehindNAT is never known: a node sees addresses, and not how many stand behind one.
	BehindNAT Fact[bool] `json:"behindNAT"`

	seen []reuse.Seen // of the nodes where reuse was measured
}

// HabitsMeasuredAt sums up what the nodes of a cluster measured. The order of the reports
// does not matter, and one that was not placed says nothing.
func HabitsMeasuredAt(f Facts) MeasuredHabits {
	var nodes [][]NodeHabits
	for _, r := range f.NodeReports {
		if all := r.Measures(); r.Placed && len(all) > 0 {
			nodes = append(nodes, all)
		}
	}
	if len(nodes) == 0 {
		return MeasuredHabits{}
	}
	out := MeasuredHabits{Nodes: len(nodes), Of: linuxNodes(f), BehindNAT: UnknownFor[bool](NotAsked, whyAddresses)}
	out.New = across(nodes, func(h NodeHabits) Fact[float64] { return h.New }, largest)
	out.Busiest = across(nodes, func(h NodeHabits) Fact[float64] { return h.Busiest }, largest)
	out.Open = across(nodes, func(h NodeHabits) Fact[int] { return h.Open }, largest)
	out.Life = across(nodes, func(h NodeHabits) Fact[time.Duration] { return h.Life }, meanLife)
	out.Reused = across(nodes, func(h NodeHabits) Fact[float64] { return h.Reused }, largest)
	out.Pattern = across(nodes, NodeHabits.Pattern, samePattern)
	out.seen = reuseAt(nodes)
	return out
}

// sample reports that only a part of the nodes was measured, as far as anybody knows.
func (m MeasuredHabits) sample() bool {
	return m.Nodes > 0 && m.Nodes < m.Of || m.Nodes > 0 && m.Of == 0
}

// sampleText says so.
func (m MeasuredHabits) sampleText(v say.Voice) string {
	if m.Of == 0 {
		return v.Sprintf("how clients connect was measured on %s: elsewhere it may be otherwise.", v.Count(m.Nodes, "node"))
	}
	return v.Sprintf("how clients connect was measured on %s of %s: elsewhere it may be otherwise.", plain.Number(m.Nodes), v.Count(m.Of, "node"))
}

// linuxNodes are those of a cluster that were counted.
func linuxNodes(f Facts) int {
	n := 0
	for _, g := range f.Groups {
		if g.OS != "windows" && g.Managed == "" {
			n += g.Nodes
		}
	}
	return n
}

// atNode is a figure of one node, and the measure it is of.
type atNode[T any] struct {
	value T
	by    NodeHabits
}

// across takes a figure of each node by the best method that knows it there, and sums up.
func across[T any](nodes [][]NodeHabits, figure func(NodeHabits) Fact[T], sum func([]atNode[T]) T) Fact[T] {
	var all []atNode[T]
	why := whyNone
	for _, methods := range nodes {
		for _, h := range methods {
			f := figure(h)
			if x, known := f.Get(); known {
				all = append(all, atNode[T]{x, h})
				break
			}
			if f.Detail != "" && (why == whyNone || f.Detail < why) { // one of them, whatever the order
				why = f.Detail
			}
		}
	}
	if len(all) == 0 {
		return UnknownFor[T](NotAsked, why)
	}
	return KnownFrom(sum(all), measuredOn(all))
}

func largest[T cmp.Ordered](all []atNode[T]) T {
	return slices.MaxFunc(all, func(a, b atNode[T]) int { return cmp.Compare(a.value, b.value) }).value
}

// meanLife weighs nodes by how many connections began there.
func meanLife(all []atNode[time.Duration]) time.Duration {
	began := func(a atNode[time.Duration]) float64 { return max(1, a.by.connections()) }
	slices.SortFunc(all, func(a, b atNode[time.Duration]) int { // the same sum in every order
		return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(began(a), began(b)))
	})
	var sum, weight float64
	for _, a := range all {
		sum, weight = sum+float64(a.value)*began(a), weight+began(a)
	}
	return time.Duration(sum / weight)
}

func samePattern(all []atNode[Pattern]) Pattern {
	p := all[0].value
	for _, a := range all {
		p = p.and(a.value)
	}
	return p
}

// reuseAt is the reuse that was measured, node by node.
func reuseAt(nodes [][]NodeHabits) []reuse.Seen {
	var out []reuse.Seen
	for _, methods := range nodes {
		if i := slices.IndexFunc(methods, func(h NodeHabits) bool { return h.Reused.IsKnown() }); i >= 0 {
			h := methods[i]
			out = append(out, reuse.Seen{Share: h.Reused.Value, PerSecond: h.New.Or(0), Over: h.Over})
		}
	}
	slices.SortFunc(out, func(a, b reuse.Seen) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(b.PerSecond, a.PerSecond), cmp.Compare(b.Over, a.Over))
	})
	return out
}

// measuredFrom begins the source of what was measured.
const measuredFrom = "measured on "

// WasMeasured reports that an answer was measured on nodes, and that nobody gave it.
func WasMeasured(source string) bool { return strings.HasPrefix(source, measuredFrom) }

// measuredOn says on how many nodes something was measured, for how long and by what.
func measuredOn[T any](all []atNode[T]) string {
	least, longest := all[0].by.Over, all[0].by.Over
	used := map[HabitMethod]bool{}
	for _, a := range all {
		least, longest = min(least, a.by.Over), max(longest, a.by.Over)
		used[a.by.Method] = true
	}
	span := seconds(longest)
	if from := seconds(least); from != span {
		span = from + "-" + span
	}
	var by []string
	for _, m := range HabitMethods() {
		if used[m] {
			by = append(by, m.name())
		}
	}
	return fmt.Sprintf(measuredFrom+"%s, %s s, from %s", plain.Count(len(all), "node"), span, strings.Join(by, ", "))
}

// name is what a figure is from, as a source has it.
func (m HabitMethod) name() string {
	switch m {
	case ByConntrack:
		return "conntrack events"
	case ByIPVS:
		return "counters of IPVS"
	}
	return "networks of pods (any destination)"
}

// seconds is a time in whole seconds, or in tenths below ten.
func seconds(d time.Duration) string {
	if s := math.Round(d.Seconds()*10) / 10; s < 10 {
		return fmt.Sprint(s)
	}
	return plain.Number(int(math.Round(d.Seconds())))
}
