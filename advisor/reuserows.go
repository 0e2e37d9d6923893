package advisor

import (
	"fmt"
	"slices"
)

// reuseRows returns the verdict on issue 81775 per set of nodes alike in it, in
// the order of the groups; Windows and replacements other than kube-router are
// left out, they share nothing of it.
func (s *situation) reuseRows(recommended Mode) []Reuse {
	rows := []Reuse{}
	for _, g := range s.groups {
		if g.runs == no && !g.router {
			continue
		}
		row := s.reuseRow(g, recommended)
		same := slices.IndexFunc(rows, func(r Reuse) bool { return r.Group == row.Group && r.Why == row.Why })
		if same >= 0 {
			rows[same].Nodes += row.Nodes
			continue
		}
		rows = append(rows, row)
	}
	return rows
}

func (s *situation) reuseRow(g group, recommended Mode) Reuse {
	row := Reuse{Nodes: g.Nodes, Mode: g.mode.Value, Kernel: g.Kernel, IfIPVS: g.reuse.exposure, Row: g.reuse.row, Remedy: []string{}, Measured: g.reuse.measured}
	if v, ok := g.version.Get(); ok {
		row.Kubernetes = "v" + v.String()
	}
	row.Group = groupName(g)
	switch {
	case g.inForce:
		row.Exposure, row.Why = g.reuse.exposure, g.reuse.why
	case g.mode.IsKnown():
		row.Exposure = NotIPVS
		row.Why = fmt.Sprintf("%s mode does not keep IPVS entries. In IPVS mode: %s", upper(string(g.mode.Value)), g.reuse.why)
	default:
		row.Exposure = UnknownReuse
		row.Why = "The mode is not visible. In IPVS mode: " + g.reuse.why
	}
	if g.inForce || recommended == IPVS || row.Exposure == UnknownReuse {
		row.Load = s.reuseLoad() + s.rolloutLoad()
		row.Remedy = s.remedies(g, recommended)
	}
	return row
}

func groupName(g group) string {
	mode := "mode not visible"
	switch {
	case g.router:
		mode = "kube-router (IPVS)"
	case g.mode.IsKnown():
		mode = g.mode.Value.title()
	}
	kernel := g.Kernel
	if kernel == "" {
		kernel = "kernel unknown"
	}
	if g.router {
		return mode + ", " + kernel
	}
	version := "kube-proxy unknown"
	if v, ok := g.version.Get(); ok {
		version = "kube-proxy v" + v.String()
	}
	return fmt.Sprintf("%s, %s, %s", mode, kernel, version)
}

// remedies lists what helps a group, mildest first: connections, sysctls,
// kube-proxy, kernel, mode.
func (s *situation) remedies(g group, recommended Mode) []string {
	e := g.reuse.exposure
	if e == Safe {
		return []string{"Nothing to do. Check once: sysctl " + sysctlReuse + " " + sysctlExpire}
	}
	out := []string{"Keep connections open (HTTP keep-alive, pools): a 5-tuple that is not reused cannot go astray."}
	out = append(out, s.sysctlRemedy(g)...)
	if k := g.kernel.Value; len(g.reuse.measured) == 0 && (e == CheckSysctl || e == StalePod && k.HidesPatch) {
		out = append(out, "Where the number does not tell, the kernel does: \"kpadvisor lab drill -O drill.json\" as root on a machine with "+k.Release+", and \"kpadvisor audit --measured drill.json\".")
	}
	if v, ok := g.version.Get(); ok && !g.router && e == StalePod && sysctlsOf(v).id != "S5" && g.kernel.IsKnown() && g.kernel.Value.AtLeast(5, 9, 0) {
		out = append(out, "kube-proxy: upgrade to 1.22 (or 1.20.15, 1.21.9): it leaves conn_reuse_mode alone from kernel 5.9. Reboot, or set 1, after it.")
	}
	if g.reuse.rowID != "R8" {
		out = append(out, "Kernel: boot one with c95c07836fa4: 4.14.257, 4.19.219, 5.4.163, 5.10.83, 5.15.6 or 5.16, each or later.")
	}
	if s.inForce(IPVS) && recommended != IPVS && recommended != "" {
		out = append(out, fmt.Sprintf("Mode: move to %s, which keeps no IPVS entries.", recommended.title()))
	} else if g.router {
		out = append(out, "Mode: run kube-proxy instead of kube-router's service proxy (--run-service-proxy=false).")
	}
	return out
}

