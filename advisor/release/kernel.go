package release

import (
	"fmt"
	"strings"
)

// Kernel is what a release string tells of a kernel, and how far its numbers
// can be trusted.
type Kernel struct {
	Release string // as uname -r prints it
	// Major, Minor and Patch are the numbers of uname -r, which are all that
	// kube-proxy looks at (pkg/util/kernel).
	Major, Minor, Patch int
	// Vendor names the distribution where it backports fixes without changing
	// the numbers; empty where they are those of kernel.org or a stable release
	// hides behind them.
	Vendor string
	// Build is the number after the first dash: the ABI number on Debian and
	// Ubuntu, the release on RHEL ("4.18.0-553.el8" is 553); 0 if there is none.
	Build int
	// Low and High bound the stable release it is based on, both included. They
	// are equal where it is known; High is zero where nothing bounds it, as with
	// a vendor that may have every later fix.
	Low, High Numbers

	why    baseWhy // how the bounds are known
	table  string  // the source of the table they are from, if any
	beside Numbers // the stable release written beside the release, if any
	distro string  // "Ubuntu" or "Debian" where it is one of them
	image  string  // OS image, lower case
}

// maxKernelText bounds what is read: /proc/version is a line of 200 bytes.
const maxKernelText = 1 << 10

// lastMajor is beyond any kernel: "Ubuntu 22.04.4 LTS" is none.
const lastMajor = 15

// ParseKernel reads what uname -r prints, or a line that holds it: of uname -a,
// /proc/version or /proc/version_signature. The OS image ("Ubuntu 22.04.4 LTS")
// may be empty; it helps to tell vendors apart. The error is one sentence.
func ParseKernel(text, osImage string) (Kernel, error) {
	bad := fmt.Errorf("%q is not a Linux kernel release such as 5.15.0-105-generic", clip(text))
	if len(text) > maxKernelText {
		return Kernel{}, bad
	}
	name, stable := splitKernelText(strings.Fields(text))
	n, read := leadingNumbers(name)
	if read < 2 || n[0] == 0 || n[0] > lastMajor {
		return Kernel{}, bad
	}
	k := Kernel{Release: name, Major: n[0], Minor: n[1], Patch: n[2], Build: buildNumber(name), image: strings.ToLower(osImage)}
	k.Vendor = kernelVendor(name, n, k.Build, osImage)
	if k.Vendor == "" {
		k.distro = kernelDistro(name, k.Build, k.image)
	}
	k.setBase(read, stable)
	return k, nil
}

// splitKernelText finds the release in the words of a line, and the stable
// release that Ubuntu and Debian write beside it.
func splitKernelText(words []string) (name, stable string) {
	switch {
	case len(words) == 0:
		return "", ""
	case len(words) > 2 && words[0] == "Linux": // uname -a: Linux NODE RELEASE; /proc/version: Linux version RELEASE
		words = words[2:]
	case len(words) == 2 && words[0] == "Linux": // hostnamectl
		return words[1], ""
	case len(words) == 3 && words[0] == "Ubuntu": // /proc/version_signature
		return signatureRelease(words[1]), words[2]
	}
	name = words[0]
	if len(words) == 2 { // Kernel.Text
		stable = words[1]
	}
	for i, w := range words {
		if w == "Debian" && i+1 < len(words) {
			if _, read := leadingNumbers(words[i+1]); read == 3 {
				stable = words[i+1] // "#1 SMP Debian 5.10.84-1 (2021-12-08)"; a gcc of Debian has its version there
			}
		}
		if w == "(Ubuntu" && i+2 < len(words) { // the boot banner
			stable = strings.TrimSuffix(words[i+2], ")")
		}
	}
	return name, stable
}

// signatureRelease writes "5.4.0-96.109~18.04.1-generic" of a version signature
// as uname -r does: "5.4.0-96-generic".
func signatureRelease(s string) string {
	base, rest, _ := strings.Cut(s, "-")
	i := strings.LastIndexByte(rest, '-')
	abi, _, cut := strings.Cut(rest, ".")
	if i < 0 || !cut || len(abi) >= i {
		return s
	}
	return base + "-" + abi + rest[i:]
}

// leadingNumbers reads up to three numbers separated by dots, and how many.
func leadingNumbers(s string) (n Numbers, read int) {
	s = s[:len(s)-len(strings.TrimLeft(s, "0123456789."))]
	for _, p := range strings.Split(s, ".") {
		v, ok := number(p)
		if !ok || read == len(n) {
			break
		}
		n[read] = v
		read++
	}
	return n, read
}

// buildNumber is the number after the first dash.
func buildNumber(name string) int {
	_, rest, _ := strings.Cut(name, "-")
	if i := strings.IndexAny(rest, "-.+_"); i >= 0 {
		rest = rest[:i]
	}
	n, _ := number(rest)
	return n
}

func clip(s string) string { return s[:min(len(s), 80)] }

// Text is the shortest text that ParseKernel reads as this kernel: the release,
// and the stable release where it stood beside it.
func (k Kernel) Text() string {
	if k.beside == (Numbers{}) {
		return k.Release
	}
	return k.Release + " " + k.beside.String()
}

// SameKernel reports whether two texts hold the same release, whatever stands
// beside it.
func SameKernel(a, b string) bool {
	x, errX := ParseKernel(a, "")
	y, errY := ParseKernel(b, "")
	return a == b || errX == nil && errY == nil && x.Release == y.Release
}

// AtLeast reports whether the numbers of uname are at least major.minor.patch,
// as kube-proxy compares them.
func (k Kernel) AtLeast(major, minor, patch int) bool {
	return !k.Numbers().Before(Numbers{major, minor, patch})
}

// BasedOn reports whether the stable release it is based on is known to be at
// least major.minor.patch.
func (k Kernel) BasedOn(major, minor, patch int) bool {
	return !k.Low.Before(Numbers{major, minor, patch})
}

// Numbers are those of uname -r.
func (k Kernel) Numbers() Numbers { return Numbers{k.Major, k.Minor, k.Patch} }

// IsKnown is false for the zero Kernel.
func (k Kernel) IsKnown() bool { return k.Release != "" }

// HidesPatch reports that the release string does not tell which stable release
// this is.
func (k Kernel) HidesPatch() bool { return k.Low != k.High }

// Numbers are those of a release, to compare.
type Numbers [3]int

// Before reports whether a comes before b.
func (a Numbers) Before(b Numbers) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

// String writes "5.4.166".
func (a Numbers) String() string { return fmt.Sprintf("%d.%d.%d", a[0], a[1], a[2]) }
