package advisor

import (
	"math"
	"strconv"
	"strings"

	"kpadvisor/advisor/release"
	"kpadvisor/say"
)

// The constants of the cost model, as functions so that nothing can write to
// them. Each is derived from published measurements or from measurements of
// ours on another machine; none was made on the cluster at hand.

// serviceNs is what one KUBE-SERVICES rule in the chain costs a new connection
// at p50. A Service stands at a random place, reshuffled at every sync, so half
// of the rules are examined: 7, 4.7 and 8.7 ns per rule in the KEP-3866 chart at
// 5,000, 10,000 and 30,000 Services; 7 ns measured with cold caches (about 14 ns
// per rule examined, iptables-legacy, Linux 6.18). The upper edge is the 20 ns
// per rule examined of the UK8S test and the TKE benchmark.
func serviceNs() span { return span{5, 7, 10} }

// pickNs is one rule examined in KUBE-SVC, where statistic rules pick an
// endpoint: by the same measurements 10 to 20 ns each.
func pickNs() span { return span{10, 14, 20} }

// rejectNs is one REJECT rule of a Service port without endpoints. They stand in
// the filter table's KUBE-SERVICES, which every new connection passes whole,
// whatever it goes to (pkg/proxy/iptables/proxier.go, iptablesJumpChains).
// Measured, iptables-legacy, loopback, p10: 28.5 us at none, 42.5 at 3,000, 51 at
// 8,000 such rules.
func rejectNs() span { return span{3, 4, 5} }

const (
	// p99Ns is one KUBE-SERVICES rule at p99, where all but 1 % of them are
	// examined: 23 to 24 ns in the KEP-3866 chart.
	p99Ns = 23
	// ipvsNs is what IPVS costs more than a small iptables table on each new
	// connection (UK8S guide of 2019, ab with 1000 concurrent clients: 93 against
	// 75 ms). One rig, and none newer is published.
	ipvsNs = 18_000

	// firstPacketNs is the first packet's round trip through an empty table:
	// p50 of nftables at any size in the KEP-3866 chart.
	firstPacketNs = 12_000
)

// The sizes from which something weighs.
const (
	manyChains      = 15_000 // iptables-nft full restore 13 s, and about quadratic beyond
	testedServices  = 10_000 // sig-scalability thresholds
	testedEndpoints = 250    // per Service, same
)

// rulesPerPort is how many KUBE-SERVICES rules one Service port has: two up to
// 1.21, one from 1.22.
func rulesPerPort(v release.Version) int {
	if v.AtLeast(22) {
		return 1
	}
	return 2
}

// hasPartialSync reports whether iptables mode rewrites only what changed:
// the default from 1.27 (KEP-3453).
func hasPartialSync(v release.Version) bool { return v.AtLeast(27) }

// nftKeepsEndpointChains reports the nftables layout with a chain per endpoint,
// dropped in 1.36 (kubernetes PR 135800).
func nftKeepsEndpointChains(v release.Version) bool { return !v.AtLeast(36) }

// connection is what a mode adds to each new connection over a nearly empty
// iptables table, at the client's node.
type connection struct {
	p50 span
	p99 int64
}

// connectionCost is the cost of a connection to a port with so many endpoints.
// The rules of the other IP family are in tables of their own.
func connectionCost(m Mode, l Load, endpoints float64, v release.Version) connection {
	switch m {
	case IPTables:
		rules := float64(l.entries() * rulesPerPort(v))
		empty := float64(l.PortsWithoutEndpoints)
		return connection{
			p50: serviceNs().times(rules).plus(pickNs().times(endpoints / 2)).plus(rejectNs().times(empty)),
			p99: int64(p99Ns*rules + float64(pickNs().high)*endpoints + float64(rejectNs().high)*empty),
		}
	case IPVS:
		return connection{point(ipvsNs), ipvsNs}
	default:
		return connection{}
	}
}

// connectionNs is the middle of the estimate for a port with the mean number of
// endpoints.
func connectionNs(m Mode, l Load, v release.Version) (p50, p99 int64) {
	c := connectionCost(m, l, l.perPort(), v)
	return c.p50.mid, c.p99
}

// common is the cost of a connection to the common port, and worst to the port
// with most endpoints.
func (s *situation) common(m Mode) connection {
	return connectionCost(m, s.load.Load, s.load.common, s.oldest.Value)
}

func (s *situation) worst(m Mode) connection {
	return connectionCost(m, s.load.Load, s.load.worst, s.oldest.Value)
}

func (c connection) text(v say.Voice) string {
	return v.Sprintf("%s p50, about +%s p99", c.p50.added(v), micros(v, c.p99))
}

// standsOut reports that one Service has so many more endpoints than the common
// port that its connections cost something else: 1 us is what micros would show.
func (l loadView) standsOut() bool {
	return l.worst >= 2*l.common && pickNs().mid*int64(l.worst-l.common)/2 >= 1_000
}

// worstText is the cost of a connection to the largest Service in iptables mode;
// empty where it is no other than that of the common port.
func (s *situation) worstText() string {
	if !s.load.standsOut() {
		return ""
	}
	return s.Sprintf("%s: %s", s.load.worstService(s.Voice), s.worst(IPTables).text(s.Voice))
}

// worstService names the largest Service by its endpoints.
func (l loadView) worstService(v say.Voice) string {
	name := v.Text("the Service")
	if l.worstName != "" {
		name = l.worstName
	}
	return v.Sprintf("%s with %s", name, v.Count(int(l.worst), "endpoint"))
}

