package advisor

import (
	"slices"

	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
	"kpadvisor/say"
)

// Drill is what a drill of issue 81775 saw on one kernel (kpadvisor lab drill):
// a rolling update under connections whose 5-tuples are reused.
type Drill struct {
	Kernel string     `json:"kernel"` // uname -r of the machine it ran on
	Where  string     `json:"where"`  // "drill in user-mode Linux, 2026-11-23"
	Lost   bool       `json:"lost"`   // the pod was lost before kube-proxy heard of it; otherwise it drained
	Rows   []DrillRow `json:"rows"`
}

// DrillRow is one configuration of a drill.
type DrillRow struct {
	reuse.Config
	Seen     reuse.Exposure `json:"seen"`     // StalePod, SynDelay or Safe; UnknownReuse where it does not tell
	After    int            `json:"after"`    // connections after the pod's death
	Failed   int            `json:"failed"`   // of those
	ToOldPod int            `json:"toOldPod"` // of those, sent to the dead pod
}

// drillsOn are the rows measured on the group's own kernel in a configuration
// of its own, conntrack on as kube-proxy sets it.
func (s *situation) drillsOn(g group, mode int, expire bool) (rows []DrillRow, of []Drill) {
	for _, d := range s.measured.Drills {
		if g.Kernel == "" || !release.SameKernel(d.Kernel, g.Kernel) {
			continue
		}
		for _, r := range d.Rows {
			if r.Mode == string(IPVS) && r.ConnReuseMode == mode && (r.ExpireNodestConn != 0) == expire && r.Conntrack == 1 && r.Seen != reuse.UnknownReuse {
				rows, of = append(rows, r), append(of, d)
			}
		}
	}
	return rows, of
}

// withDrills weighs what was measured on this kernel against the table: what
// was seen counts, and both are told.
func (s *situation) withDrills(g group) reuse.Verdict {
	v := g.reuse
	if v.RowID == "" || v.RowID == "R1" { // the table has no settings to compare
		return v
	}
	now, table := v.By, v.Exposure
	var seen measuredReuse
	for _, mode := range []int{1, 0} {
		if mode != now.Reuse && !now.ReuseLeft {
			continue
		}
		rows, drills := s.drillsOn(g, mode, now.Expire)
		for i, r := range rows {
			v.Measured = append(v.Measured, r.text(s.Voice, drills[i]))
			seen.add(r, drills[i].Lost, now.ReuseLeft)
		}
	}
	if v.Exposure = seen.over(table); v.Exposure != table {
		v.Why = s.Sprintf("Measured on this very kernel: %s; the table by itself: %s. %s", v.Exposure.In(s.Voice), table.In(s.Voice), v.Why)
	}
	return v
}

// measuredReuse is what drills on a group's kernel came to.
type measuredReuse struct {
	bad    []reuse.Exposure // what went wrong
	clears bool             // something could have gone wrong, and did not
}

// add takes in one row. Where conn_reuse_mode is 1 unless something left 0, only
// the row with 0 can clear it, and its failure is one of that if.
func (m *measuredReuse) add(r DrillRow, lost, reuseLeft bool) {
	left := reuseLeft && r.ConnReuseMode == 0
	switch {
	case r.Seen == reuse.Safe:
		hidden := r.ExpireNodestConn == 0 && r.ConnReuseMode != 0 && !lost // a pod that drains leaves no entry that would show it
		m.clears = m.clears || !hidden && (left || !reuseLeft)
	case left:
		m.bad = append(m.bad, reuse.IfSysctl0)
	default:
		m.bad = append(m.bad, r.Seen)
	}
}

// over is the exposure once the measurement has been weighed against the table's.
func (m measuredReuse) over(table reuse.Exposure) reuse.Exposure {
	for _, e := range []reuse.Exposure{reuse.StalePod, reuse.SynDelay, reuse.IfSysctl0} {
		if slices.Contains(m.bad, e) {
			return e
		}
	}
	if m.clears {
		return reuse.Safe
	}
	return table
}

// text is one row of a drill as evidence.
func (r DrillRow) text(v say.Voice, d Drill) string {
	how := v.Text("drained")
	if d.Lost {
		how = v.Text("was lost")
	}
	late := ""
	if r.Seen == reuse.SynDelay {
		late = v.Text(", and many waited 1 s for a second SYN")
	}
	return v.Sprintf("%s: conn_reuse_mode=%d expire_nodest_conn=%d, a pod that %s: of %s after its death %s failed, %s of them sent to it%s: %s.",
		plain.Upper(plain.Text(d.Where)), r.ConnReuseMode, r.ExpireNodestConn, how, v.Count(r.After, "connection"), plain.Number(r.Failed), plain.Number(r.ToOldPod), late, r.Seen.In(v))
}

// drillEvidence tells of drills on kernels that no node here runs: they stand
// for none of them.
func (s *situation) drillEvidence() []Reason {
	var out []Reason
	for _, d := range s.measured.Drills {
		if !slices.ContainsFunc(s.groups, func(g group) bool { return release.SameKernel(g.Kernel, d.Kernel) }) {
			out = append(out, Reason{
				Text:   s.Sprintf("A drill of issue 81775 was made on kernel %s, which no node here runs: it does not stand for this cluster.", plain.Text(d.Kernel)),
				Source: "measured: " + plain.Text(d.Where),
			})
		}
	}
	return out
}
