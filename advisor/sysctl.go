package advisor

// What kube-proxy does to net.ipv4.vs.* when it starts in IPVS mode.

// reuseSetting is what a kube-proxy does to conn_reuse_mode.
type reuseSetting int

const (
	leavesReuse      reuseSetting = iota // never touches it: the kernel default, 1
	zeroesReuse                          // writes 0 whatever the kernel
	zeroesReuseOld                       // writes 0 from kernel 4.1
	zeroesReuseRange                     // writes 0 from kernel 4.1 to before 5.9, leaves it from 5.9
)

// versionSpan is from (included) to (excluded); a zero to is open.
type versionSpan struct{ from, to Version }

func (s versionSpan) holds(v Version) bool {
	return v.compare(s.from) >= 0 && (s.to == Version{} || v.compare(s.to) < 0)
}

func v1(minor, patch int) Version { return Version{1, minor, patch, true} }

// sysctlRow is what the kube-proxies of some versions set.
type sysctlRow struct {
	id     string
	spans  []versionSpan
	reuse  reuseSetting
	expire bool // expire_nodest_conn and expire_quiescent_template set to 1
	source string
}

// sysctlTable covers every version once. It was read from
// pkg/proxy/ipvs/proxier.go at the tags that bound each row; 1.11.6 and 1.20.14
// follow from their neighbours.
func sysctlTable() []sysctlRow {
	return []sysctlRow{
		{
			"S1",
			[]versionSpan{{v1(0, 0), v1(11, 7)}, {v1(12, 0), v1(12, 5)}},
			leavesReuse, false,
			"kubernetes pkg/proxy/ipvs/proxier.go at v1.10.13, v1.11.5, v1.12.4",
		},
		{"S2", []versionSpan{{v1(13, 0), v1(13, 2)}}, zeroesReuse, false, "kubernetes PR 71114"},
		{
			"S3",
			[]versionSpan{{v1(11, 7), v1(12, 0)}, {v1(12, 5), v1(13, 0)}, {v1(13, 2), v1(19, 0)}},
			zeroesReuse, true,
			"kubernetes PRs 71114 and 71834",
		},
		{"S4", []versionSpan{{v1(19, 0), v1(20, 15)}, {v1(21, 0), v1(21, 9)}}, zeroesReuseOld, true, "kubernetes PR 88541"},
		{
			"S5",
			[]versionSpan{{v1(20, 15), v1(21, 0)}, {v1(21, 9), Version{}}},
			zeroesReuseRange, true,
			"kubernetes PR 102122, cherry-picks 107437 and 107438",
		},
	}
}

// sysctlsOf returns the row of a kube-proxy version.
func sysctlsOf(v Version) sysctlRow {
	for _, r := range sysctlTable() {
		for _, s := range r.spans {
			if s.holds(v) {
				return r
			}
		}
	}
	return sysctlRow{}
}

// zeroes reports whether kube-proxy writes conn_reuse_mode=0 on this kernel.
// It trusts the numbers of uname -r, so a 4.18 of RHEL counts as older than 5.9.
func (r sysctlRow) zeroes(k Kernel) bool {
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

// refusesToStart reports kube-proxy 1.13 to 1.18 on a kernel without the knob
// (kubernetes issue 82065).
func (r sysctlRow) refusesToStart(k Kernel) bool {
	return r.reuse == zeroesReuse && !k.AtLeast(4, 1, 0)
}

// drainsGracefully reports whether a real server is kept with weight 0 until
// its connections end: from 1.11.5 and 1.12. Without it no SYN can be sent to a
// weight-0 server.
func drainsGracefully(v Version) bool { return v.compare(v1(11, 5)) >= 0 }
