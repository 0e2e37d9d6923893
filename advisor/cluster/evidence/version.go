package evidence

import (
	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
)

// parseVersion writes a version as "v1.33.4", without a vendor's suffix, or as
// "v1.33" where it has no patch.
func parseVersion(s string) (string, bool) {
	v, err := release.ParseVersion(s)
	if err != nil {
		return "", false
	}
	return "v" + v.String(), true
}

// imageVersion is parseVersion of the tag of an image.
func imageVersion(image string) (string, bool) {
	v, ok := release.ImageVersion(image)
	if !ok {
		return "", false
	}
	return "v" + v.String(), true
}

// defaultMode is the mode of a kube-proxy on Linux whose mode is unset: false
// without a version (KEP-5343: nftables from 1.40).
func defaultMode(version string) (advisor.Mode, bool) {
	v, err := release.ParseVersion(version)
	switch {
	case err != nil:
		return "", false
	case v.AtLeast(40):
		return advisor.NFTables, true
	}
	return advisor.IPTables, true
}
