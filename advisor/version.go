package advisor

import (
	"fmt"
	"strconv"
	"strings"
)

// Version is a Kubernetes version, of an API server, a kubelet or a kube-proxy.
// Vendor suffixes ("+k3s1", "-eks-a5ec690", "-gke.100") are not kept.
type Version struct {
	Major, Minor, Patch int
	// HasPatch is false for "1.34": Patch is then 0, the oldest it can be.
	HasPatch bool
}

// ParseVersion reads "v1.33.4", "1.33", "v1.28.5+k3s1", "v1.29.0-eks-a5ec690"
// or "v1.27.3-gke.100". The error is one sentence.
func ParseVersion(s string) (Version, error) {
	t := strings.TrimPrefix(strings.TrimSpace(s), "v")
	if i := strings.IndexAny(t, "+-"); i >= 0 {
		t = t[:i]
	}
	n, ok := dotted(t)
	if !ok || len(n) < 2 || len(n) > 3 || n[0] != 1 {
		return Version{}, fmt.Errorf("%q is not a Kubernetes version such as v1.33.4", s)
	}
	v := Version{Major: n[0], Minor: n[1], HasPatch: len(n) == 3}
	if v.HasPatch {
		v.Patch = n[2]
	}
	return v, nil
}

// AtLeast reports whether v is 1.minor.0 or newer.
func (v Version) AtLeast(minor int) bool { return v.Minor >= minor }

// compare returns -1, 0 or 1; a missing patch counts as 0.
func (v Version) compare(w Version) int {
	for _, d := range [3]int{v.Major - w.Major, v.Minor - w.Minor, v.Patch - w.Patch} {
		if d != 0 {
			return d / abs(d)
		}
	}
	return 0
}

// String returns "1.33.4", or "1.33" where the patch is not known.
func (v Version) String() string {
	if !v.HasPatch {
		return fmt.Sprintf("%d.%d", v.Major, v.Minor)
	}
	return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch)
}

// dotted parses numbers separated by dots; each at most five digits, so that
// nothing here can overflow.
func dotted(s string) ([]int, bool) {
	parts := strings.Split(s, ".")
	numbers := make([]int, 0, len(parts))
	for _, p := range parts {
		n, ok := number(p)
		if !ok {
			return nil, false
		}
		numbers = append(numbers, n)
	}
	return numbers, true
}

// number parses one to five decimal digits.
func number(s string) (int, bool) {
	if s == "" || len(s) > 5 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
