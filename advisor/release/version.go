package release

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Version is a Kubernetes version, of an API server, a kubelet or a kube-proxy.
// Vendor suffixes ("+k3s1", "-eks-a5ec690", "-gke.100") are not kept.
type Version struct {
	Major, Minor, Patch int
	// HasPatch is false for "1.34": Patch is then 0, and means nothing.
	HasPatch bool
}

// maxVersionText bounds what is read; the longest seen are 40 bytes.
const maxVersionText = 128

// ParseVersion reads what Kubernetes, its vendors and the tags of images write:
// "v1.33.4", "1.33", "1.30+", "v1.28.5+k3s1", "v1.24.17_vmware.1",
// "v1.29.0-eks-a5ec690" or "v1.27.3-gke.100". The error is one sentence.
func ParseVersion(s string) (Version, error) {
	n, ok := versionNumbers(s)
	if !ok || n[0] != 1 {
		return Version{}, fmt.Errorf("%q is not a Kubernetes version such as v1.33.4", clip(s))
	}
	v := Version{Major: n[0], Minor: n[1], HasPatch: len(n) == 3}
	if v.HasPatch {
		v.Patch = n[2]
	}
	return v, nil
}

// versionNumbers reads two or three numbers, and whatever a vendor added.
func versionNumbers(s string) ([]int, bool) {
	if len(s) > maxVersionText {
		return nil, false
	}
	s = strings.TrimPrefix(strings.TrimSpace(s), "v")
	if i := strings.IndexAny(s, "-+_"); i >= 0 {
		s = s[:i]
	}
	parts := strings.Split(s, ".")
	if len(parts) < 2 || len(parts) > 3 {
		return nil, false
	}
	n := make([]int, len(parts))
	for i, p := range parts {
		v, ok := number(p)
		if !ok || v > lastPatch || strconv.Itoa(v) != p { // "08" is no version
			return nil, false
		}
		n[i] = v
	}
	return n, true
}

// ParseTypedVersion reads what people type: a version of Kubernetes or of
// OpenShift. The note says what a number of OpenShift was taken for. The error
// is one sentence.
func ParseTypedVersion(s string) (v Version, note string, err error) {
	n, ok := versionNumbers(s)
	if !ok || n[0] != 4 {
		v, err = ParseVersion(s)
		return v, "", err
	}
	minor, ok := openShiftMinor(n[1])
	if !ok {
		return Version{}, "", fmt.Errorf("OpenShift 4.%d is not known here: give the version of Kubernetes that \"oc version\" prints", n[1])
	}
	v = Version{Major: 1, Minor: minor}
	return v, fmt.Sprintf("OpenShift 4.%d is Kubernetes %s", n[1], v), nil
}

// openShiftMinor is the minor version of Kubernetes in OpenShift 4.minor.
// Source: Red Hat, OpenShift Container Platform 4.1 to 4.21 release notes.
func openShiftMinor(minor int) (int, bool) {
	switch {
	case minor == 1 || minor == 2:
		return 12 + minor, true
	case minor >= 3 && minor <= 21: // one release for each of Kubernetes since 4.3, which is 1.16
		return 13 + minor, true
	}
	return 0, false
}

// ImageVersion returns the version in the tag of an image; false for a digest
// alone or a tag that is no version.
func ImageVersion(image string) (Version, bool) {
	image, _, _ = strings.Cut(image, "@")
	last := image[strings.LastIndexByte(image, '/')+1:] // a colon before is a registry's port
	_, tag, found := strings.Cut(last, ":")
	if !found {
		return Version{}, false
	}
	v, err := ParseVersion(tag)
	return v, err == nil
}

// V1 is Kubernetes 1.minor.patch.
func V1(minor, patch int) Version { return Version{1, minor, patch, true} }

// IsKnown is false for the zero Version.
func (v Version) IsKnown() bool { return v.Major != 0 }

// AtLeast reports whether v is 1.minor.0 or newer.
func (v Version) AtLeast(minor int) bool { return v.Minor >= minor }

// Compare returns -1, 0 or 1, for sorting; a missing patch counts as 0.
func (v Version) Compare(w Version) int {
	for _, d := range [3]int{v.Major - w.Major, v.Minor - w.Minor, v.Patch - w.Patch} {
		if d != 0 {
			return cmp.Compare(d, 0)
		}
	}
	return 0
}

// lastPatch is beyond any patch release of Kubernetes.
const lastPatch = 999

// Range returns the oldest and the newest version this can be: itself, or all of
// its minor version where the patch is not known.
func (v Version) Range() (low, high Version) {
	if v.HasPatch || !v.IsKnown() {
		return v, v
	}
	return Version{v.Major, v.Minor, 0, true}, Version{v.Major, v.Minor, lastPatch, true}
}

// String returns "1.33.4", or "1.33" where the patch is not known.
func (v Version) String() string {
	if !v.HasPatch {
		return v.MinorText()
	}
	return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch)
}

// MinorText writes a version as "1.34".
func (v Version) MinorText() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

// number parses one to five decimal digits.
func number(s string) (int, bool) {
	if s == "" || len(s) > 5 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}
