package report

import (
	"fmt"
	"strings"
	"time"

	"kpadvisor/probe"
)

// control is what the way through the Service costs on each side, and the
// difference of the two, by the phase that counts.
func (p Probe) control() section {
	net, ok := p.Result.Net()
	if !ok {
		return section{}
	}
	type row struct {
		what string
		d    probe.Difference
	}
	rows := []row{}
	for i := range p.Result.Series {
		cost, _ := p.Result.Cost(i) // there is one, for there is a net difference
		rows = append(rows, row{p.called(i), cost.Phases[p.Basis]})
	}
	rows = append(rows, row{net.A + " minus " + net.B, net.Phases[p.Basis]})
	var all []probe.Difference
	for _, r := range rows {
		all = append(all, r.d)
	}
	u := differenceUnit(all)
	s := section{Title: fmt.Sprintf("What the Service costs in %s, by %s", u.name, p.Basis)}
	s.Intro = []string{"The Service minus the same pods reached directly, block by block on the same node: what two nodes differ in besides the mode is in both, and cancels out."}
	s.Table = table{Head: []string{"", "cost", "95 % interval", "rounds", "verdict"}, Right: []bool{false, true, true, true, false}}
	for i, r := range rows {
		verdict := ""
		if i == len(rows)-1 {
			verdict = above(r.d, p.short(0), p.short(1)) + " is dearer"
		}
		s.Table.Rows = append(s.Table.Rows, differenceRow(r.what, r.d, u, verdict))
	}
	for i, c := range p.Result.Controls {
		text := string(c.Target.Kind) + "://" + c.Target.Address + c.Target.Path
		if n := strings.Count(c.Target.Besides, ",") + 1; c.Target.Besides != "" {
			text += fmt.Sprintf(" and %d more", n)
		}
		stats := c.Phases[p.Basis]
		notes := fmt.Sprintf("%s finished, %s failed", plural(int(c.Requests), "hit"), count(int(c.Failed())))
		if stats.N > 0 {
			m := unitFor(float64(stats.P99Ns))
			notes += fmt.Sprintf("; %s median %s %s, p99 %s %s", p.Basis, m.format(float64(stats.MedianNs)), m.name, m.format(float64(stats.P99Ns)), m.name)
		}
		s.Items = append(s.Items, item{Label: c.Target.Name, Text: text, Notes: nonEmpty(notes, prefixed("measured from ", p.Result.Series[i].From))})
	}
	return s
}

// windows are what came of hits around changes of the backends.
func (p Probe) windows() section {
	if len(p.Result.Windows) == 0 {
		return section{}
	}
	s := section{Title: "Around changes of the backends"}
	s.Table = table{Head: []string{"from", "to", "", "hits", "failed", "1 s late"}, Right: []bool{true, true, false, true, true, true}}
	add := func(from, to string, targets []probe.Tally) {
		for i, t := range targets {
			s.Table.Rows = append(s.Table.Rows, []string{from, to, p.called(i), count(int(t.Requests)), count(int(t.Failed)), count(int(t.Late))})
			if t.Failed+t.Late > 0 {
				s.Tone = warn
			}
		}
	}
	for _, w := range p.Result.Windows {
		add(clock(w.From), clock(w.To), w.Targets)
		for _, c := range w.Changes[:min(len(w.Changes), mostChanges)] {
			s.Items = append(s.Items, item{Label: clock(c.At), Text: c.What})
		}
		if more := len(w.Changes) - mostChanges; more > 0 {
			s.Items = append(s.Items, item{Label: "", Text: fmt.Sprintf("%s more until %s", plural(more, "change"), clock(w.Changes[len(w.Changes)-1].At))})
		}
	}
	add("else", "", p.Result.Others)
	s.After = []string{"All hits, those of warm-up and of incomplete rounds included; times since the start of the run. A window ends 2 minutes after its last change: that long a connection of IPVS may lead to a pod that is gone (Kubernetes issue 81775)."}
	return s
}

// mostChanges is how many changes of a window are told one by one.
const mostChanges = 6

// clock is a time since the start of a run, as "1:05".
func clock(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
