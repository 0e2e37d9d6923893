package reuse

import "kpadvisor/advisor/release"

// What kube-proxy does to net.ipv4.vs.* when it starts in IPVS mode.

// The names of the two sysctls that decide, and of a third.
const (
	SysctlReuse  = "net.ipv4.vs.conn_reuse_mode"
	SysctlExpire = "net.ipv4.vs.expire_nodest_conn"

	SysctlConntrack = "net.ipv4.vs.conntrack" // not deciding, but kube-proxy sets it
	// SysctlOldConntrack is Tencent's: with 1 a SYN that conn_reuse_mode=1 sends
	// elsewhere is not dropped (TencentOS-kernel PR 17).
	SysctlOldConntrack = "net.ipv4.vs.conn_reuse_old_conntrack"
)

// Live reads a live value by its full or its short name.
func Live(live map[string]int, name string) (int, bool) {
	if v, ok := live[name]; ok {
		return v, true
	}
	v, ok := live[name[len("net.ipv4.vs."):]]
	return v, ok
}

// reuseSetting is what a kube-proxy does to conn_reuse_mode.
type reuseSetting int

const (
	leavesReuse      reuseSetting = iota // never touches it: the kernel default, 1
	zeroesReuse                          // writes 0 whatever the kernel
	zeroesReuseOld                       // writes 0 from kernel 4.1
	zeroesReuseRange                     // writes 0 from kernel 4.1 to before 5.9, leaves it from 5.9
)

// versionSpan is from (included) to (excluded); a zero to is open.
type versionSpan struct{ from, to release.Version }

func (s versionSpan) holds(v release.Version) bool {
	return s != versionSpan{} && v.Compare(s.from) >= 0 && (s.to == release.Version{} || v.Compare(s.to) < 0)
}

// SysctlRow is what the kube-proxies of some versions set.
type SysctlRow struct {
	ID     string
	spans  [3]versionSpan // as many as there are; the rest zero
	reuse  reuseSetting
	expire bool // expire_nodest_conn and expire_quiescent_template set to 1
	Source string
}

// sysctlTable covers every version once. It was read from
// pkg/proxy/ipvs/proxier.go at the tags that bound each row; 1.11.6 and 1.20.14
// follow from their neighbours.
func sysctlTable() [5]SysctlRow { // an array: it is made for every judgement
	return [5]SysctlRow{
		{
			"S1",
			[3]versionSpan{{release.V1(0, 0), release.V1(11, 7)}, {release.V1(12, 0), release.V1(12, 5)}},
			leavesReuse, false,
			"kubernetes pkg/proxy/ipvs/proxier.go at v1.10.13, v1.11.5, v1.12.4",
		},
		{"S2", [3]versionSpan{{release.V1(13, 0), release.V1(13, 2)}}, zeroesReuse, false, "kubernetes PR 71114"},
		{
			"S3",
			[3]versionSpan{{release.V1(11, 7), release.V1(12, 0)}, {release.V1(12, 5), release.V1(13, 0)}, {release.V1(13, 2), release.V1(19, 0)}},
			zeroesReuse, true,
			"kubernetes PRs 71114 and 71834",
		},
		{"S4", [3]versionSpan{{release.V1(19, 0), release.V1(20, 15)}, {release.V1(21, 0), release.V1(21, 9)}}, zeroesReuseOld, true, "kubernetes PR 88541"},
		{
			"S5",
			[3]versionSpan{{release.V1(20, 15), release.V1(21, 0)}, {release.V1(21, 9), release.Version{}}},
			zeroesReuseRange, true,
			"kubernetes PR 102122, cherry-picks 107437 and 107438",
		},
	}
}

// SysctlsOf returns the row of a kube-proxy version.
func SysctlsOf(v release.Version) SysctlRow {
	for _, r := range sysctlTable() {
		for _, s := range r.spans {
			if s.holds(v) {
				return r
			}
		}
	}
	return SysctlRow{}
}

// Zeroes reports whether kube-proxy writes conn_reuse_mode=0 on this kernel.
// It trusts the numbers of uname -r, so a 4.18 of RHEL counts as older than 5.9.
func (r SysctlRow) Zeroes(k release.Kernel) bool {
	switch r.reuse {
	case leavesReuse:
		return false
	case zeroesReuse:
		return true
	case zeroesReuseOld:
		return k.AtLeast(4, 1, 0)
	default:
		return k.AtLeast(4, 1, 0) && !k.AtLeast(5, 9, 0)
	}
}

// RefusesToStart reports kube-proxy 1.13 to 1.18 on a kernel without the knob
// (kubernetes issue 82065).
func (r SysctlRow) RefusesToStart(k release.Kernel) bool {
	return r.reuse == zeroesReuse && lacksReuseMode(k)
}

// gracefulFrom is the first version that keeps a real server with weight 0 until
// its connections end: 1.11.5, and 1.12. Without it no SYN can be sent to a
// weight-0 server.
func gracefulFrom() release.Version { return release.V1(11, 5) }

func drainsGracefully(v release.Version) bool { return v.Compare(gracefulFrom()) >= 0 }
