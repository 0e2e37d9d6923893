// Package release tells what the strings say by which systems name themselves: a
// kernel release, an OS image, a Kubernetes version. Who made the kernel, which
// stable release it is based on and what its number hides, which backend of
// iptables is likely, and what a vendor's version number is a version of.
//
// It is pure: tables and arithmetic, each row with its source.
package release

import "strings"

// Backend is what stands behind the iptables command that kube-proxy runs.
type Backend string

// The backends of iptables.
const (
	BackendLegacy  Backend = "legacy"
	BackendNFT     Backend = "nft"
	BackendUnknown Backend = ""
)

// backendRow says which backend an OS image is likely to use: kube-proxy's
// image follows the host (kubernetes-sigs/iptables-wrappers).
type backendRow struct {
	image   string // prefix of the OS image, lower case
	from    int    // first major version the row holds for
	backend Backend
	source  string
}

func backendTable() []backendRow {
	const (
		debian = "Debian 10 release notes, iptables"
		ubuntu = "Ubuntu 20.10 release notes, iptables"
		rhel   = "RHEL 8 documentation, nftables"
		amazon = "Amazon Linux 2023 and Amazon Linux 2 packages, iptables"
	)
	return []backendRow{
		{"debian", 10, BackendNFT, debian},
		{"debian", 0, BackendLegacy, debian},
		{"ubuntu", 21, BackendNFT, ubuntu},
		{"ubuntu", 0, BackendLegacy, ubuntu},
		{"red hat", 8, BackendNFT, rhel},
		{"red hat", 0, BackendLegacy, rhel},
		{"rocky", 8, BackendNFT, rhel},
		{"almalinux", 8, BackendNFT, rhel},
		{"oracle", 8, BackendNFT, rhel},
		{"oracle", 0, BackendLegacy, rhel},
		{"centos", 8, BackendNFT, rhel},
		{"centos", 0, BackendLegacy, rhel},
		{"amazon linux 2023", 0, BackendNFT, amazon},
		{"amazon linux 2", 0, BackendLegacy, amazon},
	}
}

// LikelyBackend guesses the backend from the OS image, and says whom to ask.
func LikelyBackend(osImage string) (Backend, string) {
	image := strings.ToLower(osImage)
	for _, r := range backendTable() {
		if strings.HasPrefix(image, r.image) && ImageMajor(image) >= r.from {
			return r.backend, r.source
		}
	}
	return BackendUnknown, ""
}

// BackendOf is the backend that iptables itself names in its version, as "1.8.9 (nf_tables)".
// Before 1.8 there was but one.
func BackendOf(version string) Backend {
	release, rest, named := strings.Cut(version, " (")
	switch {
	case named && strings.HasPrefix(rest, "nf_tables)"):
		return BackendNFT
	case named && strings.HasPrefix(rest, "legacy)"):
		return BackendLegacy
	}
	major, minor, ok := strings.Cut(release, ".")
	minor, _, _ = strings.Cut(minor, ".")
	if n, known := number(minor); !named && ok && major == "1" && known && n < 8 {
		return BackendLegacy
	}
	return BackendUnknown
}

// ImageMajor returns the first number in an OS image: 22 in "Ubuntu 22.04.4 LTS".
func ImageMajor(image string) int {
	start := strings.IndexAny(image, "0123456789")
	if start < 0 {
		return 0
	}
	end := start
	for end < len(image) && image[end] >= '0' && image[end] <= '9' {
		end++
	}
	n, _ := number(image[start:end])
	return n
}
