package reuse

import (
	"strings"

	"kpadvisor/advisor/release"
)

// UDPStale says whether UDP datagrams can keep going to a pod that has left: a
// client that reuses its port keeps the entry of a removed real server alive
// until 35dfb013149f (Linux 5.9), which expires it.
func UDPStale(k release.Kernel) (can release.Can, source string) {
	const commit = "kernel commit 35dfb013149f"
	switch {
	case !k.IsKnown():
		return release.CanUnknown, commit
	case k.BasedOn(5, 9, 0):
		return release.CanNo, commit
	case huaweiFixesUDP(k.Release):
		return release.CanNo, "Huawei Cloud CCE, cce_faq_00427"
	case k.Vendor != "" || k.High == (release.Numbers{}):
		return release.CanUnknown, commit + "; what the vendor took over is not known"
	}
	return release.CanYes, commit
}

// huaweiFixesUDP reports the builds of EulerOS 2.9 that Huawei names as fixed:
// x86 from 4.18.0-147.5.1.6.h998, ARM from 4.19.90-vhulk2103.1.0.h990.
func huaweiFixesUDP(name string) bool {
	for _, fixed := range []struct {
		lead  string
		build int
	}{{"4.18.0-147.5.1.6.h", 998}, {"4.19.90-vhulk2103.1.0.h", 990}} {
		rest, found := strings.CutPrefix(name, fixed.lead)
		digits, _, _ := strings.Cut(rest, ".")
		if found && digits != "" && len(digits) <= 6 && strings.Trim(digits, "0123456789") == "" {
			n := 0
			for _, c := range digits {
				n = n*10 + int(c-'0')
			}
			return n >= fixed.build
		}
	}
	return false
}
