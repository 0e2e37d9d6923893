package advisor

import (
	"fmt"
	"slices"
	"strings"
)

// Kubernetes issue 81775: IPVS keeps one entry per 5-tuple for 120 s after the
// connection ended, and a new connection that reuses the 5-tuple can follow it
// to a pod that is gone.

// reuseRow is one row of the decision table: what happens to a reused 5-tuple
// on some kernels, with conn_reuse_mode 0 and 1 and expire_nodest_conn 1.
type reuseRow struct {
	id           string
	kernels      string // as text
	spans        []kernelSpan
	mode0, mode1 Exposure
	note0, note1 string
	source       string
}

// kernelSpan is from (included) to (excluded); a zero to is open.
type kernelSpan struct{ from, to kernelNumbers }

func (s kernelSpan) holds(k Kernel) bool {
	n := kernelNumbers{k.Major, k.Minor, k.Patch}
	return !n.before(s.from) && (s.to == kernelNumbers{} || n.before(s.to))
}

// reuseTable covers every kernel once. The fixed kernels have c95c07836fa4:
// 4.14.257, 4.19.219, 5.4.163, 5.10.83, 5.15.6 and 5.16, each and later.
func reuseTable() []reuseRow {
	const (
		stale    = "a SYN that reuses a 5-tuple follows the old entry to the weight-0 server"
		delay    = "the SYN is dropped and sent again after about 1 s"
		residual = "a 1 s delay remains only where the old conntrack entry cannot be replaced"
		pinned   = "new connections may stay on old, live backends"
		commits  = "kernel commits c95c07836fa4 and f0a5e4d7a594"
	)
	return []reuseRow{
		{
			"R1", "before 4.1",
			[]kernelSpan{{to: kernelNumbers{4, 1, 0}}},
			UnknownReuse, UnknownReuse, "there is no conn_reuse_mode", "there is no conn_reuse_mode", "kernel commit d752c3645717",
		},
		{
			"R2", "4.1 to 4.14.193, 4.15 to 4.19.139, 4.20 to 5.4.58",
			[]kernelSpan{{kernelNumbers{4, 1, 0}, kernelNumbers{4, 14, 194}}, {kernelNumbers{4, 15, 0}, kernelNumbers{4, 19, 140}}, {kernelNumbers{4, 20, 0}, kernelNumbers{5, 4, 59}}},
			StalePod, SynDelay, stale, delay, "kernel commits d752c3645717, f719e3754ee2 and c95c07836fa4",
		},
		{
			"R3", "4.14.194 to 256, 4.19.140 to 218, 5.4.59 to 162",
			[]kernelSpan{{kernelNumbers{4, 14, 194}, kernelNumbers{4, 14, 257}}, {kernelNumbers{4, 19, 140}, kernelNumbers{4, 19, 219}}, {kernelNumbers{5, 4, 59}, kernelNumbers{5, 4, 163}}},
			StalePod, Safe, stale, residual, commits,
		},
		{
			"R4", "4.14.257+, 4.19.219+, 5.4.163+",
			[]kernelSpan{{kernelNumbers{4, 14, 257}, kernelNumbers{4, 15, 0}}, {kernelNumbers{4, 19, 219}, kernelNumbers{4, 20, 0}}, {kernelNumbers{5, 4, 163}, kernelNumbers{5, 5, 0}}},
			Safe, Safe, pinned, residual, commits,
		},
		{
			"R5", "5.5 to 5.7.15, 5.8.0 to 5.8.1",
			[]kernelSpan{{kernelNumbers{5, 5, 0}, kernelNumbers{5, 7, 16}}, {kernelNumbers{5, 8, 0}, kernelNumbers{5, 8, 2}}},
			StalePod, SynDelay, stale, delay, commits,
		},
		{
			"R6", "5.7.16+, 5.8.2+",
			[]kernelSpan{{kernelNumbers{5, 7, 16}, kernelNumbers{5, 8, 0}}, {kernelNumbers{5, 8, 2}, kernelNumbers{5, 9, 0}}},
			StalePod, Safe, stale, residual, commits,
		},
		{
			"R7", "5.9 to 5.10.82, 5.11 to 5.15.5",
			[]kernelSpan{{kernelNumbers{5, 9, 0}, kernelNumbers{5, 10, 83}}, {kernelNumbers{5, 11, 0}, kernelNumbers{5, 15, 6}}},
			StalePod, Safe, stale, residual, "kernel commits 35dfb013149f and c95c07836fa4",
		},
		{
			"R8", "5.10.83+, 5.15.6+, 5.16 and later",
			[]kernelSpan{{kernelNumbers{5, 10, 83}, kernelNumbers{5, 11, 0}}, {kernelNumbers{5, 15, 6}, kernelNumbers{}}},
			Safe, Safe, pinned, residual, "kernel commit c95c07836fa4",
		},
	}
}

