package evidence

import (
	"strings"

	"kpadvisor/advisor"
)

// Conclude says what runs on each node. It needs the answers to Wants and More
// in [Objects.Asked]; what depends on a missing one stays unknown.
func Conclude(o Objects) Conclusion {
	v := newView(o)
	c := Conclusion{Platform: v.concludePlatform(), ByNode: make(map[string]advisor.Proxy, len(v.nodes))}
	shared := map[string][]advisor.Evidence{}
	for _, n := range v.nodes {
		p := v.concludeNode(n)
		p.Evidence = share(shared, p.Evidence)
		c.ByNode[n.Name] = p
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
	if n.windows {
		return p
	}
	return applyOverride(p, v.override)
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
