package advisor

import (
	"math"

	"kpadvisor/advisor/release"
	"kpadvisor/plain"
	"kpadvisor/say"
)

// syncWeight is how much nftables' first sync weighs against it. It grows by
// bands, so that no verdict turns over at one more endpoint: some costs
// confidence, heavy wants a measurement, extreme speaks against the move.
type syncWeight int

const (
	syncNone    syncWeight = iota // the first sync takes less than half a minute, surely
	syncSome                      // it may take half a minute or more
	syncHeavy                     // it takes two minutes or more by the middle of its range
	syncExtreme                   // it takes ten minutes at least
)

// Half a minute is as long as kube-proxy waits after a failed sync (log in
// kubernetes issue 136786); the others are judgements of this project. Services
// on a node stand as they were, or do not work, for so long after each start.
const (
	someSyncNs    = 30_000_000_000
	heavySyncNs   = 120_000_000_000
	extremeSyncNs = 600_000_000_000
)

func weightOf(low, high int64) syncWeight {
	switch {
	case low >= extremeSyncNs:
		return syncExtreme
	case math.Sqrt(float64(low)*float64(high)) >= heavySyncNs:
		return syncHeavy
	case high >= someSyncNs:
		return syncSome
	default:
		return syncNone
	}
}

// syncPoint is a measured first sync at one size.
type syncPoint struct {
	size      float64
	low, high float64 // seconds
}

const (
	srcNFTSync  = srcSync + "; kubernetes issue 139513 (kube-proxy 1.36.1); PR 130119"
	srcOldSync  = "measured, kube-proxy 1.34.4, Linux 6.18, 2 vCPU; " + srcGuessi + "; kubernetes issue 135639"
	noiseOfSync = 0.3 // the measurements of ours scatter by 30 %
)

// serviceSyncs are by Service entries, in the layout without endpoint chains:
// the rules of kube-proxy 1.37.2 in one nft transaction and the running
// kube-proxy (Linux 6.18, 2 vCPU), and 16 min 43 s of 1.36.1 at 44,125 Services
// (kubernetes issue 139513).
func serviceSyncs() []syncPoint {
	return []syncPoint{{100, 0.06, 0.06}, {1_000, 0.6, 0.6}, {2_000, 1.5, 1.5}, {5_000, 4.1, 6.2}, {7_500, 15.6, 15.6}, {10_000, 35, 56}, {44_125, 1_003, 1_003}}
}

// endpointSyncs are what endpoint chains add before 1.36, by endpoints: 88 s in
// all at 100,000 (kube-proxy 1.34.4, Linux 6.18, 2 vCPU), 82 s at 200,000 and 290
// to 334 s at 240,000 (kube-proxy 1.32.6, Linux 6.12, m5.4xlarge). Below, the
// lower end falls with the square of the endpoints and the upper one with them,
// since nothing was measured there.
func endpointSyncs() []syncPoint {
	return []syncPoint{{1_000, 0.008, 0.88}, {100_000, 82, 88}, {200_000, 82, 253}, {240_000, 290, 334}}
}

// between interpolates along straight lines on a doubly logarithmic scale, and
// extends the last of them: programming is a power of the size.
func between(points []syncPoint, size float64) (low, high float64) {
	if size <= 0 {
		return 0, 0
	}
	i := 1
	for i < len(points)-1 && points[i].size < size {
		i++
	}
	a, b := points[i-1], points[i]
	part := math.Log(size/a.size) / math.Log(b.size/a.size)
	along := func(x, y float64) float64 { return x * math.Pow(y/x, part) }
	low, high = along(a.low, b.low), along(a.high, b.high)
	return min(low, high), max(low, high)
}

// kernelPace is how many times longer than on Linux 6.12 a kernel takes to
// program a huge table.
type kernelPace struct {
	low, high float64
	known     bool // a kernel that somebody measured, or one between two such
}

// paceOf knows three kernels: 6.18 (ours), 6.12 and 6.1 (guessi, kube-proxy
// 1.32.6, 240,000 endpoints: 290 to 334 s against 732 to 1,143 s). The table of
// the layout from 1.36 on was never timed on 6.1, nor anything on other kernels:
// they lie between the best and the worst of these.
func paceOf(k release.Kernel, known bool, v release.Version) kernelPace {
	const slowest = 1_143.0 / 290
	switch {
	case known && k.AtLeast(6, 12, 0) && !k.AtLeast(6, 19, 0):
		return kernelPace{1, 1, true}
	case known && k.Major == 6 && k.Minor == 1 && nftKeepsEndpointChains(v):
		return kernelPace{732.0 / 334, slowest, true}
	default:
		return kernelPace{1, slowest, false}
	}
}

