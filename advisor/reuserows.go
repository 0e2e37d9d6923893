package advisor

import (
	"fmt"
	"slices"

	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
	"kpadvisor/say"
)

// reuseRows returns the verdict on issue 81775 per set of nodes alike in it, in
// the order of the groups; Windows, replacements other than kube-router and nodes
// without a say are left out.
func (s *situation) reuseRows(recommended Mode) []Reuse {
	rows := []Reuse{}
	at := map[[2]string]int{} // by what makes rows alike
	for _, g := range s.groups {
		if g.runs == no && !g.router || g.Managed+g.Leaving+g.Spared != "" {
			continue
		}
		row := s.reuseRow(g, recommended)
		key := [2]string{row.Group, row.Why}
		if same, ok := at[key]; ok {
			rows[same].Nodes += row.Nodes
			continue
		}
		at[key] = len(rows)
		rows = append(rows, row)
	}
	return rows
}

func (s *situation) reuseRow(g group, recommended Mode) Reuse {
	row := Reuse{Nodes: g.Nodes, Mode: g.mode.Value, Kernel: g.Kernel, IfIPVS: g.reuse.Exposure, Row: g.reuse.Row, Remedy: []string{}, Measured: g.reuse.Measured}
	if v, ok := g.version.Get(); ok {
		row.Kubernetes = "v" + v.String()
	}
	row.Group, row.Likelihood, row.Reused = groupName(g), s.likelihood(), s.seen.Reused
	switch {
	case g.down():
		row.Exposure = reuse.UnknownReuse
		row.Why = s.Sprintf("kube-proxy does not run on these nodes (%s). In IPVS mode: %s", s.Seen(plain.Text(g.Proxy.FailingWhy)), g.reuse.Why)
	case g.inForce:
		row.Exposure, row.Why = g.reuse.Exposure, g.reuse.Why
	case g.mode.IsKnown():
		row.Exposure = reuse.NotIPVS
		row.Why = s.Sprintf("%s mode does not keep IPVS entries. In IPVS mode: %s", plain.Upper(string(g.mode.Value)), g.reuse.Why)
	default:
		row.Exposure = reuse.UnknownReuse
		row.Why = s.Sprintf("The mode is not visible. In IPVS mode: %s", g.reuse.Why)
	}
	if g.inForce || recommended == IPVS || row.Exposure == reuse.UnknownReuse {
		row.Load = s.reuseLoad()
		row.Remedy = s.remedies(g, recommended)
	}
	return row
}

func groupName(g group) string {
	v := g.voice
	mode := v.Text("mode not visible")
	switch {
	case g.router:
		mode = "kube-router (IPVS)"
	case g.mode.IsKnown():
		mode = g.mode.Value.title()
	}
	kernel := g.Kernel
	if kernel == "" {
		kernel = v.Text("kernel unknown")
	}
	if g.router {
		return mode + ", " + kernel
	}
	version := v.Text("kube-proxy unknown")
	if own, ok := g.version.Get(); ok {
		version = "kube-proxy v" + own.String()
	}
	return fmt.Sprintf("%s, %s, %s", mode, kernel, version)
}

