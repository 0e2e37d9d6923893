package page

import (
	"math"
	"strings"

	"kpadvisor/say"

	"kpadvisor/plain"
	"kpadvisor/probe"
)

// sides are what the two sides are called in a difference: by their modes only if
// several nodes on each side tell what those contribute, else by their nodes.
func (p Probe) sides(d probe.Difference) (a, b string) {
	if !p.ofNodes(d) {
		return p.short(0), p.short(1)
	}
	return p.place(0), p.place(1)
}

// ofNodes reports whether the sides were measured from nodes, of which there were too
// few to tell a mode by: the difference is between those nodes, whatever they run.
func (p Probe) ofNodes(d probe.Difference) bool {
	s := p.Result.Series
	return len(s) == 2 && s[0].From != "" && s[1].From != "" && d.Over != probe.OverNodes
}

// place is the node that a side was measured from, or of several the side's name.
func (p Probe) place(i int) string {
	if s := p.Result.Series[i]; s.From != "" && !strings.Contains(s.From, ", ") {
		return s.From
	}
	return p.Result.Series[i].Target.Name
}

// restsOn says what a difference is an observation of: "20 blocks", "3 and 3 nodes".
func restsOn(v say.Voice, d probe.Difference) string {
	if d.Over == probe.OverRounds {
		return v.Count(d.Blocks, "block")
	}
	if d.Over == probe.OverNodes {
		return v.Sprintf("%d and %d nodes", d.Units[0], d.Units[1])
	}
	return v.Sprintf("%d and %d Services", d.Units[0], d.Units[1])
}

// nodes are what each node measured of its Services: how far places among the rules
// and nodes of one mode are apart.
func (p Probe) nodes() draft {
	spreads := probe.Spreads(p.Result.Units, p.Basis)
	if len(spreads) == 0 {
		return draft{}
	}
	largest := 0.0
	for _, n := range spreads {
		largest = max(largest, n.HighNs)
	}
	u, v := unitFor(largest), p.Voice
	s := draft{ID: "nodes", Title: v.Sprintf("Nodes and Services, in %s by %s", u.Name, p.Basis)}
	s.Intro = []string{v.Text("Each Service has its own place among kube-proxy's rules. Lowest and highest are those of the Services' medians on the node, the mean is over all of them.")}
	s.Table = Table{Head: []string{"", v.Head("node"), v.Head("Services"), v.Head("lowest"), v.Head("mean"), v.Head("highest")}, Right: []bool{false, false, true, true, true, true}}
	for _, n := range spreads[:min(len(spreads), mostNodes)] {
		s.row([]string{p.called(n.Series), n.Node, plain.Number(n.Services), u.format(n.LowNs), u.format(n.MeanNs), u.format(n.HighNs)})
	}
	if more := len(spreads) - mostNodes; more > 0 {
		s.After = append(s.After, v.Sprintf("And %s more, in -o json.", v.Count(more, "node")))
	}
	if floor, ok := probe.NoiseFloor(p.Result.Units, p.Basis); ok {
		f := unitFor(floor)
		s.After = append(s.After, v.Sprintf("Two nodes of one mode differ by %s %s (root mean square): less than that between the modes is noise.", f.format(floor), f.Name))
	} else {
		s.After = append(s.After, v.Text("One node on each side: how much two nodes of one mode differ is not known, so this is about these nodes and not about their modes."))
	}
	return s
}

// mostNodes is how many nodes are told one by one.
const mostNodes = 40

// slower is the sentence of a difference that was detected.
func (p Probe) slower(d probe.Difference, a, b string, u Unit) string {
	low, high := math.Abs(d.LowNs), math.Abs(d.HighNs)
	return p.Voice.Sprintf("%s is slower than %s by %s %s (%s), 95 %% interval %s to %s, %s.", above(d, a, b), above(d, b, a), u.format(math.Abs(d.MedianDiffNs)), u.Name, p.Basis,
		u.format(min(low, high)), u.format(max(low, high)), restsOn(p.Voice, d))
}

// against says that a difference is one of nodes and not of their modes; empty if it
// is one of modes, or nobody knows them.
func (p Probe) against(d probe.Difference) string {
	if !p.ofNodes(d) || p.Mode(0) == "" || p.Mode(1) == "" {
		return ""
	}
	return p.Voice.Sprintf("This is %s against %s, not %s against %s.", p.place(0), p.place(1), p.Mode(0), p.Mode(1))
}