// nftSync estimates the first sync of nftables mode: the part of the Services
// and the part of the endpoint chains, each in nanoseconds.
func nftSync(l Load, v release.Version, pace kernelPace) (services, endpoints span) {
	spread := func(low, high float64) span {
		s := span{low: int64(1e9 * low * pace.low * (1 - noiseOfSync)), high: int64(1e9 * high * pace.high * (1 + noiseOfSync))}
		s.mid = int64(math.Sqrt(float64(s.low) * float64(s.high)))
		return s
	}
	services = spread(between(serviceSyncs(), float64(l.entries())))
	if nftKeepsEndpointChains(v) {
		endpoints = spread(between(endpointSyncs(), float64(l.Endpoints)))
	}
	return services, endpoints
}

// nftSyncOf is the first sync of nftables mode on the nodes of one group.
func (s *situation) nftSyncOf(g group) (services, endpoints span, known bool) {
	v, ok := g.version.Get()
	if !ok || !v.AtLeast(31) || !s.load.known || nftKeepsEndpointChains(v) && !s.load.endpointsKnown {
		return span{}, span{}, false
	}
	k, kernelKnown := g.kernel.Get()
	services, endpoints = nftSync(s.load.Load, v, paceOf(k, kernelKnown, v))
	return services, endpoints, true
}

// firstSync is the slowest first sync among the nodes: of the group where it
// takes longest.
type firstSync struct {
	span
	services, endpoints span
	version             release.Version
	kernel              string // empty where it is not known
	pace                kernelPace
}

// slowestSync returns false where the load or the version is not known, or
// kube-proxy is older than nftables mode. Where no node is known the kernel is
// any.
func (s *situation) slowestSync() (firstSync, bool) {
	classes := s.classes
	if able := where(classes, func(c class) bool { return nftKernel(c.group) != no }); len(able) > 0 {
		classes = able // the others are renewed before they sync
	}
	if len(classes) == 0 {
		classes = []class{{group: &group{version: s.oldest}}}
	}
	var worst firstSync
	found := false
	for _, g := range classes {
		services, endpoints, ok := s.nftSyncOf(*g.group)
		if !ok {
			return firstSync{}, false
		}
		k, kernelKnown := g.kernel.Get()
		f := firstSync{
			span: services.plus(endpoints), services: services, endpoints: endpoints,
			version: g.version.Value, kernel: g.Kernel, pace: paceOf(k, kernelKnown, g.version.Value),
		}
		if !found || f.mid > worst.mid {
			worst, found = f, true
		}
	}
	return worst, found
}

// nftFirstSync estimates how long kube-proxy's first sync in nftables mode takes
// here, on the nodes where it takes longest; known is false where that cannot be
// said. Until then Services on such a node are old, or do not work.
func (s *situation) nftFirstSync() (lowNs, highNs int64, text Reason, known bool) {
	f, ok := s.slowestSync()
	if !ok {
		return 0, 0, Reason{}, false
	}
	return f.low, f.high, Reason{Text: s.Sprintf("The first sync in nftables mode takes about %s here (estimate, %s).", lasting(s.Voice, f.low, f.high), f.of(s.Voice, s.load.Load)), Source: f.source()}, true
}

// nftWeight is how much the first sync weighs; none where it is not known.
func (s *situation) nftWeight() syncWeight {
	f, known := s.slowestSync()
	if !known {
		return syncNone
	}
	return weightOf(f.low, f.high)
}

// of says what the estimate is of.
func (f firstSync) of(v say.Voice, l Load) string {
	text := v.Count(l.entries(), "Service port")
	if nftKeepsEndpointChains(f.version) {
		text = v.Sprintf("%s, %s with a chain each before 1.36", text, v.Count(l.Endpoints, "endpoint"))
	}
	switch {
	case f.kernel == "":
		return v.Sprintf("%s; the kernel is not known", text)
	case !f.pace.known:
		return v.Sprintf("%s; kernel %s was not measured, 6.1, 6.12 and 6.18 were", text, f.kernel)
	}
	return v.Sprintf("%s; kernel %s", text, f.kernel)
}

func (f firstSync) source() string {
	if nftKeepsEndpointChains(f.version) {
		return srcOldSync
	}
	return srcNFTSync
}

// restoreSyncs are full iptables-nft restores by chains (rules of kube-proxy
// 1.37.2, iptables 1.8.9, Linux 6.18, 2 vCPU). The last one was stopped after 8
// min; its upper end follows from growth with the square of the chains.
func restoreSyncs() []syncPoint {
	return []syncPoint{{1_110, 0.11, 0.11}, {3_000, 0.6, 0.6}, {11_010, 8, 17}, {22_010, 46, 51}, {105_004, 480, 1_161}}
}

