package advisor

import (
	"fmt"
	"slices"
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
	ReuseConfig
	Seen     Exposure `json:"seen"`     // StalePod, SynDelay or Safe; UnknownReuse where it does not tell
	After    int      `json:"after"`    // connections after the pod's death
	Failed   int      `json:"failed"`   // of those
	ToOldPod int      `json:"toOldPod"` // of those, sent to the dead pod
}

// ReuseConfig is what decides over a reused 5-tuple on one kernel. The sysctls
// are of net.ipv4.vs and mean nothing outside of IPVS mode.
type ReuseConfig struct {
	Mode             Mode `json:"mode"`
	ConnReuseMode    int  `json:"connReuseMode"`
	ExpireNodestConn int  `json:"expireNodestConn"`
	Conntrack        int  `json:"conntrack"`
}

// Expectation is what the decision table of issue 81775 says of a drill.
type Expectation struct {
	Exposure Exposure
	Row      string // of the decision table, with its source
	Why      string
}

// Tells reports whether the table says anything that a drill could confirm or
// contradict.
func (e Expectation) Tells() bool {
	return e.Exposure != CheckSysctl && e.Exposure != UnknownReuse
}

// ExpectDrill says what the decision table expects of a configuration on a
// kernel, as uname -r prints it. A pod that drains leaves only entries in
// TIME_WAIT behind, one that was lost others too.
func ExpectDrill(kernel string, c ReuseConfig, lost bool) Expectation {
	if c.Mode != IPVS {
		return Expectation{NotIPVS, "", fmt.Sprintf("%s mode keeps no IPVS entries: a new connection is given an endpoint by the rules as they are.", upper(string(c.Mode)))}
	}
	k, err := ParseKernel(kernel, "")
	if err != nil {
		return Expectation{UnknownReuse, "", "The kernel's numbers cannot be read."}
	}
	row := reuseRowOf(k)
	out := Expectation{Exposure: row.mode0, Why: row.note0}
	if c.ConnReuseMode != 0 {
		out.Exposure, out.Why = row.mode1, row.note1
	}
	vendor := k.Vendor != "" && row.id[0] == 'R' && !k.AtLeast(5, 16, 0)
	switch no := expireRow(); {
	case row.id == "R1":
	case c.ExpireNodestConn == 0 && (c.ConnReuseMode == 0 || lost):
		row, out.Exposure, out.Why = no, StalePod, no.note0
		if c.ConnReuseMode != 0 {
			out.Why = no.note1
		}
	case vendor:
		out.Exposure, out.Why = CheckSysctl, fmt.Sprintf("%s backports fixes without changing its numbers: the drill tells, the table does not", k.Vendor)
	case c.ExpireNodestConn == 0:
		out.Why = "a SYN in TIME_WAIT is rescheduled, and a pod that drains leaves no other entries; " + no.id + " is about those a lost pod leaves"
	}
	if out.Exposure == SynDelay && c.Conntrack == 0 {
		out.Exposure, out.Why = Safe, "the SYN is dropped only where the connection uses conntrack"
	}
	out.Row = fmt.Sprintf("%s: kernel %s (%s)", row.id, row.kernels, row.source)
	out.Why = upper(out.Why) + "." + k.hiddenPatch()
	return out
}

// Agrees reports whether what was seen is what the table expects; ok is false
// where either does not tell.
func (e Expectation) Agrees(seen Exposure) (agrees, ok bool) {
	if !e.Tells() || seen == UnknownReuse {
		return false, false
	}
	return seen == e.Exposure || seen == Safe && e.Exposure == NotIPVS, true
}

// FixesWeightZero reports whether a kernel, as uname -r prints it, is known to
// have commit c95c07836fa4, with which expire_nodest_conn=1 sends a SYN away from
// a weight-0 real server in every conn_reuse_mode.
func FixesWeightZero(kernel string) bool {
	k, err := ParseKernel(kernel, "")
	return err == nil && reuseRowOf(k).mode0 == Safe
}

