package advisor

import (
	"fmt"
	"strings"
)

// Kernel is what uname -r says, and how far its numbers can be trusted.
type Kernel struct {
	Major, Minor, Patch int
	Release             string // as reported
	// Vendor names the distribution where it backports fixes without changing
	// the numbers; empty where the numbers are those of kernel.org.
	Vendor string
	// Build is the number after the first dash: the ABI number on Debian and
	// Ubuntu, the release on RHEL ("4.18.0-553.el8" is 553); 0 if there is none.
	Build int
	// HidesPatch is true for Debian and Ubuntu, whose uname -r says 5.4.0 for
	// every 5.4.z they merge.
	HidesPatch bool
}

// ParseKernel reads a uname -r string such as "5.15.0-105-generic". The OS
// image ("Ubuntu 22.04.4 LTS") may be empty; it helps to tell vendors apart.
// The error is one sentence.
func ParseKernel(release, osImage string) (Kernel, error) {
	release = strings.TrimSpace(release)
	base, rest, _ := strings.Cut(release, "-")
	base, _, _ = strings.Cut(base, "+")
	parts := strings.Split(base, ".")
	var n [3]int
	read := 0
	for _, p := range parts {
		v, ok := number(p)
		if !ok || read == len(n) {
			break
		}
		n[read] = v
		read++
	}
	if read < 2 || n[0] == 0 {
		return Kernel{}, fmt.Errorf("%q is not a Linux kernel release such as 5.15.0-105-generic", release)
	}
	k := Kernel{Major: n[0], Minor: n[1], Patch: n[2], Release: release, Vendor: kernelVendor(release, osImage)}
	build := rest
	if i := strings.IndexAny(build, "-.+_"); i >= 0 {
		build = build[:i]
	}
	if b, ok := number(build); ok {
		k.Build = b
		k.HidesPatch = k.Vendor == "" && read == 3 && k.Patch == 0 && !strings.Contains(rest, ".")
	}
	return k, nil
}

// vendorMark is a part of uname -r, or of the OS image, that tells a vendor.
type vendorMark struct{ mark, vendor string }

// in reports whether the mark stands in a release. A mark that ends in a letter
// after a dot wants a digit behind it: ".el8", not ".elastic".
func (m vendorMark) in(release string) bool {
	for {
		i := strings.Index(release, m.mark)
		if i < 0 {
			return false
		}
		release = release[i+len(m.mark):]
		if m.mark[0] != '.' || (release != "" && '0' <= release[0] && release[0] <= '9') {
			return true
		}
	}
}

// vendorMarks lists the kernels whose numbers say nothing about fixes.
// Order matters: the more telling mark first.
func vendorMarks() []vendorMark {
	return []vendorMark{
		{"eulerosv", "EulerOS"},
		{".hce", "Huawei Cloud EulerOS"},
		{".oe", "openEuler"},
		{"tlinux", "TencentOS"},
		{".tl", "TencentOS"},
		{".al", "Alibaba Cloud Linux"},
		{".lifsea", "Alibaba Cloud Linux"},
		{".an", "Anolis OS"},
		{".ky", "Kylin"},
		{".uelc", "UOS"},
		{"uek", "Oracle UEK"},
		{".el", "RHEL"},
		{"-default", "SUSE"},
	}
}

// kernelVendor returns the vendor whose backports the numbers hide. Amazon,
// Fedora, Talos, Flatcar, Container-Optimized OS and elrepo keep the numbers
// of kernel.org.
func kernelVendor(release, osImage string) string {
	r := strings.ToLower(release)
	if strings.Contains(r, ".elrepo") || strings.Contains(r, "amzn") {
		return ""
	}
	for _, m := range vendorMarks() {
		if m.in(r) {
			return m.vendor
		}
	}
	image := strings.ToLower(osImage)
	for _, m := range []vendorMark{{"tencentos", "TencentOS"}, {"openeuler", "openEuler"}, {"euleros", "EulerOS"}} {
		if strings.Contains(image, m.mark) {
			return m.vendor
		}
	}
	return ""
}

// AtLeast reports whether the numbers are at least major.minor.patch. kube-proxy
// itself looks at nothing but these numbers (pkg/util/kernel).
func (k Kernel) AtLeast(major, minor, patch int) bool {
	return !kernelNumbers{k.Major, k.Minor, k.Patch}.before(kernelNumbers{major, minor, patch})
}

// isRHEL8Fixed reports a kernel of RHEL 8.10, whose ip_vs_core.c contains
// c95c07836fa4 although its numbers say 4.18.
func (k Kernel) isRHEL8Fixed() bool {
	return k.Vendor == "RHEL" && strings.Contains(k.Release, ".el8") && k.AtLeast(4, 18, 0) && k.Build >= 522
}

// isUbuntu515 reports a released kernel of Ubuntu 22.04 (ABI 25 and later),
// all of which merge 5.15.6 or later.
func (k Kernel) isUbuntu515() bool {
	return k.HidesPatch && k.Major == 5 && k.Minor == 15 && k.Build >= 25
}

// hiddenPatch says where the real number stands, if uname -r hides it.
func (k Kernel) hiddenPatch() string {
	if !k.HidesPatch {
		return ""
	}
	return " Debian and Ubuntu merge later patches under this number: cat /proc/version_signature or uname -v tells."
}

// kernelNumbers are three numbers to compare.
type kernelNumbers [3]int

func (a kernelNumbers) before(b kernelNumbers) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}
