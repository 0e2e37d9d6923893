package page

import (
	"fmt"
	"strings"
	"time"

	"kpadvisor/plain"
	"kpadvisor/probe"
)

// control is what the pods show that are reached directly, by the phase that counts.
func (p Probe) control() draft {
	direct, ok := p.Result.Direct()
	if !ok {
		return draft{}
	}
	compared, verdicts := []probe.Comparison{direct}, [][3]string{{"direct, A - B", p.place(0) + " is slower", p.place(1) + " is slower"}}
	for i, series := range p.Result.Series {
		cost, _ := p.Result.Cost(i) // there is one, for there are controls
		compared = append(compared, cost)
		verdicts = append(verdicts, [3]string{series.Target.Name + ": Service - direct", "Service is slower", "Service is faster"})
	}
	differences := make([]probe.Difference, len(compared))
	for i, c := range compared {
		differences[i] = c.Phases[p.Basis]
	}
	u := differenceUnit(differences)
	s := draft{ID: "control", Title: fmt.Sprintf("Control: the same pods without the Service, in %s by %s", u.Name, p.Basis)}
	rows := intervals(p.Voice, "difference", u)
	rows.Over = "rounds"
	for i, d := range differences {
		rows.Rows = append(rows.Rows, interval(p.Voice, verdicts[i][0], d, u, above(d, verdicts[i][1], verdicts[i][2])))
	}
	s.Parts = []Block{rows}
	for i, c := range p.Result.Controls {
		text := string(c.Target.Kind) + "://" + c.Target.Address + c.Target.Path
		if n := strings.Count(c.Target.Besides, ",") + 1; c.Target.Besides != "" {
			text += fmt.Sprintf(" and %d more", n)
		}
		text += Prefixed(", from ", p.Result.Series[i].From)
		notes := fmt.Sprintf("%s finished, %s failed", plain.Count(int(c.Requests), "hit"), plain.Number(int(c.Failed())))
		if stats := c.Phases[p.Basis]; stats.N > 0 {
			m := unitFor(float64(stats.P99Ns))
			notes += fmt.Sprintf("; median %s %s, p99 %s %s", m.format(float64(stats.MedianNs)), m.Name, m.format(float64(stats.P99Ns)), m.Name)
		}
		s.Items = append(s.Items, Item{Label: c.Target.Name, Text: text, Notes: []string{notes}})
	}
	s.After = []string{"The control does not take the mode out of the numbers. In iptables mode every new connection is held against the list of all Services: one that goes to none of them, as these do, passes the whole list, and one to a Service only the part before its rule. kube-proxy draws the order of the list anew at each sync: another Service, or this one later, costs less or more."}
	return s
}

// windows are what came of hits around changes of the backends.
func (p Probe) windows() draft {
	if len(p.Result.Windows) == 0 {
		return draft{}
	}
	s := draft{ID: "changes", Title: "Around changes of the backends"}
	s.Table = Table{Head: []string{"from", "to", "", "hits", "failed", "1 s late"}, Right: []bool{true, true, false, true, true, true}}
	add := func(from, to string, targets []probe.Tally) {
		for i, t := range targets {
			s.row([]string{from, to, p.called(i), plain.Number(int(t.Requests)), plain.Number(int(t.Failed)), plain.Number(int(t.Late))})
			if t.Failed+t.Late > 0 {
				s.Tone = Warn
			}
		}
	}
	for _, w := range p.Result.Windows {
		add(Clock(w.From), Clock(w.To), w.Targets)
		for _, c := range w.Changes[:min(len(w.Changes), mostChanges)] {
			s.Items = append(s.Items, Item{Label: Clock(c.At), Text: c.What})
		}
		if more := len(w.Changes) - mostChanges; more > 0 {
			s.Items = append(s.Items, Item{Label: "", Text: fmt.Sprintf("%s more until %s", plain.Count(more, "change"), Clock(w.Changes[len(w.Changes)-1].At))})
		}
	}
	add("else", "", p.Result.Others)
	s.After = []string{"All hits, those of warm-up and of incomplete rounds included; times since the start of the run. A window ends 2 minutes after its last change: that long a connection of IPVS may lead to a pod that is gone (Kubernetes issue 81775)."}
	return s
}

// mostChanges is how many changes of a window are told one by one.
const mostChanges = 6

// Clock is a time since the start of a run, as "1:05".
func Clock(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
