package evidence

import (
	"strconv"
	"strings"

	"kpadvisor/advisor"
)

// parseVersion returns a version as "v1.33.4". A vendor's suffix is dropped:
// v1.30.0-eksbuild.3, 1.29.7_vmware.1, v1.30.4-rke2r1-build20240815.
func parseVersion(s string) (string, bool) {
	rest := strings.TrimPrefix(s, "v")
	if i := strings.IndexAny(rest, "-+_"); i >= 0 {
		rest = rest[:i]
	}
	parts := strings.Split(rest, ".")
	if len(parts) < 3 || parts[0] != "1" {
		return "", false
	}
	for _, p := range parts[1:3] {
		if n, err := strconv.Atoi(p); err != nil || n < 0 || n > 999 || strconv.Itoa(n) != p {
			return "", false
		}
	}
	return "v1." + parts[1] + "." + parts[2], true
}

// imageVersion returns the version in the tag of an image; false for a digest
// alone or a tag that is no version.
func imageVersion(image string) (string, bool) {
	image, _, _ = strings.Cut(image, "@")
	last := image[strings.LastIndexByte(image, '/')+1:] // a colon before is a registry's port
	_, tag, found := strings.Cut(last, ":")
	if !found {
		return "", false
	}
	return parseVersion(tag)
}

// defaultMode is the mode of a kube-proxy on Linux whose mode is unset: false
// without a version (KEP-5343: nftables from 1.40).
func defaultMode(version string) (advisor.Mode, bool) {
	parts := strings.Split(version, ".")
	if len(parts) < 2 {
		return "", false
	}
	minor, err := strconv.Atoi(parts[1])
	if err != nil {
		return "", false
	}
	if minor >= 40 {
		return advisor.NFTables, true
	}
	return advisor.IPTables, true
}
