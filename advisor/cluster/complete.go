package cluster

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
)

// Complete fills in of f what could not be read with what somebody says of it.
// What was read is never overruled: where t says something else, contradictions
// has a sentence for it, and the groups concerned keep it as evidence. The error
// says in one sentence which value cannot be true.
//
// Nodes that are managed have nothing to fill in, and Windows nodes no choice.
func Complete(f advisor.Facts, t TypedFacts) (completed advisor.Facts, contradictions []string, err error) {
	if err := t.Check(); err != nil {
		return f, nil, err
	}
	var said []string
	t.completeCounts(&f, &said)
	version, source := t.version()
	f.Groups = slices.Clone(f.Groups)
	if len(f.Groups) == 0 && (t.Kernel != "" || version != "" || t.ProxyMode != "") {
		f.Groups = []advisor.NodeGroup{{Nodes: f.Nodes.Or(0), OS: "linux"}}
	}
	if k, err := release.ParseKernel(t.Kernel, ""); err == nil {
		t.Kernel = k.Text() // of what uname -a and /proc/version_signature say, what tells
	}
	mode := advisor.Mode(t.ProxyMode)
	fillGroups(&f, &said, filling{
		flag: "--kernel", value: t.Kernel, no: "no kernel", another: "another kernel",
		seen:    func(g *advisor.NodeGroup) string { return g.Kernel },
		set:     func(g *advisor.NodeGroup) { g.Kernel = t.Kernel },
		agrees:  func(seen string) bool { return sameVersion(t.Kernel, seen) },
		refines: func(seen string) bool { return namesKernel(t.Kernel, seen) },
	})
	fillGroups(&f, &said, filling{
		flag: "--proxy-mode", value: t.ProxyMode, no: "no mode", another: "another mode",
		seen:   func(g *advisor.NodeGroup) string { return seenMode(&g.Proxy, mode) },
		set:    func(g *advisor.NodeGroup) { setMode(g, mode) },
		agrees: func(seen string) bool { return seen == t.ProxyMode },
	})
	fillGroups(&f, &said, filling{
		flag: "--kubernetes-version", value: t.KubernetesVersion, no: "no version", another: "another version",
		seen:   seenVersion,
		set:    func(g *advisor.NodeGroup) { setVersion(g, version, source, f.Origin == advisor.FromTyped) },
		agrees: func(seen string) bool { return sameVersion(t.KubernetesVersion, seen) || sameVersion(version, seen) },
	})
	if version != "" && !f.Version.IsKnown() {
		f.Version = advisor.KnownFrom(version, source)
	}
	if t.Kernel != "" {
		kernelsGiven(&f)
	}
	return f, said, nil
}

// filling is a fact of a node group that a flag can complete.
type filling struct {
	flag, value string
	no, another string                          // "no kernel", "another kernel"
	seen        func(*advisor.NodeGroup) string // empty where it was not
	set         func(*advisor.NodeGroup)
	agrees      func(seen string) bool
	refines     func(seen string) bool // says the same and more; nil: never
}

// fillGroups completes the groups that lack the fact and keeps what disagrees.
func fillGroups(f *advisor.Facts, said *[]string, by filling) {
	if by.value == "" {
		return
	}
	filled, others := 0, map[string]int{}
	for i := range f.Groups {
		g := &f.Groups[i]
		if g.Managed != "" || g.OS == "windows" {
			continue
		}
		seen := by.seen(g)
		evidence := advisor.Evidence{Source: by.flag, Says: by.value}
		switch {
		case seen == "", by.refines != nil && by.refines(seen):
			by.set(g)
			filled += max(1, g.Nodes)
		case by.agrees(seen):
			continue
		default:
			evidence.Conflict = true
			others[seen] += max(1, g.Nodes)
		}
		// A typed cluster has no other source, and its mode alone is evidence.
		if (by.flag == "--proxy-mode" || f.Origin != advisor.FromTyped) && !slices.Contains(g.Proxy.Evidence, evidence) {
			g.Proxy.Evidence = append(slices.Clone(g.Proxy.Evidence), evidence)
		}
	}
	if len(others) > 0 {
		*said = append(*said, contradiction(by, filled, others))
	}
}