// expireRow holds on every kernel when expire_nodest_conn is 0.
func expireRow() reuseRow {
	return reuseRow{
		id: "R9", kernels: "any, with expire_nodest_conn=0", mode0: StalePod, mode1: StalePod,
		note0: "nothing sends a SYN away from a weight-0 server", note1: "nothing sends a SYN outside TIME_WAIT away from a weight-0 server",
		source: "Linux Documentation/networking/ipvs-sysctl.rst, kubernetes PR 71834",
	}
}

// fixedVendorRow is for vendor kernels that were read and have every fix.
func fixedVendorRow(k Kernel) (reuseRow, bool) {
	row := reuseRow{mode0: Safe, mode1: Safe, note0: "new connections may stay on old, live backends", note1: "every fix is in it"}
	switch {
	case k.isRHEL8Fixed():
		row.id, row.kernels, row.source = "V1", "RHEL 8.10, 4.18.0-522.el8 and later", "ctrliq/kernel-src-tree, RHEL 8.10 ip_vs_core.c"
	case k.isUbuntu515():
		row.id, row.kernels, row.source = "V2", "Ubuntu 22.04, 5.15.0-25 and later", "kernel commit c95c07836fa4 in Linux 5.15.6"
	default:
		return reuseRow{}, false
	}
	return row, true
}

// reuseRowOf returns the row of a kernel by its numbers.
func reuseRowOf(k Kernel) reuseRow {
	if row, ok := fixedVendorRow(k); ok {
		return row
	}
	for _, r := range reuseTable() {
		for _, s := range r.spans {
			if s.holds(k) {
				return r
			}
		}
	}
	return reuseRow{}
}

// reuseInput is everything the exposure of one node group depends on.
type reuseInput struct {
	kernel     Fact[Kernel]
	version    Fact[Version]  // kube-proxy's
	live       map[string]int // net.ipv4.vs.* as read on the nodes
	read, of   int            // nodes they were read on, and all; 0 is not known
	inForce    bool           // IPVS runs now, so live values are what it left
	kubeRouter bool           // sets the sysctls itself: conn_reuse_mode 0, expire_nodest_conn 1
}

// reuseVerdict is the exposure and the row it came from.
type reuseVerdict struct {
	exposure Exposure
	why      string
	row      string
	rowID    string
	pins     bool     // mode 0 on a fixed kernel: new connections may stay on old live backends
	by       settings // that it rests on
	measured []string // what drills on this kernel saw
}

// The names of the two sysctls that decide, and of a third.
const (
	sysctlReuse  = "net.ipv4.vs.conn_reuse_mode"
	sysctlExpire = "net.ipv4.vs.expire_nodest_conn"

	sysctlConntrack = "net.ipv4.vs.conntrack" // not deciding, but kube-proxy sets it
)

// liveSysctl reads a live value by its full or its short name.
func liveSysctl(live map[string]int, name string) (int, bool) {
	if v, ok := live[name]; ok {
		return v, true
	}
	v, ok := live[name[len("net.ipv4.vs."):]]
	return v, ok
}