// remedies lists what helps a group, mildest first: connections, sysctls,
// kube-proxy, kernel, mode.
func (s *situation) remedies(g group, recommended Mode) []string {
	e := g.reuse.Exposure
	if e == reuse.Safe {
		return []string{s.Sprintf("Nothing to do. Check once: sysctl %s %s", reuse.SysctlReuse, reuse.SysctlExpire)}
	}
	out := []string{s.Text("Keep connections open (HTTP keep-alive, pools): a 5-tuple that is not reused cannot go astray.")}
	out = append(out, s.sysctlRemedy(g)...)
	if k := g.kernel.Value; len(g.reuse.Measured) == 0 && (e == reuse.CheckSysctl || e == reuse.StalePod && k.HidesPatch() || k.Vendor != "" && e != reuse.Safe) {
		out = append(out, s.Sprintf("Where the number does not tell, the kernel does: \"kpadvisor lab drill -O drill.json\" as root on a machine with %s, and \"kpadvisor audit --measured drill.json\".", k.Release))
	}
	if v, ok := g.version.Get(); ok && !g.router && e == reuse.StalePod && reuse.SysctlsOf(v).ID != "S5" && g.kernel.IsKnown() && g.kernel.Value.AtLeast(5, 9, 0) {
		out = append(out, s.Text("kube-proxy: upgrade to 1.22 (or 1.20.15, 1.21.9): it leaves conn_reuse_mode alone from kernel 5.9. Reboot, or set 1, after it."))
	}
	if g.reuse.RowID != "R8" {
		out = append(out, s.Text("Kernel: boot one with c95c07836fa4: 4.14.257, 4.19.219, 5.4.163, 5.10.83, 5.15.6 or 5.16, each or later."))
	}
	if s.inForce(IPVS) && recommended != IPVS && recommended != "" {
		out = append(out, s.Sprintf("Mode: move to %s, which keeps no IPVS entries.", recommended.title()))
	} else if g.router {
		out = append(out, s.Text("Mode: run kube-proxy instead of kube-router's service proxy (--run-service-proxy=false)."))
	}
	return out
}

// sysctlRemedy says what a value of 1 buys on this kernel, and how long it lasts.
func (s *situation) sysctlRemedy(g group) []string {
	set := "sysctl -w " + reuse.SysctlReuse + "=1 " + reuse.SysctlExpire + "=1"
	if may, known := s.habits.MaySetSysctls.Get(); known && !may {
		set = s.Sprintf("ask whoever may set node sysctls: %s", set)
	}
	row := reuse.Row{}
	if g.kernel.IsKnown() {
		row = reuse.RowOf(g.kernel.Value)
	}
	who := "kube-proxy"
	if g.router {
		who = "kube-router"
	}
	zeroed := g.router || g.version.IsKnown() && g.kernel.IsKnown() && reuse.SysctlsOf(g.version.Value).Zeroes(g.kernel.Value)
	switch e := g.reuse.Exposure; {
	case e == reuse.CheckSysctl:
		out := []string{s.Sprintf("Check: sysctl %s %s", reuse.SysctlReuse, reuse.SysctlExpire)}
		if !zeroed {
			out = append(out, s.Sprintf("If it says 0: %s", set))
		}
		return out
	case e == reuse.IfSysctl0:
		return []string{s.Sprintf("%s  # kube-proxy leaves it alone: persist it in /etc/sysctl.d", set)}
	case e == reuse.StalePod && row.Mode1 == reuse.SynDelay:
		return []string{s.Sprintf("%s  # at worst trades stale pods for a delay of about 1 s; again after each start of %s", set, who)}
	case e == reuse.StalePod && zeroed:
		return []string{s.Sprintf("%s  # again after each start of %s, which writes 0", set, who)}
	case e == reuse.StalePod:
		return []string{s.Sprintf("%s  # persist it in /etc/sysctl.d", set)}
	default:
		return nil
	}
}

