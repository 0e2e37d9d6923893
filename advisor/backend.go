package advisor

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

// likelyBackend guesses the backend from the OS image, and says whom to ask.
func likelyBackend(osImage string) (Backend, string) {
	image := strings.ToLower(osImage)
	for _, r := range backendTable() {
		if strings.HasPrefix(image, r.image) && imageMajor(image) >= r.from {
			return r.backend, r.source
		}
	}
	return BackendUnknown, ""
}

// imageMajor returns the first number in an OS image: 22 in "Ubuntu 22.04.4 LTS".
func imageMajor(image string) int {
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
