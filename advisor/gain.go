package advisor

import "fmt"

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
	connectionNs int64
	base         int64 // the first packet's round trip in iptables
	syncNs       int64
	syncBase     int64
	measured     *Comparison // where it replaces the estimate
}

// gainOf compares a mode with iptables.
func (s *situation) gainOf(to Mode) gain {
	v, l := s.oldest.Value, s.load.Load
	a, _ := connectionNs(IPTables, l, v)
	b, _ := connectionNs(to, l, v)
	g := gain{connectionNs: a - b, base: firstPacketNs + a}
	if s.load.endpointsKnown || hasPartialSync(v) && !nftKeepsEndpointChains(v) {
		g.syncBase = changeNs(IPTables, l, v)
		g.syncNs = g.syncBase - changeNs(to, l, v)
	}
	if c, diff, ok := s.measurement(IPTables, to); ok {
		g.measured, g.connectionNs = &c, diff
		g.base = firstPacketNs + max(0, b+diff) // what iptables costs follows from it
	}
	return g
}

// worth reports whether the gain passes the floors, and why. Latency counts only
// where connections are opened often enough to feel it.
func (g gain) worth(s *situation, to Mode) (bool, Reason) {
	if !s.steady() && g.connectionNs >= floorNs && float64(g.connectionNs) >= floorShare*float64(g.base) {
		if g.measured != nil {
			return true, Reason{Text: fmt.Sprintf("iptables is %s per new connection slower than %s, measured on %s.", micros(g.connectionNs), to.title(), printable(g.measured.Kernel)), Source: "measured: " + g.measured.Where}
		}
		return true, Reason{Text: fmt.Sprintf("iptables costs each new connection about %s more than %s at %s (estimate).", micros(g.connectionNs), to.title(), plural(s.load.entries(), "Service port")), Source: srcKEP3866 + ", " + srcUK8S}
	}
	if g.syncNs >= floorSyncNs && float64(g.syncNs) >= floorShare*float64(g.syncBase) {
		if to == IPVS {
			return true, Reason{Text: fmt.Sprintf("Each endpoint's change costs iptables about %s (estimate); IPVS writes only the difference.", seconds(g.syncBase)), Source: srcSync}
		}
		return true, Reason{Text: fmt.Sprintf("Each endpoint's change costs iptables about %s, %s less in %s (estimate).", seconds(g.syncBase), seconds(g.syncNs), to.title()), Source: srcSync}
	}
	return false, Reason{}
}

// slower warns of a sync that the change makes slower: nftables before 1.36
// reads a chain per endpoint.
func (g gain) slower() Reason {
	if -g.syncNs < floorSyncNs {
		return Reason{}
	}
	return Reason{Text: fmt.Sprintf("Until kube-proxy 1.36 each endpoint's change will take longer: about %s instead of %s (estimate).", seconds(g.syncBase-g.syncNs), seconds(g.syncBase)), Source: "kubernetes PR 135800; " + srcSync}
}

// small says why the gain is not worth a change.
func (g gain) small(s *situation, to Mode) Reason {
	if s.steady() {
		return Reason{Text: "Connections are long-lived: the mode changes no request latency. There is no hurry.", Source: "TKE benchmark (imroc), Tigera"}
	}
	if g.measured != nil {
		return Reason{Text: fmt.Sprintf("Measured, %s would save %s per new connection: below the %s that are worth a change.", to.title(), micros(max(0, g.connectionNs)), micros(floorNs)), Source: "measured: " + g.measured.Where}
	}
	return Reason{Text: fmt.Sprintf("%s would save about %s per new connection (estimate): below the %s that are worth a change.", to.title(), micros(max(0, g.connectionNs)), micros(floorNs)), Source: srcKEP3866}
}

// measurement returns the measured difference from minus to, if one holds here:
// made on a kernel of this cluster, with enough Services, or read off the curves
// of a sweep. It beats the estimate.
func (s *situation) measurement(from, to Mode) (Comparison, int64, bool) {
	for _, c := range s.measured.Comparisons {
		diff := c.MedianDiffNs
		switch {
		case c.A == from && c.B == to:
		case c.A == to && c.B == from:
			diff = -diff
		default:
			continue
		}
		if c.Blocks == 0 || !s.hasKernel(c.Kernel) || float64(c.Services) < measuredMin*float64(s.load.entries()) {
			continue
		}
		if !c.Detected {
			// "Not detected" says that there is nothing only where the interval is
			// narrow: a noisy run must not outweigh an estimate.
			if max(-c.LowNs, c.HighNs) > floorNs {
				continue
			}
			diff = 0
		}
		return c, diff, true
	}
	if from == IPTables {
		return s.measuredDifference(to)
	}
	return Comparison{}, 0, false
}

func (s *situation) hasKernel(release string) bool {
	for _, g := range s.proxied {
		if g.Kernel == release && release != "" {
			return true
		}
	}
	return false
}