// maxShown is how many values a sentence lists.
const maxShown = 3

func contradiction(by filling, filled int, others map[string]int) string {
	values := slices.Sorted(maps.Keys(others))
	var shown []string
	for _, v := range values[:min(len(values), maxShown)] {
		shown = append(shown, fmt.Sprintf("%s (%s)", cleanText(v), nodeCount(others[v])))
	}
	if more := len(values) - maxShown; more > 0 {
		shown = append(shown, fmt.Sprintf("%d more", more))
	}
	list := strings.Join(shown, ", ")
	value := by.flag + " " + cleanText(by.value)
	if filled == 0 {
		return fmt.Sprintf("%s is not used, because what was read shows %s: %s.", value, by.another, list)
	}
	return fmt.Sprintf("%s is used only where %s was read (%s); the others keep theirs: %s.",
		value, by.no, nodeCount(filled), list)
}

func nodeCount(n int) string {
	if n == 1 {
		return "1 node"
	}
	return fmt.Sprintf("%d nodes", n)
}

// noProxy is what --proxy-mode says of nodes without kube-proxy.
const noProxy advisor.Mode = "none"

// seenMode is what was seen of a proxy, where it bears on what somebody says: a
// mode, another implementation, "none", or kube-proxy in a mode that could not be
// seen, which only "none" contradicts. That another implementation does the work
// agrees with "none".
func seenMode(p *advisor.Proxy, said advisor.Mode) string {
	if m, known := p.Mode.Get(); known {
		return string(m)
	}
	switch impl, known := p.Implementation.Get(); {
	case known && impl != advisor.KubeProxy && said == noProxy, p.Implementation.State == advisor.Absent:
		return string(noProxy)
	case known && (impl != advisor.KubeProxy || said == noProxy):
		return string(impl)
	}
	return ""
}

// setMode takes somebody's word for a mode that was not to be seen.
func setMode(g *advisor.NodeGroup, mode advisor.Mode) {
	const source = "--proxy-mode"
	p := &g.Proxy
	if mode == noProxy {
		p.Implementation = advisor.AbsentFrom[advisor.Implementation](source)
		p.Mode = advisor.AbsentFrom[advisor.Mode](source)
		return
	}
	if !p.Implementation.IsKnown() {
		p.Implementation = advisor.KnownFrom(advisor.KubeProxy, source)
	}
	p.Mode = advisor.KnownFrom(mode, source)
	g.Spared = "" // there is a kube-proxy, if not of the DaemonSet
}

// seenVersion is kube-proxy's version as far as it was read: its own or, for want
// of it, the kubelet's.
func seenVersion(g *advisor.NodeGroup) string {
	if v, known := g.Proxy.Version.Get(); known {
		return v
	}
	return g.Kubelet
}

// setVersion fills in kube-proxy's version, and that of the kubelet in a cluster
// of which nothing was read.
func setVersion(g *advisor.NodeGroup, version, source string, typed bool) {
	impl, known := g.Proxy.Implementation.Get()
	if known && impl == advisor.KubeProxy || !typed && g.Proxy.Implementation.State == advisor.Unknown {
		g.Proxy.Version = advisor.KnownFrom(version, source)
	}
	if typed {
		g.Kubelet = version
	}
}

// sameVersion reports whether one of two versions is the other, perhaps without
// its patch level or suffix: 1.33, v1.33.4 and v1.33.4-eks-3abbec1; 5.15.0 and
// 5.15.0-105-generic.
func sameVersion(a, b string) bool {
	a, b = strings.TrimSuffix(strings.TrimPrefix(a, "v"), "+"), strings.TrimSuffix(strings.TrimPrefix(b, "v"), "+")
	if len(a) > len(b) {
		a, b = b, a
	}
	rest, ok := strings.CutPrefix(b, a)
	return ok && a != "" && (rest == "" || strings.ContainsAny(rest[:1], ".-+_"))
}