// bound says that a node may program less than was counted; empty where it
// programs all.
func (s *situation) bound() string {
	var why []string
	if n := s.facts.Endpoints.Value.WithHints; n > 0 {
		why = append(why, s.Sprintf("%s zone hints: a node programs only those of its zone", s.Plural(n, "endpoint has", "endpoints have")))
	}
	c := s.facts.Services.Value
	if n := c.InternalLocal; n > 0 {
		why = append(why, s.Sprintf("%s internalTrafficPolicy Local: a node programs only its own endpoints", s.Plural(n, "Service has", "Services have")))
	}
	if n := c.ExternalLocal; n > 0 {
		why = append(why, s.Sprintf("%s externalTrafficPolicy Local: connections from outside pick among a node's own endpoints",
			s.Plural(n, "Service has", "Services have")))
	}
	return s.Join(why)
}

// span is an estimate as a range of nanoseconds: every constant of the cost
// model is one, and a verdict is sharp only where both ends agree.
type span struct{ low, mid, high int64 }

func point(ns int64) span { return span{ns, ns, ns} }

func (a span) plus(b span) span { return span{a.low + b.low, a.mid + b.mid, a.high + b.high} }

// minus pairs the ends that are farthest apart.
func (a span) minus(b span) span { return span{a.low - b.high, a.mid - b.mid, a.high - b.low} }

func (a span) times(n float64) span {
	return span{scale(a.low, n), scale(a.mid, n), scale(a.high, n)}
}

func scale(ns int64, n float64) int64 { return int64(math.Round(float64(ns) * n)) }

// added writes what is added to a new connection: "+25 to +50 us", or "+18 us".
func (a span) added(v say.Voice) string {
	low, high := micros(v, a.low), micros(v, a.high)
	if low == high {
		return "+" + low
	}
	number, unit, _ := strings.Cut(low, " ")
	if strings.HasSuffix(high, " "+unit) || a.low == 0 {
		low = number
	}
	return v.Sprintf("+%s to +%s", low, high)
}

// lasting writes how long something takes, from either end: "26 s to 3.5 min".
func lasting(v say.Voice, low, high int64) string {
	a, b := duration(v, low), duration(v, high)
	if a == b {
		return a
	}
	return v.Sprintf("%s to %s", a, b)
}

// duration writes nanoseconds to two digits, in the unit that people would use:
// "40 ms", "0.8 s", "54 s", "3.5 min" or "17 min". Estimates are no better.
func duration(v say.Voice, ns int64) string {
	s := float64(ns) / 1e9
	switch {
	case s < 0.1:
		return v.Sprintf("%s ms", twoDigits(s*1000))
	case s < 99.5:
		return v.Sprintf("%s s", twoDigits(s))
	case s < 2*3600:
		return v.Sprintf("%s min", twoDigits(s/60))
	}
	return v.Sprintf("%s h", twoDigits(s/3600))
}

func twoDigits(x float64) string {
	if x <= 0 {
		return "0"
	}
	step := math.Pow(10, math.Floor(math.Log10(x))-1)
	decimals := 0
	if step < 1 {
		decimals = int(math.Round(-math.Log10(step)))
	}
	s := strconv.FormatFloat(math.Round(x/step)*step, 'f', decimals, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// partialNs is an iptables partial sync per entry: 0.12 to 0.2 s at 1,000
// Services, 0.7 to 0.8 at 5,000, 1.2 to 1.6 at 10,000 (iptables-restore of the
// rules of kube-proxy 1.37.2, iptables-legacy 1.8.9, Linux 6.18, 2 vCPU); 2.0 s
// at 5,001 Services with 100,000 endpoints by a running kube-proxy, same machine.
func partialNs() span { return span{120_000, 170_000, 400_000} }

// fullRuleNs is an iptables-restore of everything per rule: 3.6 to 7 s for
// 160,009 rules, 11 s for 310,005 (same machine).
func fullRuleNs() span { return span{22_000, 30_000, 44_000} }

// nftListNs is what reading all chains costs per Service and sync from 1.37 on:
// 0.17 to 0.27 s at 10,000 Services, 0.17 to 0.21 s at 5,001 (same machine,
// kube-proxy 1.37.2), 1.3 s at 44,125 (kubernetes PR 137536).
func nftListNs() span { return span{20_000, 30_000, 42_000} }

// nftJSONListNs is the same on 1.36, which lists by `nft --json`: at least what
// 1.34.4 took per chain, at most the 63 s per sync of 1.36.1 at 44,125 Services
// (kubernetes issue 139513); the middle is the geometric one.
func nftJSONListNs() span { return span{43_000, 250_000, 1_430_000} }

// nftChainNs is one endpoint's change per chain before 1.36: about 4.5 s at
// 105,032 chains (same machine, kube-proxy 1.34.4; noise there is 30 %).
func nftChainNs() span { return span{30_000, 43_000, 56_000} }

// changeSpan is the estimated time of the sync after one endpoint's change; 0
// for IPVS, of which no time is published: it writes the difference only, but
// walks every virtual server.
func changeSpan(m Mode, l Load, v release.Version) span {
	switch {
	case m == IPTables && !hasPartialSync(v):
		return fullRuleNs().times(float64(iptablesObjects(l, countsLoopback(v, Fact[[]string]{})).rules))
	case m == IPTables:
		return partialNs().times(float64(l.entries()))
	case m != NFTables:
		return span{}
	case nftKeepsEndpointChains(v):
		return nftChainNs().times(float64(l.live() + l.Endpoints))
	case !v.AtLeast(37):
		return nftJSONListNs().times(float64(l.entries()))
	default:
		return nftListNs().times(float64(l.entries()))
	}
}

// changeText is the same as a range.
func (s *situation) changeText(m Mode, l Load, v release.Version) string {
	c := changeSpan(m, l, v)
	return lasting(s.Voice, c.low, c.high)
}
