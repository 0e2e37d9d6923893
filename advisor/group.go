package advisor

import (
	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
	"kpadvisor/say"
)

// group is a node group of Linux nodes with its strings parsed.
type group struct {
	NodeGroup
	voice   say.Voice
	kernel  Fact[release.Kernel]
	version Fact[release.Version] // of kube-proxy; the kubelet's or the API server's where that is all there is
	mode    Fact[Mode]
	runs    tri // kube-proxy
	router  bool
	reuse   reuse.Verdict // in IPVS mode, whether or not it runs
	// outcomes are what issue 81775 could turn out to be in IPVS mode, the worst first.
	outcomes []reuse.Exposure
	inForce  bool // IPVS programs Services here, kube-proxy's or kube-router's
}

// newGroup parses a node group and judges issue 81775 on it.
func newGroup(g NodeGroup, api Fact[string]) group {
	out := parseGroup(g, api)
	out.judgeBy(map[judgedKey]judgement{})
	return out
}

// judgedKey is all that a judgement depends on where no sysctl was read.
type judgedKey struct {
	kernel          release.Kernel
	version         release.Version
	inForce, router bool
}

type judgement struct {
	verdict  reuse.Verdict
	outcomes []reuse.Exposure
}

// judgeBy judges a group, or takes over what was judged of one like it: of many
// groups most have a kernel and a kube-proxy in common.
func (g *group) judgeBy(known map[judgedKey]judgement) {
	in := g.reuseInput()
	key := judgedKey{in.Kernel, in.Version, in.InForce, in.KubeRouter}
	j, ok := known[key]
	if !ok || len(in.Live) > 0 {
		j = judgement{in.Judge(), worstFirst(in.Outcomes())}
	}
	if len(in.Live) == 0 {
		known[key] = j
	}
	g.reuse, g.outcomes = j.verdict, j.outcomes
}

func parseGroup(g NodeGroup, api Fact[string]) group {
	g.Kernel, g.OSImage, g.Kubelet = plain.Text(g.Kernel), plain.Text(g.OSImage), plain.Text(g.Kubelet)
	out := group{NodeGroup: g, version: groupVersion(g, api)}
	out.kernel = kernelFact(g.Kernel, g.OSImage)
	switch impl, known := g.Proxy.Implementation.Get(); {
	case known:
		out.runs, out.router = triOf(impl == KubeProxy), impl == KubeRouter
	case g.Proxy.Implementation.State == Absent:
		out.runs = no
	case g.Proxy.Mode.IsKnown():
		out.runs = yes // only kube-proxy has a mode
	}
	if out.runs != no {
		out.mode = g.Proxy.Mode
	}
	out.inForce = out.router || out.mode.IsKnown() && out.mode.Value == IPVS && !out.down()
	return out
}

// down reports that no kube-proxy of a group runs: what it is configured for is
// not in force.
func (g group) down() bool { return g.Proxy.Failing > 0 && g.Proxy.Failing >= g.Nodes }

func kernelFact(text, osImage string) Fact[release.Kernel] {
	if k, err := release.ParseKernel(text, osImage); err == nil {
		return KnownFrom(k, "node.status.nodeInfo.kernelVersion")
	}
	return Fact[release.Kernel]{}
}

func (g group) reuseInput() reuse.Input {
	return reuse.Input{
		Voice: g.voice, Kernel: g.kernel.Value, Version: g.version.Value, Live: g.Proxy.Sysctls,
		Read: g.Proxy.SysctlNodes, Of: g.Nodes, InForce: g.inForce, KubeRouter: g.router,
	}
}

// groupVersion prefers kube-proxy's own version, then the kubelet's, then the
// API server's: kube-proxy is usually rolled out with one of them.
func groupVersion(g NodeGroup, api Fact[string]) Fact[release.Version] {
	if s, ok := g.Proxy.Version.Get(); ok {
		if v, err := release.ParseVersion(s); err == nil {
			return KnownFrom(v, g.Proxy.Version.Source)
		}
	}
	if v, err := release.ParseVersion(g.Kubelet); err == nil {
		return KnownFrom(v, "kubelet version")
	}
	return parseFact(api)
}

