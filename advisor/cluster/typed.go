package cluster

import (
	"fmt"
	"regexp"
	"strings"

	"kpadvisor/advisor"
)

// TypedFacts is what somebody says of a cluster instead of letting it be read.
// Zero and empty mean not given.
type TypedFacts struct {
	Services          int
	Endpoints         int
	Nodes             int
	Kernel            string // uname -r: "5.15.0-105-generic"
	KubernetesVersion string // "1.33.4" or "v1.33.4"
	ProxyMode         string // iptables, ipvs, nftables or none
}

// What no cluster reaches: the tested limits of Kubernetes are 10,000 Services,
// 5,000 nodes and 150,000 pods (kubernetes/community, sig-scalability thresholds).
const (
	maxTypedServices  = 1_000_000
	maxTypedEndpoints = 100_000_000
	maxTypedNodes     = 100_000
)

// Typed returns the facts that follow from t; what was not given is Unknown. The
// error says in one sentence which value cannot be true.
//
// The load is that of one port to each Service and endpoints spread evenly, and
// its source says so.
func Typed(t TypedFacts) (advisor.Facts, error) {
	f := advisor.Facts{Origin: advisor.FromTyped, Name: "typed counts"}
	if err := t.check(); err != nil {
		return advisor.Facts{}, err
	}
	if t.Services > 0 {
		f.Services = advisor.KnownFrom(advisor.ServiceCounts{
			Total: t.Services, Counted: t.Services, ClusterIP: t.Services, Ports: t.Services,
			WithoutEndpoints: t.load().PortsWithoutEndpoints,
		}, "--services, taken as ClusterIP Services with one port")
	}
	if t.Endpoints > 0 {
		f.Endpoints = advisor.KnownFrom(advisor.EndpointCounts{
			Total: t.Endpoints, IPv4: t.Endpoints, Ready: t.Endpoints, Serving: t.Endpoints,
			Largest: t.largest(),
		}, "--endpoints, taken as ready and IPv4")
	}
	if t.Services > 0 && t.Endpoints > 0 {
		f.Load = advisor.KnownFrom(t.load(), "--services and --endpoints: one port for each Service, endpoints spread evenly")
	}
	if t.Nodes > 0 {
		f.Nodes = advisor.KnownFrom(t.Nodes, "--nodes")
	}
	version := normalVersion(t.KubernetesVersion)
	if version != "" {
		f.Version = advisor.KnownFrom(version, "--kubernetes-version")
		if version != "v"+strings.TrimPrefix(t.KubernetesVersion, "v") {
			f.Version.Source += ", taken as its first patch release"
		}
	}
	g := advisor.NodeGroup{Nodes: t.Nodes, OS: "linux", Kernel: t.Kernel, Kubelet: version, Proxy: t.proxy(version)}
	f.Groups = []advisor.NodeGroup{g}
	return f, nil
}

// proxy is what --proxy-mode says.
func (t TypedFacts) proxy(version string) advisor.Proxy {
	const source = "--proxy-mode"
	var p advisor.Proxy
	switch advisor.Mode(t.ProxyMode) {
	case "":
		return p
	case noProxy:
		p.Implementation = advisor.AbsentFrom[advisor.Implementation](source)
		p.Mode = advisor.AbsentFrom[advisor.Mode](source)
	default:
		p.Implementation = advisor.KnownFrom(advisor.KubeProxy, source)
		p.Mode = advisor.KnownFrom(advisor.Mode(t.ProxyMode), source)
		if version != "" {
			p.Version = advisor.KnownFrom(version, "--kubernetes-version")
		}
	}
	p.Evidence = []advisor.Evidence{{Source: source, Says: t.ProxyMode}}
	return p
}

// load spreads the endpoints over the Services.
func (t TypedFacts) load() advisor.Load {
	l := advisor.Load{Family: "IPv4", Ports: t.Services, Endpoints: t.Endpoints}
	if t.Services == 0 || t.Endpoints == 0 {
		return l
	}
	each, more := t.Endpoints/t.Services, t.Endpoints%t.Services // more Services have one more than each
	switch each {
	case 0:
		l.PortsWithoutEndpoints, l.PortsWithOneEndpoint = t.Services-more, more
	case 1:
		l.PortsWithOneEndpoint = t.Services - more
	}
	return l
}

// largest is the most endpoints that a Service has when they are spread evenly.
func (t TypedFacts) largest() int {
	if t.Services == 0 {
		return 0
	}
	return (t.Endpoints + t.Services - 1) / t.Services
}

// check refuses what cannot be true of any cluster.
func (t TypedFacts) check() error {
	for _, n := range []struct {
		flag string
		n    int
		max  int
	}{
		{"--services", t.Services, maxTypedServices},
		{"--endpoints", t.Endpoints, maxTypedEndpoints},
		{"--nodes", t.Nodes, maxTypedNodes},
	} {
		if n.n < 0 || n.n > n.max {
			return fmt.Errorf("%s %d is not between 0 and %d", n.flag, n.n, n.max)
		}
	}
	if t.Kernel != "" && !regexp.MustCompile(`^\d+\.\d+[0-9A-Za-z._+~-]{0,100}$`).MatchString(t.Kernel) {
		return fmt.Errorf("--kernel %q is not what uname -r prints, such as 5.15.0-105-generic", cleanText(t.Kernel))
	}
	if t.KubernetesVersion != "" && normalVersion(t.KubernetesVersion) == "" {
		return fmt.Errorf("--kubernetes-version %q is not a version such as 1.33.4", cleanText(t.KubernetesVersion))
	}
	switch advisor.Mode(t.ProxyMode) {
	case "", noProxy, advisor.IPTables, advisor.IPVS, advisor.NFTables:
		return nil
	}
	return fmt.Errorf("--proxy-mode %q is none of iptables, ipvs, nftables, none", cleanText(t.ProxyMode))
}

// normalVersion returns a version as "v1.33.4"; a missing patch becomes 0, and
// what is no version of Kubernetes the empty string.
func normalVersion(s string) string {
	m := regexp.MustCompile(`^v?(1)\.(\d{1,3})(?:\.(\d{1,3}))?([-+][0-9A-Za-z.+-]{1,64})?$`).FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	patch := m[3]
	if patch == "" {
		patch = "0"
	}
	return "v" + m[1] + "." + m[2] + "." + patch + m[4]
}