// restoreSpan estimates a full sync of iptables mode through iptables-nft.
func restoreSpan(l Load) span {
	low, high := between(restoreSyncs(), float64(iptablesChains(l)))
	return span{int64(1e9 * low * (1 - noiseOfSync)), int64(1e9 * low), int64(1e9 * high * (1 + noiseOfSync))}
}

// syncRow is one measured full sync.
type syncRow struct {
	services, endpoints int
	seconds             string // empty where it was stopped after 8 minutes
}

const syncMachine = "measured, rules of kube-proxy 1.37.2, Linux 6.18, 2 vCPU"

func legacySyncs() []syncRow {
	return []syncRow{
		{100, 1_000, "0.04"},
		{1_000, 10_000, "0.25-1.0"},
		{2_000, 20_000, "1.0"},
		{5_000, 50_000, "3.6-7"},
		{5_000, 100_000, "11"},
		{10_000, 40_000, "5.7"},
	}
}

func iptablesNFTSyncs() []syncRow {
	return []syncRow{{100, 1_000, "0.11"}, {1_000, 10_000, "8-17"}, {2_000, 20_000, "51"}, {5_000, 100_000, ""}}
}

func nftSyncs() []syncRow {
	return []syncRow{
		{100, 1_000, "0.06"},
		{1_000, 10_000, "0.6"},
		{2_000, 20_000, "1.5"},
		{5_000, 50_000, "4.1"},
		{5_000, 100_000, "4.8-6.2"},
		{10_000, 40_000, "35-56"},
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

func (r syncRow) text(v say.Voice, tool string) string {
	services, endpoints := plain.Number(r.services), plain.Number(r.endpoints)
	if r.seconds == "" {
		return v.Sprintf("%s: over 8 min (stopped) at %s Services, %s endpoints", tool, services, endpoints)
	}
	return v.Sprintf("%s: %s s at %s Services, %s endpoints", tool, r.seconds, services, endpoints)
}

// iptablesFullSync says what the sync at start takes with the backend that the
// nodes are likely to use, or with both.
func (s *situation) iptablesFullSync(l Load) string {
	legacy, nft := nearest(legacySyncs(), l).text(s.Voice, "iptables-legacy"), nearest(iptablesNFTSyncs(), l).text(s.Voice, "iptables-nft")
	text, tool := legacy, "legacy"
	switch s.backend() {
	case release.BackendNFT:
		text, tool = nft, "nft"
	case release.BackendUnknown:
		return s.Sprintf("%s; %s (%s)", legacy, nft, s.Text(syncMachine))
	}
	switch told := where(s.classes, func(c class) bool { return c.Proxy.IPTables.IsKnown() }); len(told) {
	case 0:
		return s.Sprintf("%s (%s); the OS images suggest %s", text, s.Text(syncMachine), tool)
	case len(s.classes):
		return s.Sprintf("%s (%s); %s, as the nodes tell", text, s.Text(syncMachine), tool)
	}
	return s.Sprintf("%s (%s); %s on most nodes, as they tell or their OS images suggest", text, s.Text(syncMachine), tool)
}

// nftablesFullSync says what the sync at start takes, as a range, with the
// nearest size that was measured.
func (s *situation) nftablesFullSync(l Load, v release.Version) string {
	nearby := s.Sprintf("%s in the layout from 1.36 on (%s)", nearest(nftSyncs(), l).text(s.Voice, "nft"), s.Text(syncMachine))
	if low, high, text, known := s.nftFirstSync(); known && v == s.oldest.Value {
		return s.Sprintf("about %s: %s. Nearest: %s", lasting(s.Voice, low, high), s.Said(text.Source), nearby)
	}
	services, endpoints := nftSync(l, v, paceOf(release.Kernel{}, false, v))
	f := services.plus(endpoints)
	return s.Sprintf("about %s. Nearest: %s", lasting(s.Voice, f.low, f.high), nearby)
}

// backend returns the iptables backend that most nodes use, as far as is known or likely.
func (s *situation) backend() release.Backend {
	nodes := map[release.Backend]int{}
	for _, c := range s.classes {
		nodes[c.backend] += max(c.count, 1)
	}
	switch {
	case nodes[release.BackendNFT] > nodes[release.BackendLegacy]+nodes[release.BackendUnknown]:
		return release.BackendNFT
	case nodes[release.BackendLegacy] > nodes[release.BackendNFT]+nodes[release.BackendUnknown]:
		return release.BackendLegacy
	default:
		return release.BackendUnknown
	}
}
