package reuse

import (
	"fmt"
	"slices"

	"kpadvisor/advisor/release"
	"kpadvisor/plain"
	"kpadvisor/say"
)

// Input is everything the exposure of one node group depends on.
type Input struct {
	say.Voice // in which a verdict is said

	Kernel     release.Kernel  // zero where it is not known
	Version    release.Version // kube-proxy's; zero where it is not known
	Live       map[string]int  // net.ipv4.vs.* as read on the nodes
	Read, Of   int             // nodes they were read on, and all; 0 is not known
	InForce    bool            // IPVS runs now, so live values are what it left
	KubeRouter bool            // sets the sysctls itself: conn_reuse_mode 0, expire_nodest_conn 1
}

// Verdict is the exposure and the row it came from.
type Verdict struct {
	Exposure Exposure
	Why      string
	Row      string
	RowID    string
	Pins     bool     // mode 0 on a fixed kernel: new connections may stay on old live backends
	ByBase   bool     // safe by the base number of a vendor's own tree: never more than likely
	By       Settings // that it rests on
	Measured []string // what drills on this kernel saw
}

// Judge returns the exposure of a node group in IPVS mode, TCP, conntrack=1.
// Live values read on some of its nodes stand for the others only where they are
// worse than what is assumed of them.
func (in Input) Judge() Verdict {
	v := in.judgeAlike()
	if !in.partly() {
		return v
	}
	rest := in.unread().judgeAlike()
	if rest.Exposure.Rank() >= v.Exposure.Rank() {
		return v
	}
	rest.Why = in.Sentences(rest.Why, in.Sprintf("So for the nodes that were not read; on the %d of %s that were: %s.", in.Read, plain.Number(in.Of), v.Exposure.In(in.Voice)))
	return rest
}

// partly reports whether live values were read on some of the nodes only.
func (in Input) partly() bool { return len(in.Live) > 0 && in.Read > 0 && in.Read < in.Of }

// unread is the input of the nodes that were not read.
func (in Input) unread() Input {
	in.Live = nil
	return in
}

// readReuse reports whether conn_reuse_mode was read while IPVS ran.
func (in Input) readReuse() bool {
	_, ok := Live(in.Live, SysctlReuse)
	return ok && in.InForce
}

// versionGiven reports whether what kube-proxy sets is known, or read anyway.
func (in Input) versionGiven() bool {
	_, expire := Live(in.Live, SysctlExpire)
	return in.Version.IsKnown() || in.KubeRouter || in.readReuse() && expire
}

// judgeAlike is Judge with all nodes of the group as those that were read.
func (in Input) judgeAlike() Verdict {
	switch {
	case !in.Kernel.IsKnown():
		return Verdict{Exposure: UnknownReuse, Why: in.Text("The kernel of these nodes is not known.")}
	case !in.versionGiven():
		return Verdict{Exposure: UnknownReuse, Why: in.Text("The kube-proxy version on these nodes is not known, and with it what it sets.")}
	}
	all := in.byPatch()
	if len(all) == 1 {
		return all[0].verdict
	}
	v := all[len(all)-1].verdict
	parts := make([]string, len(all))
	for i, p := range all {
		parts[i] = in.Sprintf("%s: %s", p.span, p.verdict.Exposure.In(in.Voice))
	}
	v.Exposure, v.Pins, v.ByBase = CheckSysctl, false, false
	v.Why = in.Sprintf("The patch release of kube-proxy %s decides: %s. Look: kubectl -n kube-system get pods -l k8s-app=kube-proxy -o yaml | grep image:",
		in.Version, in.Clauses(parts...))
	v.By = in.Settings()
	return v
}

// patchSpan is a run of patch releases that are judged alike.
type patchSpan struct {
	span    string // "up to 1.21.8"
	verdict Verdict
}

// versions are the patch releases at which what kube-proxy does can change: the
// version itself, or the bounds of the rows of sysctlTable within its minor one.
func (in Input) versions() []release.Version {
	if in.Version.HasPatch || !in.Version.IsKnown() || in.KubeRouter {
		return []release.Version{in.Version}
	}
	low, high := in.Version.Range()
	at := []release.Version{low}
	for _, r := range sysctlTable() {
		for _, s := range r.spans {
			if low.Compare(s.from) < 0 && s.from.Compare(high) <= 0 {
				at = append(at, s.from)
			}
		}
	}
	if first := gracefulFrom(); low.Compare(first) < 0 && first.Compare(high) <= 0 {
		at = append(at, first)
	}
	slices.SortFunc(at, release.Version.Compare)
	return slices.Compact(at)
}

// byPatch judges each patch release that can be; one entry where all are alike.
func (in Input) byPatch() []patchSpan {
	var all []patchSpan
	var from []release.Version // at which each of them begins
	for _, v := range in.versions() {
		at := in
		at.Version = v
		verdict := at.judgeAt(in.Version)
		if n := len(all); n > 0 && all[n-1].verdict.Exposure == verdict.Exposure {
			continue
		}
		all, from = append(all, patchSpan{verdict: verdict}), append(from, v)
	}
	for i := range all {
		all[i].span = in.span(from, i)
	}
	return all
}

// span says which patch releases the i-th of several runs holds.
func (in Input) span(from []release.Version, i int) string {
	last := ""
	if i+1 < len(from) {
		last = fmt.Sprintf("1.%d.%d", from[i+1].Minor, from[i+1].Patch-1)
	}
	switch {
	case i == 0:
		return in.Sprintf("up to %s", last)
	case last == "":
		return in.Sprintf("from %s", from[i])
	}
	return in.Sprintf("from %s to %s", from[i], last)
}

