package reuse

import (
	"slices"
	"strings"

	"kpadvisor/advisor/release"
	"kpadvisor/say"
)

// Kubernetes issue 81775: IPVS keeps one entry per 5-tuple for 120 s after the
// connection ended, and a new connection that reuses the 5-tuple can follow it
// to a pod that is gone.

// Row is one row of the decision table: what happens to a reused 5-tuple
// on some kernels, with conn_reuse_mode 0 and 1 and expire_nodest_conn 1.
type Row struct {
	ID           string
	Kernels      string        // as text
	spans        [3]kernelSpan // as many as there are; the rest zero
	Mode0, Mode1 Exposure
	Note0, Note1 string
	Source       string
}

// kernelSpan is from (included) to (excluded); a zero to is open.
type kernelSpan struct{ from, to release.Numbers }

// reuseTable covers every kernel once. The fixed kernels have c95c07836fa4:
// 4.14.257, 4.19.219, 5.4.163, 5.10.83, 5.15.6 and 5.16, each and later.
func reuseTable(v say.Voice) [8]Row { // an array: it is made for every judgement
	const commits = "kernel commits c95c07836fa4 and f0a5e4d7a594"
	noMode := v.Text("there is no conn_reuse_mode")
	stale := v.Text("a SYN that reuses a 5-tuple follows the old entry to the weight-0 server")
	delay := v.Text("the SYN is dropped and sent again after about 1 s")
	residual := v.Text("a 1 s delay remains only where the old conntrack entry cannot be replaced")
	pinned := v.Text("new connections may stay on old, live backends")
	return [8]Row{
		{
			"R1", v.Text("before 4.1"),
			[3]kernelSpan{{to: release.Numbers{4, 1, 0}}},
			UnknownReuse, UnknownReuse, noMode, noMode, "kernel commit d752c3645717",
		},
		{
			"R2", v.Text("4.1 to 4.14.193, 4.15 to 4.19.139, 4.20 to 5.4.58"),
			[3]kernelSpan{{release.Numbers{4, 1, 0}, release.Numbers{4, 14, 194}}, {release.Numbers{4, 15, 0}, release.Numbers{4, 19, 140}}, {release.Numbers{4, 20, 0}, release.Numbers{5, 4, 59}}},
			StalePod, SynDelay, stale, delay, "kernel commits d752c3645717, f719e3754ee2 and c95c07836fa4",
		},
		{
			"R3", v.Text("4.14.194 to 256, 4.19.140 to 218, 5.4.59 to 162"),
			[3]kernelSpan{{release.Numbers{4, 14, 194}, release.Numbers{4, 14, 257}}, {release.Numbers{4, 19, 140}, release.Numbers{4, 19, 219}}, {release.Numbers{5, 4, 59}, release.Numbers{5, 4, 163}}},
			StalePod, Safe, stale, residual, commits,
		},
		{
			"R4", v.Text("4.14.257+, 4.19.219+, 5.4.163+"),
			[3]kernelSpan{{release.Numbers{4, 14, 257}, release.Numbers{4, 15, 0}}, {release.Numbers{4, 19, 219}, release.Numbers{4, 20, 0}}, {release.Numbers{5, 4, 163}, release.Numbers{5, 5, 0}}},
			Safe, Safe, pinned, residual, commits,
		},
		{
			"R5", v.Text("5.5 to 5.7.15, 5.8.0 to 5.8.1"),
			[3]kernelSpan{{release.Numbers{5, 5, 0}, release.Numbers{5, 7, 16}}, {release.Numbers{5, 8, 0}, release.Numbers{5, 8, 2}}},
			StalePod, SynDelay, stale, delay, commits,
		},
		{
			"R6", v.Text("5.7.16+, 5.8.2+"),
			[3]kernelSpan{{release.Numbers{5, 7, 16}, release.Numbers{5, 8, 0}}, {release.Numbers{5, 8, 2}, release.Numbers{5, 9, 0}}},
			StalePod, Safe, stale, residual, commits,
		},
		{
			"R7", v.Text("5.9 to 5.10.82, 5.11 to 5.15.5"),
			[3]kernelSpan{{release.Numbers{5, 9, 0}, release.Numbers{5, 10, 83}}, {release.Numbers{5, 11, 0}, release.Numbers{5, 15, 6}}},
			StalePod, Safe, stale, residual, "kernel commits 35dfb013149f and c95c07836fa4",
		},
		{
			"R8", v.Text("5.10.83+, 5.15.6+, 5.16 and later"),
			[3]kernelSpan{{release.Numbers{5, 10, 83}, release.Numbers{5, 11, 0}}, {release.Numbers{5, 15, 6}, release.Numbers{}}},
			Safe, Safe, pinned, residual, "kernel commit c95c07836fa4",
		},
	}
}