// caveat is what issue 81775 does here, in one sentence, whatever the mode.
func (s *situation) caveat(rows []Reuse, recommended Mode) string {
	worst, nodes := reuse.Exposure(""), 0
	inForce := false
	for _, e := range reuse.Exposures() {
		for _, r := range rows {
			if r.Exposure == e && (r.Mode == IPVS || r.Mode == "" && r.Exposure != reuse.UnknownReuse) {
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
	switch {
	case inForce:
		return s.Sprintf("IPVS runs on %s, %s.", nodesText(s.Voice, nodes), s.caveatWords(worst))
	case recommended == IPVS:
		return s.Sprintf("IPVS is recommended here; on %s it would be: %s.", s.theseNodes(), caveatIf(s.Voice, rows))
	case len(rows) == 0:
		return s.Text("no node here runs IPVS or kube-proxy.")
	case slices.ContainsFunc(rows, func(r Reuse) bool { return r.Exposure == reuse.UnknownReuse }):
		return s.Sprintf("it matters only in IPVS mode; the mode is not visible, and in IPVS it would be: %s.", caveatIf(s.Voice, rows))
	default:
		return s.Sprintf("not in force here; in IPVS mode it would be: %s.", caveatIf(s.Voice, rows))
	}
}

func (s *situation) caveatWords(e reuse.Exposure) string {
	if e.Bites() && !s.urgent() {
		return s.Sprintf("exposed, though %s", s.odds())
	}
	switch e {
	case reuse.StalePod:
		return s.Text("EXPOSED: a reused 5-tuple can reach a pod that a rollout destroyed")
	case reuse.SynDelay:
		return s.Text("EXPOSED: a reused 5-tuple waits about 1 s")
	case reuse.IfSysctl0:
		return s.Text("safe only while conn_reuse_mode is 1")
	case reuse.CheckSysctl:
		return s.Text("the release does not tell: check the live sysctl and the kernel's patch level")
	case reuse.Safe:
		return s.Text("safe")
	default:
		return s.Text("not known: kernel or kube-proxy version is missing or too old to tell")
	}
}

// caveatIf lists what the nodes would be in IPVS mode, worst first.
func caveatIf(v say.Voice, rows []Reuse) string {
	var parts []string
	for _, e := range reuse.Exposures() {
		n, any := 0, false
		for _, r := range rows {
			if r.IfIPVS == e {
				n, any = n+r.Nodes, true
			}
		}
		if any {
			parts = append(parts, v.Sprintf("%s on %s", e.In(v), nodesText(v, n)))
		}
	}
	return v.Join(parts)
}

// Exposed reports whether issue 81775 can bite now: IPVS is in force on a node
// where a reused 5-tuple reaches a destroyed pod or waits for a second, and the
// habits do not make that unlikely.
func (a Advice) Exposed() bool {
	return slices.ContainsFunc(a.Reuse, func(r Reuse) bool { return r.Exposure.Bites() && r.Likelihood.Urgent() })
}

// pointer returns nil for what is not known.
func pointer[T any](f Fact[T]) *T {
	if !f.IsKnown() {
		return nil
	}
	return &f.Value
}

// steadyHabit is whether connections are long-lived or kept alive, nil where
// nobody answered or some are of each kind.
func (s *situation) steadyHabit() *bool {
	p, known := s.habits.Connections.Get()
	if !known || p == Mixed {
		return nil
	}
	steady := s.steady()
	return &steady
}

// likelihood is how likely issue 81775 strikes: by the reuse that was measured, and where
// none was, or somebody answered with a rate at which it is worse, at the habits.
func (s *situation) likelihood() reuse.Likelihood {
	l, _ := s.likelihoodBy()
	return l
}

// likelihoodBy is likelihood, and whether it is by what was measured.
func (s *situation) likelihoodBy() (l reuse.Likelihood, measured bool) {
	h := s.habits
	modelled := reuse.Likely(pointer(h.NewConnectionsPerSecond), pointer(h.BehindNAT), s.steadyHabit(), pointer(h.RolloutsPerDay))
	seen, told := s.reuseSeen()
	if rate := h.NewConnectionsPerSecond; !told || rate.IsKnown() && !WasMeasured(rate.Source) && modelled.Worse(seen) {
		return modelled, false
	}
	return seen, true
}

// reuseSeen is how likely it is by the reuse that was measured; told is false where that
// says nothing.
func (s *situation) reuseSeen() (l reuse.Likelihood, told bool) {
	return reuse.LikelySeen(s.seen.seen, s.steadyHabit(), pointer(s.habits.RolloutsPerDay))
}

// reuseLoad says so in words.
func (s *situation) reuseLoad() string {
	h := s.habits
	seen, told := s.reuseSeen()
	rollouts := pointer(h.RolloutsPerDay)
	if _, measured := s.likelihoodBy(); measured {
		return s.seenText(seen, rollouts)
	}
	text := reuse.LikelyTextIn(s.Voice, pointer(h.NewConnectionsPerSecond), pointer(h.BehindNAT), s.steadyHabit(), rollouts)
	if told {
		text = s.Sentences(text, s.seenText(seen, nil))
	}
	return text
}

// seenText is the reuse that was measured in words.
func (s *situation) seenText(l reuse.Likelihood, rollouts *float64) string {
	return reuse.SeenTextIn(s.Voice, s.Again(s.seen.Reused.Source), len(s.seen.seen), s.seen.Reused.Value, l, rollouts)
}

// odds says how likely it is, and by what.
func (s *situation) odds() string {
	l, measured := s.likelihoodBy()
	if measured {
		return s.Sprintf("by the reuse measured the risk is %s", l.In(s.Voice))
	}
	return s.Sprintf("at the habits answered the risk is %s", l.In(s.Voice))
}

// likelyReused reports what is worth a warning of its own.
func likelyReused(l reuse.Likelihood) bool { return l == reuse.LikelyReuse || l == reuse.Certain }

// urgent reports that exposure to issue 81775 is to be acted on now. Habits that
// nobody answered stay cautious.
func (s *situation) urgent() bool { return s.likelihood().Urgent() }

// GroupConfig is a configuration that nodes have, as far as issue 81775 goes.
type GroupConfig struct {
	reuse.Config
	Nodes int      // 0 where nobody counted them
	Of    []string // whose it is: the groups, with a condition where there is one
}

// ReuseConfigs lists what a drill must try to stand for these nodes: the mode
// of each Linux node group and, in IPVS mode, what kube-proxy of its version
// leaves on its kernel or what was read there. Configurations that are the same
// are one.
func ReuseConfigs(f Facts) []GroupConfig { return ReuseConfigsIn(say.Voice{}, f) }

// ReuseConfigsIn is ReuseConfigs in another language.
func ReuseConfigsIn(v say.Voice, f Facts) []GroupConfig {
	var out []GroupConfig
	for _, g := range situationIn(v, f, Habits{}, Measured{}).groups {
		for _, c := range g.configs() {
			i := slices.IndexFunc(out, func(o GroupConfig) bool { return o.Config == c.Config })
			if i < 0 {
				out = append(out, c)
				continue
			}
			out[i].Nodes += c.Nodes
			out[i].Of = append(out[i].Of, c.Of...)
		}
	}
	return out
}

// configs are those of one group; none where something else than kube-proxy or
// kube-router programs Services.
func (g group) configs() []GroupConfig {
	name := groupName(g)
	var out []GroupConfig
	add := func(c reuse.Config, condition string) {
		out = append(out, GroupConfig{c, g.Nodes, []string{name + condition}})
	}
	mode, known := g.mode.Get()
	switch {
	case g.router:
		mode = IPVS
	case g.runs == no:
		return nil
	case !known:
		add(reuse.Config{Mode: string(IPTables)}, g.voice.Text(", if that is iptables mode"))
	case mode != IPVS:
		add(reuse.Config{Mode: string(mode)}, "")
		return out
	}
	condition := ""
	if mode != IPVS {
		condition = g.voice.Text(", if that is IPVS mode")
	}
	in := g.reuseInput()
	now := in.Settings()
	c := reuse.Config{Mode: string(IPVS), ConnReuseMode: now.Reuse, Conntrack: 1}
	if now.Expire {
		c.ExpireNodestConn = 1
	}
	if v, ok := reuse.Live(in.Live, reuse.SysctlConntrack); ok && in.InForce && v == 0 {
		c.Conntrack = 0
	}
	if _, read := reuse.Live(in.Live, reuse.SysctlReuse); !in.Version.IsKnown() && !g.router && !read {
		// What this kube-proxy sets is not known: both, and expire as all since 1.11.7 set it.
		now.ReuseLeft, c.ConnReuseMode, c.ExpireNodestConn = true, 1, 1
	}
	add(c, condition)
	if now.ReuseLeft {
		c.ConnReuseMode = 0
		add(c, condition+g.voice.Text(", if something left conn_reuse_mode at 0"))
	}
	return out
}
