package advisor

import "fmt"

// nftPossible reports whether nftables mode can run on every node: kube-proxy
// 1.31 (beta, on by default) and kernel 5.13, which kube-proxy checks by the
// numbers and otherwise exits.
func (s *situation) nftPossible() tri {
	v, ok := s.oldest.Get()
	switch {
	case !ok:
		return unclear
	case !v.AtLeast(31):
		return no
	}
	return s.every(nftKernel)
}

func nftKernel(g group) tri {
	k, ok := g.kernel.Get()
	if !ok {
		return unclear
	}
	return triOf(k.AtLeast(5, 13, 0))
}

// nftImpossible says what rules nftables out.
func (s *situation) nftImpossible() Reason {
	return firstReason(s.reason("KPA013"), s.reason("KPA014"),
		Reason{Text: "nftables mode cannot run on every node.", Source: "kubernetes pkg/proxy/nftables/supported.go"})
}

// ipvsPossible reports whether IPVS mode can run: 1.9 (beta) to 1.42, and not
// kube-proxy 1.13 to 1.18 on a kernel without conn_reuse_mode.
func (s *situation) ipvsPossible() tri {
	oldest, ok := s.oldest.Get()
	newest := s.newest.Value
	switch {
	case !ok:
		return unclear
	case !oldest.AtLeast(9) || newest.AtLeast(43):
		return no
	}
	return s.every(func(g group) tri {
		k, ok := g.kernel.Get()
		if !ok {
			return unclear
		}
		return triOf(!sysctlsOf(g.version.Value).refusesToStart(k))
	})
}

func (s *situation) possible(m Mode) tri {
	switch m {
	case NFTables:
		return s.nftPossible()
	case IPVS:
		return s.ipvsPossible()
	default:
		return yes
	}
}

// kernelsUnknown reports that a kernel was not read, as against read and odd.
func (s *situation) kernelsUnknown() bool {
	return s.every(func(g group) tri { return knownTri(g.kernel.IsKnown()) }) != yes
}

// smallForSure reports a load so well known that no further reading could make
// a change worth while: then iptables may be kept without knowing the kernels.
func (s *situation) smallForSure() bool {
	return s.load.exact && iptablesObjects(s.load.Load).chains < manyChains
}

func knownTri(known bool) tri {
	if known {
		return yes
	}
	return unclear
}

// weakSpot is nftables' own: very many endpoints before 1.36, or on old kernels.
func (s *situation) weakSpot() Reason { return firstReason(s.reason("KPA015"), s.reason("KPA016")) }

// ipvsEnd says what awaits IPVS after the versions of this cluster.
func (s *situation) ipvsEnd() Reason {
	text := "IPVS is deprecated from 1.35, refuses to start by default from 1.40 and is removed in 1.43."
	if v := s.newest.Value; s.since(35) {
		text = fmt.Sprintf("IPVS is deprecated here (%s), refuses to start by default from 1.40 and is removed in 1.43.", v.minor())
	}
	return Reason{Text: text, Source: srcKEP5495}
}

// direction says where upstream goes and what would make it worth it now.
func (s *situation) direction() Reason {
	if s.steady() {
		return Reason{Text: "nftables is the direction and becomes the default in 1.40: take it with the next node image.", Source: srcKEP5343}
	}
	return Reason{Text: fmt.Sprintf("nftables is the direction and becomes the default in 1.40. From about %s Service ports, or with the next node image, the move is worth it.",
		count(floorNs/medianNs)), Source: srcKEP5343}
}

// twoModeReason is the guide's answer as a reason.
func (s *situation) twoModeReason() Reason {
	_, why := s.twoMode()
	return Reason{Text: why, Source: srcUK8S}
}

// costReason is what iptables costs here.
func (s *situation) costReason() Reason {
	p50, p99 := connectionNs(IPTables, s.load.Load, s.oldest.Value)
	return Reason{Text: fmt.Sprintf("iptables adds about %s to each new connection at p50, %s at p99, at %s (estimate).", micros(p50), micros(p99), plural(s.load.entries(), "Service port")), Source: srcKEP3866}
}

// firstReason returns the first reason that says something.
func firstReason(reasons ...Reason) Reason {
	for _, r := range reasons {
		if r.Text != "" {
			return r
		}
	}
	return Reason{}
}
