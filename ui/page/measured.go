package page

import (
	"kpadvisor/say"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// measured lists what somebody measured, apart from what was estimated: the two
// never stand in one table.
func measured(v say.Voice, m advisor.Measured) draft {
	if len(m.Comparisons) == 0 {
		return draft{}
	}
	s := draft{
		ID: "measured", Title: v.Text("Measured, not estimated: a new connection, in µs"),
		Intro: []string{v.Text("The difference is of medians, with its 95 % interval; ~ is not detected, which is not equal. It holds for the kernel and the Services it was measured with. Only what was measured paced is weighed: back to back, the CPU's caches hold the rules.")},
		Table: Table{
			Head:  []string{v.Head("measured"), v.Head("difference"), v.Head("95 % interval"), v.Head("blocks"), v.Head("load"), v.Head("kernel"), v.Head("Services"), v.Head("where")},
			Right: []bool{false, true, true, true, false, false, true, false},
		},
	}
	for _, c := range m.Comparisons {
		s.row(measuredRow(v, c))
	}
	return s
}

func measuredRow(v say.Voice, c advisor.Comparison) []string {
	u := Unit{"µs", 1e3}
	diff, services := "~", v.Text("unknown")
	if c.Detected {
		diff = u.signed(float64(c.MedianDiffNs))
	}
	if c.Services > 0 {
		services = plain.Number(c.Services)
	}
	return []string{
		Mode(v, c.A) + " - " + Mode(v, c.B), diff, "[" + u.signed(float64(c.LowNs)) + ", " + u.signed(float64(c.HighNs)) + "]",
		plain.Number(c.Blocks), Arrival(v, c.Arrival), c.Kernel, services, v.Again(c.Where),
	}
}

// breakEvens lists what sweeps of the lab measured.
func breakEvens(v say.Voice, m advisor.Measured) draft {
	if len(m.BreakEvens) == 0 {
		return draft{}
	}
	s := draft{
		ID: "break-evens", Title: v.Text("Measured, not estimated: from how many Services on iptables is dearer"),
		Intro: []string{v.Text("Each holds for nodes of its kernel, with its layout of rules and backend of iptables; other nodes keep the published band. Only what was measured paced is weighed.")},
	}
	for _, e := range m.BreakEvens {
		how := v.Sprintf("%s per port, kernel %s; %s", v.Count(e.RulesPerPort, "rule"), e.Kernel, v.Again(e.Where))
		if n := len(e.Differences); n > 0 {
			how = v.Sprintf("%s to %s Services, %s", plain.Number(e.Differences[0].Services), plain.Number(e.Differences[n-1].Services), how)
		}
		s.Items = append(s.Items, Item{Mark: "-", Text: v.Sprintf("%s: %s", Arrival(v, e.Arrival), breakEvenText(v, e)), Notes: []string{how}})
	}
	return s
}

func breakEvenText(v say.Voice, e advisor.BreakEven) string {
	a, b := v.Sprintf("%s (%s)", Mode(v, e.A), e.Backend), Mode(v, e.B)
	switch e.Outcome {
	case advisor.Crosses:
		return v.Sprintf("%s becomes dearer than %s at %s (95 %% interval %s to %s)",
			a, b, v.Count(e.Services, "Service"), plain.Number(e.Low), plain.Number(e.High))
	case advisor.ACheaper:
		return v.Sprintf("%s is cheaper than %s at every size measured", a, b)
	case advisor.BCheaper:
		return v.Sprintf("%s is cheaper than %s at every size measured", b, a)
	case advisor.AtMost:
		return v.Sprintf("%s is dearer than %s from %s on at the latest; below, no difference was detected",
			a, b, v.Count(e.High, "Service"))
	}
	return v.Sprintf("no difference was detected between %s and %s, which is not equal", a, b)
}

// drills lists what drills of issue 81775 saw, each configuration in a row.
func drills(v say.Voice, m advisor.Measured) draft {
	if len(m.Drills) == 0 {
		return draft{}
	}
	s := draft{
		ID: "drills", Title: v.Text("Measured: drills of issue 81775"),
		Intro: []string{v.Text("A rolling update under reused 5-tuples. Each holds for its kernel: nodes with another one keep the answer of the decision table.")},
		Table: Table{
			Head:  []string{v.Head("mode"), "reuse", "expire", "ct", v.Head("seen"), v.Head("lost"), v.Head("kernel"), v.Head("where")},
			Right: []bool{false, true, true, true, false, true, false, false}, Tight: true,
		},
	}
	for _, d := range m.Drills {
		for _, r := range d.Rows {
			cells := []string{Mode(v, advisor.Mode(r.Mode)), "-", "-", "-"}
			if r.Mode == string(advisor.IPVS) {
				cells = []string{Mode(v, advisor.Mode(r.Mode)), plain.Number(r.ConnReuseMode), plain.Number(r.ExpireNodestConn), plain.Number(r.Conntrack)}
			}
			s.row(append(cells, r.Seen.In(v), plain.Number(r.Failed)+"/"+plain.Number(r.After), d.Kernel, v.Again(d.Where)))
		}
	}
	s.After = []string{v.Text("reuse, expire, ct: net.ipv4.vs.conn_reuse_mode, expire_nodest_conn, conntrack. lost: of the connections after the pod's death.")}
	return s
}
