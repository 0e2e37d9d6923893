package page

import (
	"kpadvisor/say"

	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/ui/evidence"
)

// DrillVerdict sets what one row of a drill came to beside the decision table.
type DrillVerdict struct {
	Seen     reuse.Exposure `json:"seen"`             // stale-pod, syn-delay or safe; unknown where the row does not tell
	Expected reuse.Exposure `json:"expected"`         // by the decision table, for this kernel
	Agrees   *bool          `json:"agrees,omitempty"` // absent where either does not tell
	Row      string         `json:"tableRow,omitempty"`
	Why      string         `json:"why"`
	TableRow string         `json:"-"`      // the row alone: "R8"
	Remedy   []string       `json:"remedy"` // what takes the failures away, sysctl lines first; empty where there are none
}

// Contradicts reports whether the row is not what the table says.
func (v DrillVerdict) Contradicts() bool { return v.Agrees != nil && !*v.Agrees }

// JudgeDrill judges every row of a drill, in their order.
func JudgeDrill(v say.Voice, r lab.DrillResult) []DrillVerdict {
	out := make([]DrillVerdict, len(r.Rows))
	for i, row := range r.Rows {
		e := reuse.ExpectDrillIn(v, r.Environment.Kernel, evidence.ReuseConfig(row.Config), r.Plan.Lost)
		verdict := DrillVerdict{Seen: evidence.Seen(row), Expected: e.Exposure, Row: e.Row, Why: e.Why, TableRow: e.ID, Remedy: []string{}}
		if agrees, ok := e.Agrees(verdict.Seen); ok {
			verdict.Agrees = &agrees
		}
		if verdict.Seen == reuse.StalePod || verdict.Seen == reuse.SynDelay {
			verdict.Remedy = drillRemedies(v, r, row)
		}
		out[i] = verdict
	}
	return out
}

// drillRemedies are the fewest sysctls that make a row safe, as another row of
// the drill showed or, for want of one, the table says; and another mode.
// conn_reuse_mode=1 alone is none: with expire_nodest_conn=0 it spares only
// entries in TIME_WAIT.
func drillRemedies(v say.Voice, r lab.DrillResult, row drill.Row) []string {
	var out []string
	for _, reuseToo := range []bool{false, true} {
		if row.Sysctls == nil || len(out) > 0 {
			break
		}
		s, line := *row.Sysctls, "sysctl -w"
		if reuseToo && s.ConnReuseMode == 0 {
			s.ConnReuseMode, line = 1, line+" net.ipv4.vs.conn_reuse_mode=1"
		}
		if s.ExpireNodestConn == 0 {
			s.ExpireNodestConn, line = 1, line+" net.ipv4.vs.expire_nodest_conn=1"
		}
		if why := safeBy(v, r, drill.Config{Mode: row.Mode, Sysctls: &s}); why != "" && s != *row.Sysctls {
			out = append(out, line+"    # "+why)
		}
	}
	for _, mode := range []string{drill.NFTables, drill.IPTablesLegacy, drill.IPTablesNFT} {
		for _, other := range r.Rows {
			if other.Mode == mode && other.Outcome() == drill.Safe {
				return append(out, v.Sprintf("kube-proxy mode %s    # %s", advisorMode(mode), countsAfter(v, other)))
			}
		}
	}
	return append(out, v.Text("kube-proxy mode nftables or iptables    # keeps no IPVS entries"))
}

// safeBy says why a configuration is safe; empty if nothing says so.
func safeBy(v say.Voice, r lab.DrillResult, c drill.Config) string {
	for _, row := range r.Rows {
		if row.Config.Same(c) {
			if row.Outcome() == drill.Safe {
				return countsAfter(v, row)
			}
			return ""
		}
	}
	e := reuse.ExpectDrillIn(v, r.Environment.Kernel, evidence.ReuseConfig(c), r.Plan.Lost)
	if e.Exposure != reuse.Safe {
		return ""
	}
	return v.Sprintf("not in this drill; safe by row %s", e.Row)
}

func countsAfter(v say.Voice, row drill.Row) string {
	after := row.AfterDeath()
	return v.Sprintf("in this drill %s of %s failed after the pod's death", plain.Number(after.Failed), plain.Number(after.Total()))
}

func advisorMode(mode string) string { return evidence.ReuseConfig(drill.Config{Mode: mode}).Mode }