func parseFact(f Fact[string]) Fact[release.Version] {
	if s, ok := f.Get(); ok {
		if v, err := release.ParseVersion(s); err == nil {
			return KnownFrom(v, f.Source)
		}
	}
	return Fact[release.Version]{Why: f.Why, Detail: f.Detail}
}

// can reports whether a mode can run on the nodes of a group: kube-proxy's version
// and the kernel decide. That a mode is configured proves nothing: a kube-proxy
// that cannot run it starts over and over. One that told its mode has begun to.
func (g group) can(m Mode) tri {
	if g.startedIn(m) {
		return yes
	}
	switch m {
	case NFTables:
		return g.canNFTables()
	case IPVS:
		return g.canIPVS()
	default:
		return g.canIPTables()
	}
}

// startedIn reports that kube-proxy told, on every node, that it runs in a mode which needs what
// m needs. From 1.28 on it does not get as far where it finds no iptables (platformCheckSupported
// in cmd/kube-proxy/app), which IPVS mode needs as well; without ip_vs it exits from 1.26 on.
// The alpha of nftables mode stays what nobody supports, and no version from 1.43 on has IPVS.
func (g group) startedIn(m Mode) bool {
	v, known := g.version.Get()
	if !known || !g.told() {
		return false
	}
	switch m {
	case NFTables:
		return g.mode.Value == NFTables && v.AtLeast(31)
	case IPTables:
		return (g.mode.Value == IPTables || g.mode.Value == IPVS) && v.AtLeast(28)
	default:
		return g.mode.Value == m && v.AtLeast(26) && !v.AtLeast(43)
	}
}

// canNFTables: kube-proxy 1.31 (beta, on by default) and kernel 5.13, which
// kube-proxy checks by the numbers and otherwise exits. In 1.29 and 1.30 the mode
// is alpha behind a gate: unsupported, though it runs.
func (g group) canNFTables() tri {
	kernel := nftKernel(&g)
	v, known := g.version.Get()
	switch {
	case kernel == no || known && !v.AtLeast(29):
		return no
	case !known || !v.AtLeast(31): // alpha: nobody supports it, which is not the same as impossible
		return unclear
	}
	return kernel
}

// nftKernel asks for kernel 5.13 (kubernetes pkg/proxy/nftables/supported.go).
func nftKernel(g *group) tri {
	k, ok := g.kernel.Get()
	if !ok {
		return unclear
	}
	return triOf(k.AtLeast(5, 13, 0))
}

// canIPVS: 1.9 (beta) to 1.42, not kube-proxy 1.13 to 1.18 on a kernel without
// conn_reuse_mode, and not where the kernel lacks ip_vs.
func (g group) canIPVS() tri {
	v, known := g.version.Get()
	k, kernelKnown := g.kernel.Get()
	switch {
	case !known:
		return unclear
	case !v.AtLeast(9) || v.AtLeast(43):
		return no
	case v.AtLeast(40) || !kernelKnown: // from 1.40 behind the gate KubeProxyIPVS
		return unclear
	case reuse.SysctlsOf(v).RefusesToStart(k):
		return no
	}
	can, _, _ := k.IPVS(g.voice)
	return triFrom(can)
}

// canIPTables: every version has the mode; not every kernel has ip_tables any more.
func (g group) canIPTables() tri {
	k, known := g.kernel.Get()
	if !known {
		return yes // all but the newest have it: a kernel nobody read is most likely one of them
	}
	can, _, _ := k.IPTables(g.voice)
	return triFrom(can)
}

// mayFallBack reports a kube-proxy before 1.26 that is configured for IPVS: it
// ran iptables instead, silently, where IPVS was not usable (kubernetes PR 111806,
// CHANGELOG-1.26), so the configuration alone is no proof.
func (g group) mayFallBack() bool {
	v, known := g.version.Get()
	return known && !v.AtLeast(26) && g.mode.IsKnown() && g.mode.Value == IPVS && !g.proved()
}

// proved reports a mode that kube-proxy itself told on every node, or sysctls that only
// a running IPVS has, read on every node.
func (g group) proved() bool { return g.sysctlsRead() || g.told() }

// told reports that kube-proxy itself told its mode on every node: of nodes that nobody
// counted, it never did.
func (g group) told() bool { return g.Nodes > 0 && g.Proxy.Proved >= g.Nodes }