// expireRow holds on every kernel when expire_nodest_conn is 0.
func expireRow(v say.Voice) Row {
	return Row{
		ID: "R9", Kernels: v.Text("any, with expire_nodest_conn=0"), Mode0: StalePod, Mode1: StalePod,
		Note0: v.Text("nothing sends a SYN away from a weight-0 server"), Note1: v.Text("nothing sends a SYN outside TIME_WAIT away from a weight-0 server"),
		Source: "Linux Documentation/networking/ipvs-sysctl.rst, kubernetes PR 71834",
	}
}

// fixedRow is for vendor kernels that have every fix, whatever their numbers say.
func fixedRow(v say.Voice, id, kernels, source string) Row {
	return Row{
		ID: id, Kernels: kernels, Source: source, Mode0: Safe, Mode1: Safe,
		Note0: v.Text("new connections may stay on old, live backends"), Note1: v.Text("every fix is in it"),
	}
}

// backportRow is for kernels before 4.1 that have conn_reuse_mode all the same:
// on RHEL 7 kube-proxy 1.17 writes it, and people saw the delay of 1.
func backportRow(v say.Voice) Row {
	return Row{
		ID: "V2", Kernels: v.Text("RHEL 7 and others before 4.1 that took conn_reuse_mode over"), Mode0: StalePod, Mode1: SynDelay,
		Note0:  v.Text("a SYN that reuses a 5-tuple follows the old entry to the weight-0 server"),
		Note1:  v.Text("the SYN is dropped and sent again after about 1 s"),
		Source: "kubernetes issues 89520 and 70747, PR 90678",
	}
}

// lacksReuseMode reports a kernel known not to have conn_reuse_mode: kernel.org's
// before 4.1, and Tencent's 3.10.107 of kubernetes issue 82065.
func lacksReuseMode(k release.Kernel) bool {
	return !k.AtLeast(4, 1, 0) && (k.Vendor == "" || k.Vendor == "TencentOS")
}

// RowOf returns the row of the least a kernel is based on.
func RowOf(k release.Kernel) Row { return rowsOf(say.Voice{}, k, false)[0] }

// rowsOf returns the rows a kernel can be in, that of the least it is based on
// first. knob says that conn_reuse_mode was seen on it, whatever the table says.
func rowsOf(v say.Voice, k release.Kernel, knob bool) []Row {
	if isRHEL8Fixed(k) {
		return []Row{fixedRow(v, "V1", v.Text("RHEL 8.10, 4.18.0-522.el8 and later"), "ctrliq/kernel-src-tree, RHEL 8.10 ip_vs_core.c")}
	}
	var rows []Row
	for _, r := range reuseTable(v) {
		if r.touches(k.Low, k.High) {
			rows = append(rows, r)
		}
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return boolInt(b.holds(k.Low)) - boolInt(a.holds(k.Low)) })
	if k.High != (release.Numbers{}) {
		if rows[0].ID == "R1" && knob {
			return []Row{backportRow(v)}
		}
		return rows
	}
	first := rows[0]
	switch {
	case first.Mode0 == Safe:
		return rows[:1]
	case first.ID == "R1" && lacksReuseMode(k) && !knob:
		return rows[:1]
	case first.ID == "R1":
		first = backportRow(v)
	}
	return []Row{first, fixedRow(v, "V3", v.Text("a tree of its own that has c95c07836fa4"), "kernel commit c95c07836fa4")}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// holds reports whether a stable release is in the row.
func (r Row) holds(n release.Numbers) bool { return r.touches(n, n) }

// touches reports whether some stable release from low to high is in the row; a
// zero high asks for low alone.
func (r Row) touches(low, high release.Numbers) bool {
	if high == (release.Numbers{}) {
		high = low
	}
	for _, s := range r.spans {
		if s != (kernelSpan{}) && !high.Before(s.from) && (s.to == release.Numbers{} || low.Before(s.to)) {
			return true
		}
	}
	return false
}

// isRHEL8Fixed reports a kernel of RHEL 8.10, whose ip_vs_core.c contains
// c95c07836fa4 although its numbers say 4.18.
func isRHEL8Fixed(k release.Kernel) bool {
	return k.Vendor == "RHEL" && strings.Contains(k.Release, ".el8") && k.Numbers() == release.Numbers{4, 18, 0} && k.Build >= 522
}
