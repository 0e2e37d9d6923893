package advisor

import (
	"kpadvisor/plain"
)

// Hysteresis: a change of mode touches every node, so a gain counts only if it
// is worth it both absolutely and relatively.
const (
	floorNs     = 10_000      // per new connection: below 10 us at p50 nobody can see it
	floorSyncNs = 500_000_000 // per sync after one endpoint's change
	floorShare  = 1.0 / 3     // of the first packet's round trip, or of the sync, in iptables
	measuredMin = 1.0 / 2     // a measurement holds from half as many Services
)

// gain is what another mode would save over iptables.
type gain struct {
	connectionNs int64 // to the common port, middle of the range
	connection   span
	base         span // the first packet's round trip in iptables
	worst        span // the same to the Service with most endpoints
	worstBase    span
	sync         span
	syncBase     span
	syncTo       span      // the sync in the other mode
	measured     *weighing // where it replaces the estimate
	before37     bool      // kube-proxy here lists the whole table before each change
}

// gainOf compares a mode with iptables.
func (s *situation) gainOf(to Mode) gain {
	v, l := s.oldest.Value, s.load.Load
	a, b := s.common(IPTables).p50, s.common(to).p50
	g := gain{connection: a.minus(b), base: point(firstPacketNs).plus(a)}
	worst := s.worst(IPTables).p50
	g.worst, g.worstBase = worst.minus(s.worst(to).p50), point(firstPacketNs).plus(worst)
	if s.load.endpointsKnown || hasPartialSync(v) && !nftKeepsEndpointChains(v) {
		g.syncBase = changeSpan(IPTables, l, v)
		g.syncTo = changeSpan(to, l, v)
		g.sync = g.syncBase.minus(g.syncTo)
		g.before37 = !v.AtLeast(37)
	}
	if w, ok := s.weigh(IPTables, to); ok {
		base := point(firstPacketNs + max(0, b.mid+w.mid)) // what iptables costs follows from it
		if w.settles(base, g.connection) {
			g.measured, g.connection, g.base = &w, w.span, base
			g.worst, g.worstBase = g.connection, g.base
		}
	}
	g.connectionNs = g.connection.mid
	return g
}

// passes reports whether a gain is over its floor and over its share of a base.
func passes(gain, base, floor int64) bool {
	return gain >= floor && float64(gain) >= floorShare*float64(base)
}

// judge is yes where even the low end of the gain of a connection passes, no where
// not even the high end does.
func judge(gain, base span) tri {
	switch {
	case passes(gain.low, base.low, floorNs):
		return yes
	case passes(gain.high, base.high, floorNs):
		return unclear
	default:
		return no
	}
}

// worth reports whether the gain passes the floors, and why: yes where that is
// sure, no where it is sure that it does not, unclear between, where either mode
// will do by all that is known. Latency counts only where connections are opened
// often enough to feel it.
func (g gain) worth(s *situation, to Mode) (tri, Reason) {
	latency, why := g.latency(s, to)
	sync, whySync := g.syncs(s, to)
	backend, whyBackend := s.restoreWorth(to)
	for _, want := range []tri{yes, unclear} {
		switch {
		case latency == want:
			return want, why
		case sync == want:
			return want, whySync
		case backend == want:
			return want, whyBackend
		}
	}
	return no, Reason{}
}

