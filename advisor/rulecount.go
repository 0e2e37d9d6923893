package advisor

import (
	"net/netip"
	"slices"

	"kpadvisor/advisor/release"
)

// countsLoopback reports a kube-proxy that counts connections to node ports over loopback,
// by a rule of its own for each (kubernetes PR 125015, in 1.31): where its
// nodePortAddresses, as far as they are known, have loopback among them.
func countsLoopback(v release.Version, addresses Fact[[]string]) bool {
	return v.AtLeast(31) && (!addresses.IsKnown() || hasLoopback(addresses.Value))
}

// hasLoopback reports node ports on 127.0.0.1. Of a family that no range is of, every
// address is meant (pkg/proxy/util/nodeport_addresses.go).
func hasLoopback(addresses []string) bool {
	others := true
	for _, a := range addresses {
		p, err := netip.ParsePrefix(a)
		switch {
		case a == "localhost" || a == "all":
			return true
		case err == nil && !p.Addr().Is4():
			continue
		case err == nil && (p.Addr().IsLoopback() || p.Contains(netip.AddrFrom4([4]byte{127}))):
			return true
		}
		others = false
	}
	return others
}

// countsLoopback reports the same of a cluster: of any of its nodes.
func (s *situation) countsLoopback(v release.Version) bool {
	return len(s.proxied) == 0 && countsLoopback(v, Fact[[]string]{}) ||
		slices.ContainsFunc(s.proxied, func(g group) bool { return countsLoopback(v, g.Proxy.Config.NodePortAddresses) })
}

// ExpectedRules is how many rules the kube-proxy of a report should count by the formula of
// [Estimate], for the Services of these facts. It is unknown where the formula is none for
// this node: endpoints that are of some nodes alone, or Services that were not read one by
// one.
func (f Facts) ExpectedRules(r NodeReport) (rules int, known bool) {
	v, err := release.ParseVersion(r.Version.Or(""))
	if !r.Placed || !r.Rules.IsKnown() || err != nil {
		return 0, false
	}
	l, known := f.Load.Get()
	if other, dual := f.OtherLoad.Get(); dual && l.Family == "IPv6" {
		l = other
	}
	services := f.Services.Value
	if !known || l.Family != "IPv4" || services.InternalLocal+services.ExternalLocal+f.Endpoints.Value.WithHints > 0 {
		return 0, false
	}
	return iptablesObjects(l, countsLoopback(v, r.Config.NodePortAddresses)).rules, true
}
