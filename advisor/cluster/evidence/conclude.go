package evidence

import (
	"strings"

	"kpadvisor/advisor"
)

// Conclude says what runs on each node. It needs the answers to Wants and More
// in [Objects.Asked]; what depends on a missing one stays unknown.
func Conclude(o Objects) Conclusion {
	v := newView(o)
	c := Conclusion{
		Platform: v.concludePlatform(),
		ByNode:   make(map[string]advisor.Proxy, len(v.nodes)), Standing: map[string]Standing{},
		Components: v.components(),
	}
	shared := map[string][]advisor.Evidence{}
	for _, n := range v.nodes {
		standing := n.Standing(v.now)
		var p advisor.Proxy
		if standing.Managed != "" {
			p = managedProxy(n)
		} else {
			p = v.concludeNode(n)
			standing.Spared = v.spares(n, p)
		}
		p.Evidence = share(shared, p.Evidence)
		c.ByNode[n.Name] = p
		if standing != (Standing{}) {
			c.Standing[n.Name] = standing
		}
	}
	return c
}

// concludeNode collects the clues of every source and weighs them.
func (v *view) concludeNode(n NodeSign) advisor.Proxy {
	version := v.version(n)
	clues := fromWindows(n)
	clues = append(clues, v.fromAgents(n)...)
	clues = append(clues, v.fromEvents(n, version.Value)...)
	clues = append(clues, v.fromPods(n, version.Value)...)
	clues = append(clues, v.fromNodeAnnotations(n)...)
	clues = append(clues, v.fromDaemonSets(n, version.Value)...)
	clues = append(clues, fromPlatform(n)...)
	p := weigh(clues)
	p.Version = version
	if impl, known := p.Implementation.Get(); known && impl != advisor.KubeProxy {
		p.Version = advisor.AbsentFrom[string](p.Implementation.Source)
	}
	if pods := v.proxies(n.Name); len(pods) > 0 && p.Implementation.Value == advisor.KubeProxy {
		if why := pods[0].failing(n.health.notReady, v.now); why != "" {
			p.Failing, p.FailingWhy = 1, why
		}
	}
	return p
}

// managedProxy is that of a node where nobody can choose one, whatever pods the
// API shows there: a simulated node has simulated ones.
func managedProxy(n NodeSign) advisor.Proxy {
	detail := "nobody can choose a kube-proxy mode there: " + n.health.managed
	if n.platform == advisor.EKSAuto {
		detail = invisible(n.platform)
	}
	return advisor.Proxy{
		Implementation: advisor.UnknownFor[advisor.Implementation](advisor.Invisible, detail),
		Mode:           advisor.UnknownFor[advisor.Mode](advisor.Invisible, detail),
		Version:        advisor.UnknownFor[string](advisor.Invisible, detail),
	}
}

// spares says why the DaemonSets of kube-proxy put no pod on a node where nothing
// was seen to program Services; empty where one would, or where that may have
// escaped. Of several DaemonSets one chooses by nodeSelector which pool it is for,
// so that a taint says more.
func (v *view) spares(n NodeSign, p advisor.Proxy) string {
	_, missing := v.unread(nodesWant(), daemonSetsWant())
	if missing || v.podsMissing || n.windows || p.Implementation.State != advisor.Unknown || len(v.proxies(n.Name)) > 0 {
		return ""
	}
	spared := ""
	for _, d := range v.daemonSets {
		if program := d.program.Value(); program.role != proxyRole || program.windows || d.parked {
			continue
		}
		why := d.place.spares(n)
		if why == "" {
			return ""
		}
		if spared == "" || strings.HasPrefix(why, taintedBy) {
			spared = why
		}
	}
	return spared
}

// version is kube-proxy's own, or the kubelet's for want of it.
func (v *view) version(n NodeSign) advisor.Fact[string] {
	if pods := v.proxies(n.Name); len(pods) > 0 {
		if p := pods[0].program.Value(); p.version != "" {
			return advisor.KnownFrom(p.version, p.owner+", image tag")
		}
	}
	if n.version == "" {
		return advisor.UnknownFor[string](advisor.Invisible, "neither kube-proxy's image nor the kubelet says its version")
	}
	if n.nodeArguments().embedsProxy() {
		return advisor.KnownFrom(n.version, "kubelet version: k3s is one program")
	}
	return advisor.KnownFrom(n.version, "kubelet version, for want of kube-proxy's own")
}

// share keeps one copy of evidence that is the same on many nodes.
func share(all map[string][]advisor.Evidence, list []advisor.Evidence) []advisor.Evidence {
	var b strings.Builder
	for _, e := range list {
		b.WriteString(e.Source)
		b.WriteByte(0)
		b.WriteString(e.Says)
		b.WriteByte(0)
		if e.Conflict {
			b.WriteByte(1)
		}
	}
	k := b.String()
	if before, ok := all[k]; ok {
		return before
	}
	all[k] = list
	return list
}