// latency judges what a new connection gains.
func (g gain) latency(s *situation, to Mode) (tri, Reason) {
	if s.steady() {
		return no, Reason{}
	}
	at := s.Count(s.load.entries(), "Service port")
	if k := s.load.common; float64(pickNs().mid)*k/2 > float64(serviceNs().mid)*float64(s.load.entries()) {
		at = s.Sprintf("%s with %s", at, s.Count(int(k), "endpoint"))
	}
	if n := s.load.PortsWithoutEndpoints; n > s.load.entries() {
		at = s.Sprintf("%s and %s without endpoints", at, s.Count(n, "port"))
	}
	switch j := judge(g.connection, g.base); {
	case j == yes && g.measured != nil:
		return j, Reason{Text: s.Sprintf("iptables is %s per new connection slower than %s, measured on %s.", micros(s.Voice, g.connection.mid), to.title(), plain.Text(g.measured.by[0].kernel)), Source: g.measured.where()}
	case j == unclear && g.measured != nil:
		return j, Reason{Text: s.Sprintf("Measured on %s, iptables is %s to %s per new connection slower than %s: on both sides of what is worth a change. Measure more.", plain.Text(g.measured.by[0].kernel), signedMicros(s.Voice, g.connection.low), signedMicros(s.Voice, g.connection.high), to.title()), Source: g.measured.where()}
	case j == yes:
		return yes, Reason{Text: s.Sprintf("iptables costs each new connection about %s more than %s at %s (estimate).", g.connection.added(s.Voice), to.title(), at), Source: srcKEP3866 + ", " + srcUK8S}
	case j == unclear:
		return unclear, Reason{Text: s.Sprintf("iptables costs each new connection about %s more than %s at %s (estimate): whether that is worth a change, %s is the line, is for a measurement to say.", g.connection.added(s.Voice), to.title(), at, micros(s.Voice, floorNs)), Source: srcKEP3866 + ", " + srcUK8S}
	case passes(g.worst.mid, g.worstBase.mid, floorNs):
		return unclear, Reason{Rule: KPA026, Text: s.Sprintf("New connections to %s cost about %s more in iptables than in %s (estimate); those to other Services, nothing that could be seen.", s.load.worstService(s.Voice), g.worst.added(s.Voice), to.title()), Source: srcPick}
	}
	return no, Reason{}
}

// syncs judges what a sync gains. It is no reason to measure where only the far
// end of the range says so: a change touches every node.
func (g gain) syncs(s *situation, to Mode) (tri, Reason) {
	sure := passes(g.sync.low, g.syncBase.low, floorSyncNs)
	if !sure && !passes(g.sync.mid, g.syncBase.mid, floorSyncNs) {
		return no, Reason{}
	}
	r := Reason{Text: s.Sprintf("Each endpoint's change costs iptables about %s (estimate); about %s less in %s.", lasting(s.Voice, g.syncBase.low, g.syncBase.high), duration(s.Voice, g.sync.mid), to.title()), Source: srcSync}
	if to == IPVS {
		r.Text = s.Sprintf("Each endpoint's change costs iptables about %s (estimate); IPVS writes only the difference.", lasting(s.Voice, g.syncBase.low, g.syncBase.high))
	}
	if sure {
		return yes, r
	}
	return unclear, r
}

// restoreWorth judges what nodes with iptables-nft gain from nftables' own
// layout, which from 1.36 on keeps no chain per endpoint.
func (s *situation) restoreWorth(to Mode) (tri, Reason) {
	if to != NFTables || !s.since(36) || !s.manyNFTChains() {
		return no, Reason{}
	}
	r := s.reason(KPA024)
	if restore := restoreSpan(s.load.Load); weightOf(restore.low, restore.high) >= syncHeavy {
		return yes, r
	}
	return unclear, r
}

// slower warns of a sync that the change makes slower: nftables before 1.36
// reads a chain per endpoint, and lists by nft --json until 1.37.
func (g gain) slower(s *situation) Reason {
	if -g.sync.mid < floorSyncNs || !g.before37 {
		return Reason{}
	}
	return Reason{Text: s.Sprintf("Until kube-proxy 1.37 each endpoint's change will take longer in nftables mode: about %s instead of %s (estimate).",
		lasting(s.Voice, g.syncTo.low, g.syncTo.high), lasting(s.Voice, g.syncBase.low, g.syncBase.high)), Source: "kubernetes PRs 135800, 137536; issue 139513; " + srcSync}
}

// small says why the gain is not worth a change.
func (g gain) small(s *situation, to Mode) Reason {
	if s.steady() {
		return Reason{Text: s.Text("Connections are long-lived: the mode changes no request latency. There is no hurry."), Source: "TKE benchmark (imroc), Tigera"}
	}
	if g.measured != nil {
		return Reason{Text: s.Sprintf("Measured, %s would save %s per new connection: below the %s that are worth a change.", to.title(), micros(s.Voice, max(0, g.connectionNs)), micros(s.Voice, floorNs)), Source: g.measured.where()}
	}
	return Reason{Text: s.Sprintf("%s would save at most %s per new connection (estimate): below the %s that are worth a change.", to.title(), micros(s.Voice, max(0, g.connection.high)), micros(s.Voice, floorNs)), Source: srcKEP3866}
}

func (s *situation) hasKernel(release string) bool {
	for _, g := range s.proxied {
		if g.Kernel == release && release != "" {
			return true
		}
	}
	return false
}