// drillsOn are the rows measured on the group's own kernel in a configuration
// of its own, conntrack on as kube-proxy sets it.
func (s *situation) drillsOn(g group, reuse int, expire bool) (rows []DrillRow, of []Drill) {
	for _, d := range s.measured.Drills {
		if d.Kernel != g.Kernel || g.Kernel == "" {
			continue
		}
		for _, r := range d.Rows {
			if r.Mode == IPVS && r.ConnReuseMode == reuse && (r.ExpireNodestConn != 0) == expire && r.Conntrack == 1 && r.Seen != UnknownReuse {
				rows, of = append(rows, r), append(of, d)
			}
		}
	}
	return rows, of
}

// withDrills weighs what was measured on this kernel against the table: what
// was seen counts, and both are told.
func (s *situation) withDrills(g group) reuseVerdict {
	v := g.reuse
	if v.rowID == "" || v.rowID == "R1" { // the table has no settings to compare
		return v
	}
	now, table := v.by, v.exposure
	var seen measuredReuse
	for _, reuse := range []int{1, 0} {
		if reuse != now.reuse && !now.reuseLeft {
			continue
		}
		rows, drills := s.drillsOn(g, reuse, now.expire)
		for i, r := range rows {
			v.measured = append(v.measured, r.text(drills[i]))
			seen.add(r, drills[i].Lost, now.reuseLeft)
		}
	}
	if v.exposure = seen.over(table); v.exposure != table {
		v.why = fmt.Sprintf("Measured on this very kernel: %s; the table by itself: %s. %s", v.exposure, table, v.why)
	}
	return v
}

// measuredReuse is what drills on a group's kernel came to.
type measuredReuse struct {
	bad    []Exposure // what went wrong
	clears bool       // something could have gone wrong, and did not
}

// add takes in one row. Where conn_reuse_mode is 1 unless something left 0, only
// the row with 0 can clear it, and its failure is one of that if.
func (m *measuredReuse) add(r DrillRow, lost, reuseLeft bool) {
	left := reuseLeft && r.ConnReuseMode == 0
	switch {
	case r.Seen == Safe:
		hidden := r.ExpireNodestConn == 0 && r.ConnReuseMode != 0 && !lost // a pod that drains leaves no entry that would show it
		m.clears = m.clears || !hidden && (left || !reuseLeft)
	case left:
		m.bad = append(m.bad, IfSysctl0)
	default:
		m.bad = append(m.bad, r.Seen)
	}
}

// over is the exposure once the measurement has been weighed against the table's.
func (m measuredReuse) over(table Exposure) Exposure {
	for _, e := range []Exposure{StalePod, SynDelay, IfSysctl0} {
		if slices.Contains(m.bad, e) {
			return e
		}
	}
	if m.clears {
		return Safe
	}
	return table
}

// text is one row of a drill as evidence.
func (r DrillRow) text(d Drill) string {
	how := "drained"
	if d.Lost {
		how = "was lost"
	}
	late := ""
	if r.Seen == SynDelay {
		late = ", and many waited 1 s for a second SYN"
	}
	return fmt.Sprintf("%s: conn_reuse_mode=%d expire_nodest_conn=%d, a pod that %s: of %s after its death %s failed, %s of them sent to it%s: %s.",
		upper(printable(d.Where)), r.ConnReuseMode, r.ExpireNodestConn, how, plural(r.After, "connection"), count(r.Failed), count(r.ToOldPod), late, r.Seen)
}

// drillEvidence tells of drills on kernels that no node here runs: they stand
// for none of them.
func (s *situation) drillEvidence() []Reason {
	var out []Reason
	for _, d := range s.measured.Drills {
		if !slices.ContainsFunc(s.groups, func(g group) bool { return g.Kernel == d.Kernel }) {
			out = append(out, Reason{
				Text:   fmt.Sprintf("A drill of issue 81775 was made on kernel %s, which no node here runs: it does not stand for this cluster.", printable(d.Kernel)),
				Source: "measured: " + printable(d.Where),
			})
		}
	}
	return out
}