// judgeAt judges one version on every row the kernel can be in. as is how the
// version is called.
func (in Input) judgeAt(as release.Version) Verdict {
	s := in.settingsOf(as)
	_, knob := Live(in.Live, SysctlReuse)
	rows := rowsOf(in.Voice, in.Kernel, knob)
	if !s.Expire && s.Graceful {
		row := expireRow(in.Voice)
		return in.verdictOf(row, StalePod, in.Sprintf("expire_nodest_conn is 0, so %s.", row.Note0), s)
	}
	first, open := s.exposureOn(rows[0]), false
	for _, r := range rows[1:] {
		open = open || s.exposureOn(r) != first
	}
	switch {
	case rows[0].ID == "R1":
		return in.judgeOld(rows[0], s)
	case open:
		return in.judgeOpen(rows, s)
	}
	return in.judgeRow(rows[0], s)
}

// judgeRow handles kernels whose exposure is the same wherever they can be.
func (in Input) judgeRow(row Row, s Settings) Verdict {
	k, e := in.Kernel, s.exposureOn(row)
	v := in.verdictOf(row, e, "", s)
	is := in.Sprintf("Kernel %s is in row %s (%s)", k.Release, row.ID, row.Kernels)
	switch {
	case e == IfSysctl0:
		v.Why = in.Sprintf("%s; %s. Safe while it is 1, the kernel's default; a 0 that an older kube-proxy or an agent left stays until a reboot.", is, s.Who)
	case s.Reuse == 0:
		v.Why, v.Pins = in.Sprintf("%s and %s: %s.", is, s.Who, row.Note0), e == Safe
	case e == Safe && row.Mode1 == SynDelay:
		v.Why = in.Sprintf("%s; %s, and no SYN is dropped: %s.", is, s.Who, s.noDrop)
	default:
		v.Why = in.Sprintf("%s; %s: %s.", is, s.Who, row.Note1)
	}
	if text := k.HiddenText(in.Voice); text != "" {
		v.Why = in.Sentences(v.Why, text)
	}
	if e == Safe && k.Vendor != "" && !k.BasedOn(5, 16, 0) && row.ID[0] == 'R' {
		v.ByBase = true
		v.Why = in.Sentences(v.Why, in.Text("A vendor adds fixes to its base and seldom takes one out: likely, not certain."))
	}
	if in.KubeRouter && e == StalePod {
		v.Why = in.Sentences(v.Why, in.Text("That needs --ipvs-graceful-termination; without it the SYN is dropped once instead."))
	}
	return v
}

// judgeOpen handles kernels that can be in several rows: a vendor that may have
// the fix, a number that hides its patch level.
func (in Input) judgeOpen(rows []Row, s Settings) Verdict {
	k, row := in.Kernel, rows[0]
	could := make([]string, 0, len(rows))
	for _, r := range rows {
		if e := s.exposureOn(r).In(in.Voice); !slices.Contains(could, e) {
			could = append(could, e)
		}
	}
	base := k.HiddenText(in.Voice)
	switch {
	case in.readReuse() && s.Reuse == 1 && s.exposureOn(row) == Safe:
		return in.verdictOf(row, Safe, in.Sprintf("%s Here %s, which is safe on its base already.", base, s.Who), s)
	case in.readReuse() && s.Reuse == 1:
		return in.verdictOf(row, SynDelay, in.Sprintf("%s Here %s: at worst %s.", base, s.Who, row.Note1), s)
	case in.readReuse() && k.Vendor != "":
		return in.verdictOf(row, StalePod, in.Sprintf("%s Here %s: treat it as exposed until the vendor names c95c07836fa4 as merged.", base, s.Who), s)
	case s.ReuseLeft:
		return in.verdictOf(row, CheckSysctl, in.Sprintf("%s Here %s. Read it: 1 is safe, at worst %s; 0 is safe only with c95c07836fa4.", base, s.Who, row.Note1), s)
	}
	one := could[0]
	for _, other := range could[1:] {
		one = in.Sprintf("%s or %s", one, other)
	}
	return in.verdictOf(row, CheckSysctl, in.Sprintf("%s Here %s, so it can be %s: safe only if c95c07836fa4 is in it.", base, s.Who, one), s)
}

// judgeOld handles kernels without conn_reuse_mode.
func (in Input) judgeOld(row Row, s Settings) Verdict {
	k := in.Kernel
	if s.Row.RefusesToStart(k) && !in.KubeRouter {
		return in.verdictOf(row, UnknownReuse, in.Sprintf("kube-proxy %s does not start in IPVS mode on %s: the kernel has no conn_reuse_mode (kubernetes issue 82065).", in.Version, k.Release), s)
	}
	return in.verdictOf(row, UnknownReuse, in.Sprintf("Kernel %s has no conn_reuse_mode; what it does instead is not known.", k.Release), s)
}

func (in Input) verdictOf(row Row, e Exposure, why string, s Settings) Verdict {
	text := in.Sprintf("%s: kernel %s (%s)", row.ID, row.Kernels, row.Source)
	if s.Row.ID != "" {
		text = in.Clauses(text, in.Sprintf("%s: %s (%s)", s.Row.ID, s.Who, s.Row.Source))
	}
	return Verdict{Exposure: e, Why: why, Row: text, RowID: row.ID, By: s}
}