// settings are the two sysctls as far as they can be told.
type settings struct {
	reuse     int
	reuseLeft bool // kube-proxy leaves conn_reuse_mode alone: 1 unless something wrote 0
	expire    bool
	who       string // who set conn_reuse_mode: a clause
	row       sysctlRow
	graceful  bool
}

// readOn says on how many nodes live values were read, where that is known.
func (in reuseInput) readOn() string {
	switch {
	case in.read == 0:
		return ""
	case in.read >= in.of:
		return " (read)"
	}
	return fmt.Sprintf(" (read on %d of %s)", in.read, count(in.of))
}

func (in reuseInput) settings() settings {
	v := in.version.Value
	row := sysctlsOf(v)
	s := settings{row: row, expire: row.expire, graceful: drainsGracefully(v)}
	switch {
	case in.kubeRouter:
		s.row = sysctlRow{id: "S6", source: "kube-router network_services_controller.go"}
		s.reuse, s.expire, s.graceful, s.who = 0, true, true, "kube-router sets conn_reuse_mode=0"
	case row.zeroes(in.kernel.Value):
		s.who = fmt.Sprintf("kube-proxy %s sets conn_reuse_mode=0", v)
	default:
		// Kube-proxies that never wrote 0 find the default; later ones may
		// find what an earlier one left.
		s.reuse, s.reuseLeft = 1, row.reuse != leavesReuse
		s.who = fmt.Sprintf("kube-proxy %s leaves conn_reuse_mode alone", v)
	}
	if live, ok := liveSysctl(in.live, sysctlReuse); ok && (in.inForce || s.reuse == 1) {
		s.reuse, s.reuseLeft = 0, false
		if live != 0 { // 2 and 3 only add cases to 1
			s.reuse = 1
		}
		s.who = fmt.Sprintf("conn_reuse_mode is %d on the nodes%s", live, in.readOn())
	}
	if live, ok := liveSysctl(in.live, sysctlExpire); ok && in.inForce {
		s.expire = live != 0
	}
	return s
}

// judge returns the exposure of a node group in IPVS mode, TCP, conntrack=1.
// Live values read on some of its nodes stand for the others only where they are
// worse than what is assumed of them.
func (in reuseInput) judge() reuseVerdict {
	v := in.judgeAlike()
	if len(in.live) == 0 || in.read == 0 || in.read >= in.of {
		return v
	}
	unread := in
	unread.live = nil
	rest := unread.judgeAlike()
	if rest.exposure.rank() >= v.exposure.rank() {
		return v
	}
	rest.why += fmt.Sprintf(" So for the nodes that were not read; on the %d of %s that were: %s.", in.read, count(in.of), v.exposure)
	return rest
}

// rank orders exposures, the worst first.
func (e Exposure) rank() int { return slices.Index(exposures(), e) }

// exposures are all that IPVS mode can have, the worst first.
func exposures() []Exposure {
	return []Exposure{StalePod, SynDelay, CheckSysctl, IfSysctl0, UnknownReuse, Safe}
}

// judgeAlike is judge with all nodes of the group as those that were read.
func (in reuseInput) judgeAlike() reuseVerdict {
	k, kernelKnown := in.kernel.Get()
	if !kernelKnown {
		return reuseVerdict{exposure: UnknownReuse, why: "The kernel of these nodes is not known."}
	}
	if !in.version.IsKnown() && !in.kubeRouter {
		return reuseVerdict{exposure: UnknownReuse, why: "The kube-proxy version on these nodes is not known, and with it what it sets."}
	}
	s, row := in.settings(), reuseRowOf(k)
	if !s.expire && s.graceful {
		row = expireRow()
		return verdictOf(row, row.mode0, fmt.Sprintf("expire_nodest_conn is 0, so %s.", row.note0), s)
	}
	if row.id == "R1" {
		return in.judgeOld(row, s)
	}
	if k.Vendor == "" || strings.HasPrefix(row.id, "V") || k.AtLeast(5, 16, 0) {
		return in.judgeNumbered(row, s)
	}
	return in.judgeVendor(row, s)
}

