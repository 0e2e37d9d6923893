package advisor

// The constants of the cost model. Each is derived from published measurements;
// none of them was measured on the cluster at hand.
const (
	// ruleNs is one KUBE-SERVICES rule examined: 20 to 30 ns in the UK8S test,
	// 20 ns in the TKE benchmark, 17 to 24 ns in the KEP-3866 chart.
	ruleNs = 20
	// A Service stands at a random place of the chain, reshuffled at every
	// sync: half of the rules are examined in the mean, all but 1 % at p99
	// (23 ns per rule there, KEP-3866 chart).
	medianNs = ruleNs / 2
	p99Ns    = 23
	// ipvsNs is what IPVS costs more than a small iptables table on each new
	// connection (UK8S guide, ab with 1000 concurrent clients: 93 against 75 ms).
	ipvsNs = 18_000

	// firstPacketNs is the first packet's round trip through an empty table:
	// p50 of nftables at any size in the KEP-3866 chart.
	firstPacketNs = 12_000

	// partialNs is an iptables partial sync per entry: 0.7 to 0.8 s at 5,000
	// Services (measured, iptables-legacy 1.8.9, Linux 6.18, 2 vCPU).
	partialNs = 150_000
	// fullRuleNs is an iptables-restore of everything per rule: 3.6 to 7 s for
	// 160,009 rules (same machine).
	fullRuleNs = 25_000
	// nftListNs is what reading all chains costs nft per Service before each
	// small transaction (same machine, nft 1.0.6, kube-proxy 1.37.2).
	nftListNs = 20_000
	// nftChainNs is one endpoint's change per chain before 1.36: about 4.5 s at
	// 105,032 chains (same machine, kube-proxy 1.34.4).
	nftChainNs = 43_000
)

// The sizes from which something weighs.
const (
	manyEndpoints   = 100_000 // kube-proxy 1.34.4 nftables: first sync 88 s, each change 4.5 s (measured there)
	hugeEndpoints   = 200_000 // kernel 6.1: full syncs of 12 to 19 min (guessi/kube-proxy-benchmark)
	manyChains      = 15_000  // iptables-nft full restore 13 s, and about quadratic beyond
	nftSlowStart    = 5_000   // Services from which one nft transaction gets slow (KEP-5343)
	testedServices  = 10_000  // sig-scalability thresholds
	testedEndpoints = 250     // per Service, same
)

// rulesPerPort is how many KUBE-SERVICES rules one Service port has: two up to
// 1.21, one from 1.22.
func rulesPerPort(v Version) int {
	if v.AtLeast(22) {
		return 1
	}
	return 2
}

// hasPartialSync reports whether iptables mode rewrites only what changed:
// the default from 1.27 (KEP-3453).
func hasPartialSync(v Version) bool { return v.AtLeast(27) }

// nftKeepsEndpointChains reports the nftables layout with a chain per endpoint,
// dropped in 1.36 (kubernetes PR 135800).
func nftKeepsEndpointChains(v Version) bool { return !v.AtLeast(36) }

// connectionNs returns the estimated extra cost of a new connection over a
// nearly empty iptables table, p50 and p99, at the client's node.
func connectionNs(m Mode, l Load, v Version) (p50, p99 int64) {
	switch m {
	case IPTables:
		visits := float64(l.entries() * rulesPerPort(v))
		return int64(medianNs*visits + medianNs*l.perPort()), int64(p99Ns*visits + ruleNs*l.perPort())
	case IPVS:
		return ipvsNs, ipvsNs
	default:
		return 0, 0
	}
}

// changeNs returns the estimated time of the sync after one endpoint's change;
// 0 for IPVS, of which no time is published: it writes the difference only, but
// walks every virtual server.
func changeNs(m Mode, l Load, v Version) int64 {
	switch m {
	case IPTables:
		if !hasPartialSync(v) {
			return fullRuleNs * int64(iptablesObjects(l).rules)
		}
		return partialNs * int64(l.entries())
	case NFTables:
		if nftKeepsEndpointChains(v) {
			return nftChainNs * int64(l.live()+l.Endpoints)
		}
		return nftListNs * int64(l.entries())
	default:
		return 0
	}
}
