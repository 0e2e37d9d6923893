package advisor

import "fmt"

// syncRow is one measured full sync.
type syncRow struct {
	services, endpoints int
	took                string
}

const (
	syncMachine = "measured, rules of kube-proxy 1.37.2, Linux 6.18, 2 vCPU"
	liveMachine = "measured, running kube-proxy, 5,001 Services, 100,000 endpoints, Linux 6.18, 2 vCPU"
)

func legacySyncs() []syncRow {
	return []syncRow{
		{100, 1_000, "0.04 s"},
		{1_000, 10_000, "0.25-1.0 s"},
		{2_000, 20_000, "1.0 s"},
		{5_000, 50_000, "3.6-7 s"},
		{5_000, 100_000, "11 s"},
		{10_000, 40_000, "5.7 s"},
	}
}

func iptablesNFTSyncs() []syncRow {
	return []syncRow{{100, 1_000, "0.11 s"}, {1_000, 10_000, "8-17 s"}, {2_000, 20_000, "51 s"}, {5_000, 100_000, "over 8 min (stopped)"}}
}

func nftSyncs() []syncRow {
	return []syncRow{
		{100, 1_000, "0.06 s"},
		{1_000, 10_000, "0.6 s"},
		{2_000, 20_000, "1.5 s"},
		{5_000, 50_000, "4.1 s"},
		{5_000, 100_000, "4.8-6.2 s"},
		{10_000, 40_000, "35-56 s"},
	}
}

// nearest returns the measured row closest in size, by the larger of the two
// ratios.
func nearest(rows []syncRow, l Load) syncRow {
	best, bestRatio := syncRow{}, 0.0
	for _, r := range rows {
		d := max(ratio(r.services, l.entries()), ratio(r.endpoints, l.Endpoints))
		if bestRatio == 0 || d < bestRatio {
			best, bestRatio = r, d
		}
	}
	return best
}

// ratio is how many times the larger number is the smaller one.
func ratio(a, b int) float64 {
	x, y := float64(max(a, 1)), float64(max(b, 1))
	return max(x/y, y/x)
}

func (r syncRow) text(tool string) string {
	return fmt.Sprintf("%s: %s at %s Services, %s endpoints", tool, r.took, count(r.services), count(r.endpoints))
}

// iptablesFullSync says what the sync at start takes with the backend that the
// nodes are likely to use, or with both.
func (s *situation) iptablesFullSync(l Load) string {
	legacy, nft := nearest(legacySyncs(), l).text("iptables-legacy"), nearest(iptablesNFTSyncs(), l).text("iptables-nft")
	switch s.backend() {
	case BackendLegacy:
		return fmt.Sprintf("%s (%s); the OS images suggest legacy", legacy, syncMachine)
	case BackendNFT:
		return fmt.Sprintf("%s (%s); the OS images suggest nft", nft, syncMachine)
	default:
		return fmt.Sprintf("%s; %s (%s)", legacy, nft, syncMachine)
	}
}

func nftablesFullSync(l Load, v Version) string {
	if nftKeepsEndpointChains(v) {
		if l.Endpoints >= manyEndpoints/2 {
			return fmt.Sprintf("kube-proxy 1.34.4: 88 s, 1.37.2: 4.8-6.2 s (%s)", liveMachine)
		}
		return fmt.Sprintf("%s with the layout of 1.36+ (%s); earlier versions take longer", nearest(nftSyncs(), l).text("nft"), syncMachine)
	}
	return fmt.Sprintf("%s (%s)", nearest(nftSyncs(), l).text("nft"), syncMachine)
}

// backend returns the iptables backend that most nodes are likely to use.
func (s *situation) backend() Backend {
	nodes := map[Backend]int{}
	for _, g := range s.proxied {
		b, _ := likelyBackend(g.OSImage)
		nodes[b] += max(g.Nodes, 1)
	}
	switch {
	case nodes[BackendNFT] > nodes[BackendLegacy]+nodes[BackendUnknown]:
		return BackendNFT
	case nodes[BackendLegacy] > nodes[BackendNFT]+nodes[BackendUnknown]:
		return BackendLegacy
	default:
		return BackendUnknown
	}
}
