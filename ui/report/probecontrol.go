package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"kpadvisor/probe"
)

// control is what the pods show that are reached directly, by the phase that counts.
func (p Probe) control() section {
	direct, ok := p.Result.Direct()
	if !ok {
		return section{}
	}
	type row struct {
		what    string
		d       probe.Difference
		verdict [2]string // of a difference above and below 0
	}
	rows := []row{{"direct, A - B", direct.Phases[p.Basis], [2]string{p.short(0) + " is slower", p.short(1) + " is slower"}}}
	for i := range p.Result.Series {
		cost, _ := p.Result.Cost(i) // there is one, for there are controls
		rows = append(rows, row{p.Result.Series[i].Target.Name + ": Service - direct", cost.Phases[p.Basis], [2]string{"Service is slower", "Service is faster"}})
	}
	largest := 0.0
	for _, r := range rows {
		largest = max(largest, math.Abs(r.d.MedianDiffNs), math.Abs(r.d.LowNs), math.Abs(r.d.HighNs))
	}
	u := unitFor(largest)
	s := section{Title: fmt.Sprintf("Control: the same pods without the Service, in %s by %s", u.name, p.Basis)}
	s.Table = table{Head: []string{"", "difference", "95 % interval", "rounds", "verdict"}, Right: []bool{false, true, true, true, false}}
	for _, r := range rows {
		verdict := r.verdict[0]
		if r.d.MedianDiffNs < 0 {
			verdict = r.verdict[1]
		}
		s.Table.Rows = append(s.Table.Rows, costRow(r.what, r.d, u, verdict))
	}
	for i, c := range p.Result.Controls {
		text := string(c.Target.Kind) + "://" + c.Target.Address + c.Target.Path
		if n := strings.Count(c.Target.Besides, ",") + 1; c.Target.Besides != "" {
			text += fmt.Sprintf(" and %d more", n)
		}
		text += prefixed(", from ", p.Result.Series[i].From)
		notes := fmt.Sprintf("%s finished, %s failed", plural(int(c.Requests), "hit"), count(int(c.Failed())))
		if stats := c.Phases[p.Basis]; stats.N > 0 {
			m := unitFor(float64(stats.P99Ns))
			notes += fmt.Sprintf("; median %s %s, p99 %s %s", m.format(float64(stats.MedianNs)), m.name, m.format(float64(stats.P99Ns)), m.name)
		}
		s.Items = append(s.Items, item{Label: c.Target.Name, Text: text, Notes: []string{notes}})
	}
	s.After = []string{"The control does not take the mode out of the numbers. In iptables mode every new connection is held against the list of all Services: one that goes to none of them, as these do, passes the whole list, and one to a Service only the part before its rule."}
	return s
}

// costRow is one difference of the section, with its verdict if one was detected.
func costRow(what string, d probe.Difference, u unit, verdict string) []string {
	row := []string{what, "-", "-", count(d.Blocks), ""}
	if d.Blocks == 0 {
		row[4] = "not measured"
		return row
	}
	if d.Bounded {
		row[2] = "[" + u.signed(d.LowNs) + ", " + u.signed(d.HighNs) + "]"
	}
	switch {
	case !d.Detected:
		row[1], row[4] = "~", "not detected"+needed(d)
	default:
		row[1], row[4] = u.signed(d.MedianDiffNs), verdict
	}
	if !d.Usable {
		row[4] = "NOT USABLE: " + d.Why
	}
	return row
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