// judgeNumbered handles kernels whose numbers tell.
func (in reuseInput) judgeNumbered(row reuseRow, s settings) reuseVerdict {
	k := in.kernel.Value
	is := fmt.Sprintf("Kernel %s is in row %s (%s)", k.Release, row.id, row.kernels)
	switch {
	case s.reuseLeft && row.mode0 == StalePod:
		return verdictOf(row, IfSysctl0, fmt.Sprintf("%s; %s. Safe while it is 1, the kernel's default; a 0 that an older kube-proxy or an agent left stays until a reboot.%s", is, s.who, k.hiddenPatch()), s)
	case s.reuse == 0:
		v := verdictOf(row, row.mode0, fmt.Sprintf("%s and %s: %s.", is, s.who, row.note0), s)
		v.pins = row.mode0 == Safe
		if v.exposure == StalePod {
			v.why += k.hiddenPatch()
		}
		if in.kubeRouter && v.exposure == StalePod {
			v.why += " That needs --ipvs-graceful-termination; without it the SYN is dropped once instead."
		}
		return v
	default:
		return verdictOf(row, row.mode1, fmt.Sprintf("%s; %s: %s.", is, s.who, row.note1), s)
	}
}

// judgeVendor handles kernels whose numbers are only a lower bound: a vendor
// adds fixes to its base, it does not take them out.
func (in reuseInput) judgeVendor(row reuseRow, s settings) reuseVerdict {
	k := in.kernel.Value
	base := fmt.Sprintf("%s backports fixes without changing %s", k.Vendor, k.Release)
	_, read := liveSysctl(in.live, sysctlReuse)
	read = read && in.inForce
	switch {
	case read && s.reuse == 1 && row.mode1 == Safe:
		return verdictOf(row, Safe, fmt.Sprintf("%s, and %s, which is safe on its base already.", base, s.who), s)
	case read && s.reuse == 1:
		return verdictOf(row, SynDelay, fmt.Sprintf("%s; %s: at worst %s.", base, s.who, row.note1), s)
	case read && row.mode0 == StalePod:
		return verdictOf(row, StalePod, fmt.Sprintf("%s; %s: treat it as exposed until the vendor names c95c07836fa4 as merged.", base, s.who), s)
	case s.reuseLeft:
		return verdictOf(row, CheckSysctl, fmt.Sprintf("%s; %s. Read it: 1 is safe, 0 is safe only with c95c07836fa4.", base, s.who), s)
	default:
		return verdictOf(row, CheckSysctl, fmt.Sprintf("%s; %s. Safe only if the vendor merged c95c07836fa4: read the sysctl and the change list.", base, s.who), s)
	}
}

// judgeOld handles kernels without conn_reuse_mode.
func (in reuseInput) judgeOld(row reuseRow, s settings) reuseVerdict {
	k := in.kernel.Value
	if s.row.refusesToStart(k) && !in.kubeRouter {
		return verdictOf(row, UnknownReuse, fmt.Sprintf("kube-proxy %s does not start in IPVS mode on %s: the kernel has no conn_reuse_mode (kubernetes issue 82065).", in.version.Value, k.Release), s)
	}
	return verdictOf(row, UnknownReuse, fmt.Sprintf("Kernel %s has no conn_reuse_mode; what the distribution backported is not known.", k.Release), s)
}

func verdictOf(row reuseRow, e Exposure, why string, s settings) reuseVerdict {
	text := fmt.Sprintf("%s: kernel %s (%s)", row.id, row.kernels, row.source)
	if s.row.id != "" {
		text += fmt.Sprintf("; %s: %s (%s)", s.row.id, s.who, s.row.source)
	}
	return reuseVerdict{exposure: e, why: why, row: text, rowID: row.id, by: s}
}
