package reuse

import (
	"slices"

	"kpadvisor/advisor/release"
	"kpadvisor/say"
)

// Outcomes are the exposures that the inputs which are unknown, hidden or
// assumed could turn out to give, the judged one first: a kernel anywhere within
// its bounds, a vendor with and without the fix, conn_reuse_mode 0 and 1 where
// it was not read and kube-proxy leaves it alone, every patch release where none
// is given, and nodes that were not read beside those that were.
func (in Input) Outcomes() []Exposure {
	out := []Exposure{in.Judge().Exposure}
	add := func(e Exposure) {
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	readings := []Input{in}
	if in.partly() {
		readings = append(readings, in.unread())
	}
	for _, r := range readings {
		for _, v := range r.possibleVersions() {
			r.Version = v
			r.outcomesAt(add)
		}
	}
	return out
}

// possibleVersions are versions() or, where none is known, one of each row of
// sysctlTable.
func (in Input) possibleVersions() []release.Version {
	if in.Version.IsKnown() || in.KubeRouter {
		return in.versions()
	}
	return []release.Version{release.V1(10, 0), release.V1(12, 4), release.V1(13, 0), release.V1(18, 0), release.V1(20, 0), release.V1(30, 0)}
}

// outcomesAt adds what one version comes to on every kernel that can be.
func (in Input) outcomesAt(add func(Exposure)) {
	_, knob := Live(in.Live, SysctlReuse)
	kernels := []release.Kernel{in.Kernel}
	if !in.Kernel.IsKnown() {
		kernels = anyKernel()
	}
	for _, k := range kernels {
		at := in
		at.Kernel = k
		s := at.settingsOf(at.Version)
		values := []int{s.Reuse}
		if s.ReuseLeft {
			values = []int{0, 1}
		}
		for _, row := range rowsOf(in.Voice, k, knob) {
			for _, value := range values {
				s.Reuse, s.ReuseLeft = value, false
				add(s.exposureOn(row))
			}
		}
	}
}

// anyKernel is one kernel of each span of the table.
func anyKernel() []release.Kernel {
	var all []release.Kernel
	for _, r := range reuseTable(say.Voice{}) {
		for _, s := range r.spans {
			n := s.from
			all = append(all, release.Kernel{Major: n[0], Minor: n[1], Patch: n[2], Low: n, High: n})
		}
	}
	return all
}