// namesKernel reports whether a text that is more than a release, as uname -a or
// Ubuntu's /proc/version_signature print it, is of the kernel with that release.
// Ubuntu writes the number of the upload into it: 5.4.0-96.109-generic is the
// release 5.4.0-96-generic.
func namesKernel(text, release string) bool {
	upload := regexp.MustCompile(`^(\d+\.\d+\.\d+-\d+)\.\d+(-[a-z0-9-]+)$`)
	words := strings.Fields(text)
	return len(words) > 1 && slices.ContainsFunc(words, func(w string) bool {
		return w == release || upload.ReplaceAllString(w, "$1$2") == release
	})
}

// kernelsGiven notes that of Nodes which could not be listed the kernels are known
// all the same.
func kernelsGiven(f *advisor.Facts) {
	f.Coverage.Missing = slices.Clone(f.Coverage.Missing)
	for i := range f.Coverage.Missing {
		if m := &f.Coverage.Missing[i]; strings.EqualFold(m.What, "nodes") {
			m.What, m.Hides = "Nodes, but for the kernel given", "versions and the proxy of each node"
		}
	}
}

// completeCounts fills in Services, endpoints, nodes and the load that follows.
func (t TypedFacts) completeCounts(f *advisor.Facts, said *[]string) {
	differs := func(flag, what string, given, read int) {
		if given > 0 && given != read {
			*said = append(*said, fmt.Sprintf("%s %d is not used, because %s were read.", flag, given, fmt.Sprintf("%d %s", read, what)))
		}
	}
	if s, known := f.Services.Get(); known {
		differs("--services", "Services", t.Services, s.Total)
	} else if t.Services > 0 {
		f.Services = advisor.KnownFrom(advisor.ServiceCounts{
			Total: t.Services, Counted: t.Services, ClusterIP: t.Services, Ports: t.Services,
			WithoutEndpoints: spread(t.Services, t.Endpoints).PortsWithoutEndpoints,
		}, "--services, taken as ClusterIP Services with one port")
	}
	if e, known := f.Endpoints.Get(); known {
		differs("--endpoints", "endpoints", t.Endpoints, e.Total)
	} else if t.Endpoints > 0 {
		f.Endpoints = advisor.KnownFrom(advisor.EndpointCounts{
			Total: t.Endpoints, IPv4: t.Endpoints, Ready: t.Endpoints, Serving: t.Endpoints,
			Largest: largest(f.Services.Value.Ports, t.Endpoints),
		}, "--endpoints, taken as ready and IPv4")
	}
	t.completeLoad(f)
	if n, known := f.Nodes.Get(); known {
		differs("--nodes", "nodes", t.Nodes, n)
	} else if t.Nodes > 0 {
		f.Nodes = advisor.KnownFrom(t.Nodes, "--nodes")
	}
}

// completeLoad spreads the endpoints over the ports where one of both was given.
func (t TypedFacts) completeLoad(f *advisor.Facts) {
	services, servicesKnown := f.Services.Get()
	endpoints, endpointsKnown := f.Endpoints.Get()
	if f.Load.IsKnown() || !servicesKnown || !endpointsKnown || t.Services == 0 && t.Endpoints == 0 {
		return
	}
	source := "--services and --endpoints: one port for each Service, endpoints spread evenly"
	switch {
	case t.Services == 0:
		source = "Services and --endpoints: endpoints spread evenly over the ports"
	case t.Endpoints == 0:
		source = "--services and EndpointSlices: one port for each Service, endpoints spread evenly"
	}
	f.Load = advisor.KnownFrom(spread(services.Ports, endpoints.Ready), source)
}

// spread puts endpoints evenly behind ports.
func spread(ports, endpoints int) advisor.Load {
	l := advisor.Load{Family: "IPv4", Ports: ports, Endpoints: endpoints}
	if ports == 0 || endpoints == 0 {
		return l
	}
	each, more := endpoints/ports, endpoints%ports // more ports have one more than each
	switch each {
	case 0:
		l.PortsWithoutEndpoints, l.PortsWithOneEndpoint = ports-more, more
	case 1:
		l.PortsWithOneEndpoint = ports - more
	}
	return l
}

// largest is the most endpoints behind a port when they are spread evenly.
func largest(ports, endpoints int) int {
	if ports == 0 {
		return 0
	}
	return (endpoints + ports - 1) / ports
}
