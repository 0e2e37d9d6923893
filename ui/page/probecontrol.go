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
	v := p.Voice
	slower := func(what string) string { return v.Sprintf("%s is slower", what) }
	compared, verdicts := []probe.Comparison{direct}, [][3]string{{v.Text("direct, A - B"), slower(p.place(0)), slower(p.place(1))}}
	for i, series := range p.Result.Series {
		cost, _ := p.Result.Cost(i) // there is one, for there are controls
		compared = append(compared, cost)
		verdicts = append(verdicts, [3]string{v.Sprintf("%s: Service - direct", series.Target.Name), v.Text("Service is slower"), v.Text("Service is faster")})
	}
	differences := make([]probe.Difference, len(compared))
	for i, c := range compared {
		differences[i] = c.Phases[p.Basis]
	}
	u := differenceUnit(differences)
	s := draft{ID: "control", Title: v.Sprintf("Control: the same pods without the Service, in %s by %s", u.Name, p.Basis)}
	rows := intervals(v.Head("difference"), u)
	rows.Over = v.Head("rounds")
	for i, d := range differences {
		rows.Rows = append(rows.Rows, interval(v, verdicts[i][0], d, u, above(d, verdicts[i][1], verdicts[i][2])))
	}
	s.Parts = []Block{rows}
	for i, c := range p.Result.Controls {
		text := string(c.Target.Kind) + "://" + c.Target.Address + c.Target.Path
		if n := strings.Count(c.Target.Besides, ",") + 1; c.Target.Besides != "" {
			text = v.Sprintf("%s and %d more", text, n)
		}
		if from := p.Result.Series[i].From; from != "" {
			text = v.Sprintf("%s, from %s", text, from)
		}
		notes := v.Sprintf("%s finished, %s failed", v.Count(int(c.Requests), "hit"), plain.Number(int(c.Failed())))
		if stats := c.Phases[p.Basis]; stats.N > 0 {
			m := unitFor(float64(stats.P99Ns))
			notes = v.Clauses(notes, v.Sprintf("median %s %s, p99 %s %s", m.format(float64(stats.MedianNs)), m.Name, m.format(float64(stats.P99Ns)), m.Name))
		}
		s.Items = append(s.Items, Item{Label: c.Target.Name, Text: text, Notes: []string{notes}})
	}
	s.After = []string{v.Text("The control does not take the mode out of the numbers. In iptables mode every new connection is held against the list of all Services: one that goes to none of them, as these do, passes the whole list, and one to a Service only the part before its rule. kube-proxy draws the order of the list anew at each sync: another Service, or this one later, costs less or more.")}
	return s
}

// windows are what came of hits around changes of the backends.
func (p Probe) windows() draft {
	if len(p.Result.Windows) == 0 {
		return draft{}
	}
	v := p.Voice
	s := draft{ID: "changes", Title: v.Text("Around changes of the backends")}
	s.Table = Table{Head: []string{v.Text("from"), v.Text("to"), "", v.Head("hits"), v.Head("failed"), v.Head("1 s late")}, Right: []bool{true, true, false, true, true, true}}
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
			s.Items = append(s.Items, Item{Label: Clock(c.At), Text: v.Again(c.What)})
		}
		if more := len(w.Changes) - mostChanges; more > 0 {
			s.Items = append(s.Items, Item{Label: "", Text: v.Sprintf("%s more until %s", v.Count(more, "change"), Clock(w.Changes[len(w.Changes)-1].At))})
		}
	}
	add(v.Head("else"), "", p.Result.Others)
	s.After = []string{v.Text("All hits, those of warm-up and of incomplete rounds included; times since the start of the run. A window ends 2 minutes after its last change: that long a connection of IPVS may lead to a pod that is gone (Kubernetes issue 81775).")}
	return s
}

// mostChanges is how many changes of a window are told one by one.
const mostChanges = 6

// Clock is a time since the start of a run, as "1:05".
func Clock(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
