package advisor

import (
	"slices"
	"strconv"
	"strings"

	"kpadvisor/advisor/release"
)

// iptablesBackend is the backend of iptables on the nodes of a group: as they told it, or
// else as their OS image suggests.
func (g *NodeGroup) iptablesBackend() release.Backend {
	likely, _ := release.LikelyBackend(g.OSImage)
	return g.Proxy.IPTables.Or(likely)
}

// nftAge is the same of nft.
func (g *NodeGroup) nftAge() nftAge {
	if v, told := g.Proxy.NFT.Get(); told {
		return ageOfNFT(v)
	}
	return hostNFT(g.OSImage)
}

// ownPrograms reports that the programs a report was read with are the node's, as far as
// one can tell: a container has another system than the one that the kubelet names.
func (r NodeReport) ownPrograms(osImage string) bool {
	has, known := r.OSImage.Get()
	return !known || osImage == "" || has == osImage
}

// iptablesBackend is the backend of iptables that a report shows: the one that holds chains
// of kube-proxy, or where none is seen to, the one that iptables names. What contradicts
// itself shows none.
func (r NodeReport) iptablesBackend(osImage string) Fact[release.Backend] {
	named := release.BackendUnknown
	if r.ownPrograms(osImage) {
		named = release.BackendOf(r.Backends.IPTablesVersion.Or(""))
	}
	legacy, nft := r.Backends.LegacyChains, r.Backends.NFTChains
	const chains = NodeReportSource + ", chains of kube-proxy"
	switch {
	case legacy.Value > 0 && nft.Value > 0:
	case legacy.Value > 0 && (nft.IsKnown() || named != release.BackendNFT):
		return KnownFrom(release.BackendLegacy, chains)
	case nft.Value > 0 && (legacy.IsKnown() || named != release.BackendLegacy):
		return KnownFrom(release.BackendNFT, chains)
	case legacy.Value == 0 && nft.Value == 0 && named != release.BackendUnknown:
		return KnownFrom(named, NodeReportSource+", iptables --version")
	}
	return Fact[release.Backend]{}
}

// nft is the version of the node's own nft.
func (r NodeReport) nft(osImage string) Fact[string] {
	if _, ok := nftNumbers(r.Backends.NFTVersion.Or("")); !ok || !r.ownPrograms(osImage) {
		return Fact[string]{}
	}
	return r.Backends.NFTVersion
}

// hearTools enters the programs of a group where every node of it told them. What a part
// told is no news of the rest: it is what the OS image suggests, or the part has left.
func (g *NodeGroup) hearTools(reports []NodeReport, before Proxy) {
	p, every := &g.Proxy, g.Nodes > 0 && len(reports) >= g.Nodes
	backend, nft := Fact[release.Backend]{}, Fact[string]{}
	backends, versions := every, every
	for _, r := range reports {
		b, v := r.iptablesBackend(g.OSImage), r.nft(g.OSImage)
		backend, backends = b, backends && b.IsKnown()
		if versions = versions && v.IsKnown(); versions && (!nft.IsKnown() || olderNFT(v.Value, nft.Value)) {
			nft = v
		}
	}
	switch {
	case backends:
		p.IPTables = backend
	case !before.IPTables.IsKnown():
		p.IPTables = Fact[release.Backend]{}
	}
	switch {
	case versions:
		p.NFT = nft
	case !before.NFT.IsKnown():
		p.NFT = Fact[string]{}
	}
}

// nftNumbers are those of a version of nft, as "1.0.6" or "0.9".
func nftNumbers(version string) (n [3]int, ok bool) {
	parts := strings.Split(version, ".")
	if len(parts) < 2 || len(parts) > 4 {
		return n, false
	}
	for i, part := range parts[:min(len(parts), len(n))] {
		x, err := strconv.Atoi(part)
		if err != nil || x < 0 || len(part) > 4 {
			return n, false
		}
		n[i] = x
	}
	return n, true
}

func olderNFT(a, b string) bool {
	x, _ := nftNumbers(a)
	y, _ := nftNumbers(b)
	return slices.Compare(x[:], y[:]) < 0
}

// ageOfNFT judges a version that nft told itself.
func ageOfNFT(version string) nftAge {
	_, ok := nftNumbers(version)
	switch {
	case !ok:
		return nftUnknown
	case olderNFT(version, "1.0.1"):
		return nftOld
	case !olderNFT(version, "1.1.2"):
		return nftNew
	}
	return nftUnknown
}

// nftAge is what can go wrong with the host's nft.
type nftAge int

const (
	nftUnknown nftAge = iota
	nftOld            // before 1.0.1
	nftNew            // 1.1.2 or later, whose sets older readers choke on
)

// hostNFT guesses from package lists of the distributions: a hint, never proof.
// What is neither old nor new, and what no list was read of, is unknown.
func hostNFT(osImage string) nftAge {
	image := strings.ToLower(osImage)
	for _, r := range []struct {
		prefix string
		age    nftAge
	}{
		{"ubuntu 20.04", nftOld},        // 0.9.3 (canonical/lxd PR 17203)
		{"ubuntu 25.10", nftNew},        // 1.1.5, same
		{"ubuntu 26.04", nftNew},        // 1.1.6, same
		{"debian gnu/linux 11", nftOld}, // 0.9.8 (kubernetes issue 122743)
		{"debian gnu/linux 13", nftNew}, // 1.1.3 (calico issue 11750)
		{"talos (v1.12", nftNew},        // 1.1.5 (siderolabs/pkgs)
		{"talos (v1.13", nftNew},
		{"talos (v1.14", nftNew},
		{"alpine linux v3.22", nftNew}, // 1.1.3 (pkgs.alpinelinux.org)
		{"alpine linux v3.23", nftNew},
		{"alpine linux v3.24", nftNew},
	} {
		if strings.HasPrefix(image, r.prefix) {
			return r.age
		}
	}
	return nftUnknown
}
