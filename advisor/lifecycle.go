package advisor

// milestone is one announced change of kube-proxy modes.
type milestone struct {
	from, before int // shown while the oldest kube-proxy is in [1.from, 1.before); 0: no bound
	text         string
	source       string
}

func milestones() []milestone {
	return []milestone{
		{0, 26, "Mode userspace was removed in 1.26.", "kubernetes PR 112133"},
		{0, 33, "nftables mode: alpha in 1.29, beta in 1.31, stable in 1.33.", "KEP-3866"},
		{0, 40, "IPVS mode: deprecated in 1.35, refuses to start by default from 1.40 (gate KubeProxyIPVS), removed in 1.43.", srcKEP5495},
		{40, 43, "IPVS mode refuses to start without the gate KubeProxyIPVS and is removed in 1.43.", srcKEP5495},
		{43, 0, "IPVS mode was removed in 1.43.", srcKEP5495},
		{0, 40, "The default mode becomes nftables at 1.40: a mode left unset flips then. Write mode: explicitly.", srcKEP5343},
		{40, 0, "From 1.40 on nftables is the default mode.", srcKEP5343},
	}
}

// lifecycle returns what upstream has announced for the versions of this cluster.
func (s *situation) lifecycle() []Reason {
	out := []Reason{}
	oldest, known := s.oldest.Get()
	for _, m := range milestones() {
		if !known && m.from == 0 || known && oldest.AtLeast(m.from) && (m.before == 0 || !oldest.AtLeast(m.before)) {
			out = append(out, Reason{Text: m.text, Source: m.source})
		}
	}
	if r := s.reason("KPA074"); r.Text != "" {
		out = append(out, r)
	}
	return out
}