// sysctlRemedy says what a value of 1 buys on this kernel, and how long it lasts.
func (s *situation) sysctlRemedy(g group) []string {
	set := "sysctl -w " + sysctlReuse + "=1 " + sysctlExpire + "=1"
	if may, known := s.habits.MaySetSysctls.Get(); known && !may {
		set = "ask whoever may set node sysctls: " + set
	}
	row := reuseRow{}
	if g.kernel.IsKnown() {
		row = reuseRowOf(g.kernel.Value)
	}
	who := "kube-proxy"
	if g.router {
		who = "kube-router"
	}
	zeroed := g.router || g.version.IsKnown() && g.kernel.IsKnown() && sysctlsOf(g.version.Value).zeroes(g.kernel.Value)
	switch e := g.reuse.exposure; {
	case e == CheckSysctl:
		out := []string{"Check: sysctl " + sysctlReuse + " " + sysctlExpire}
		if !zeroed {
			out = append(out, "If it says 0: "+set)
		}
		return out
	case e == IfSysctl0:
		return []string{set + "  # kube-proxy leaves it alone: persist it in /etc/sysctl.d"}
	case e == StalePod && row.mode1 == SynDelay:
		return []string{set + "  # at worst trades stale pods for a delay of about 1 s; again after each start of " + who}
	case e == StalePod && zeroed:
		return []string{set + "  # again after each start of " + who + ", which writes 0"}
	case e == StalePod:
		return []string{set + "  # persist it in /etc/sysctl.d"}
	default:
		return nil
	}
}

// caveat is issue 81775 in one sentence, whatever the mode.
func (s *situation) caveat(rows []Reuse, recommended Mode) string {
	worst, nodes := Exposure(""), 0
	inForce := false
	for _, e := range exposures() {
		for _, r := range rows {
			if r.Exposure == e && (r.Mode == IPVS || r.Mode == "" && r.Exposure != UnknownReuse) {
				inForce = true
				if worst == "" {
					worst = e
				}
				if e == worst {
					nodes += r.Nodes
				}
			}
		}
	}
	const what = "Issue 81775 (IPVS reuses connections to destroyed pods)"
	switch {
	case inForce:
		return fmt.Sprintf("%s: IPVS runs on %s, %s.", what, nodesText(nodes), caveatWords(worst))
	case recommended == IPVS:
		return fmt.Sprintf("%s: IPVS is recommended here; on these nodes it would be: %s.", what, caveatIf(rows))
	case len(rows) == 0:
		return what + ": no node here runs IPVS or kube-proxy."
	case slices.ContainsFunc(rows, func(r Reuse) bool { return r.Exposure == UnknownReuse }):
		return fmt.Sprintf("%s: it matters only in IPVS mode; the mode is not visible, and in IPVS it would be: %s.", what, caveatIf(rows))
	default:
		return fmt.Sprintf("%s: not in force here; in IPVS mode these nodes would be: %s.", what, caveatIf(rows))
	}
}

func caveatWords(e Exposure) string {
	switch e {
	case StalePod:
		return "EXPOSED: a reused 5-tuple can reach a pod that a rollout destroyed"
	case SynDelay:
		return "EXPOSED: a reused 5-tuple waits about 1 s"
	case IfSysctl0:
		return "safe only while conn_reuse_mode is 1"
	case CheckSysctl:
		return "on a vendor kernel: check the live sysctl"
	case Safe:
		return "safe"
	default:
		return "not known: kernel or kube-proxy version is missing or too old to tell"
	}
}

// caveatIf lists what the nodes would be in IPVS mode, worst first.
func caveatIf(rows []Reuse) string {
	var parts []string
	for _, e := range exposures() {
		n, any := 0, false
		for _, r := range rows {
			if r.IfIPVS == e {
				n, any = n+r.Nodes, true
			}
		}
		if any {
			parts = append(parts, fmt.Sprintf("%s on %s", e, nodesText(n)))
		}
	}
	return list(parts)
}

// Exposed reports whether issue 81775 can bite now: IPVS is in force on a node
// where a reused 5-tuple reaches a destroyed pod or waits for a second.
func (a Advice) Exposed() bool {
	return slices.ContainsFunc(a.Reuse, func(r Reuse) bool { return r.Exposure == StalePod || r.Exposure == SynDelay })
}
