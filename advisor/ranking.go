package advisor

import (
	"slices"

	"kpadvisor/plain"
)

// ranking puts the three modes in order: the recommended one first, then those
// that are possible, then the rest; ties go to where upstream is heading.
func (s *situation) ranking(v decision) []Ranked {
	order := []Mode{NFTables, IPTables, IPVS}
	if two, _ := s.twoMode(); two == TwoIPVS && !s.since(31) && v.action != None {
		order = []Mode{NFTables, IPVS, IPTables}
	}
	score := func(m Mode) int {
		switch {
		case v.action == None:
			return 0
		case m == v.mode:
			return 0
		case s.possible(m) == yes:
			return 1
		case s.possible(m) == unclear:
			return 2
		default:
			return 3
		}
	}
	slices.SortStableFunc(order, func(a, b Mode) int { return score(a) - score(b) })
	out := make([]Ranked, 0, len(order))
	for _, m := range order {
		can := s.possible(m)
		if v.action == None {
			can = no
		}
		r := Ranked{Mode: m, Possible: can == yes, Can: can.can()}
		if v.action == None {
			r.Reasons = []Reason{{Text: s.Text("No kube-proxy runs here."), Source: "kubernetes API"}}
		} else {
			r.Reasons = said(s.rankReasons(m, v))
		}
		out = append(out, r)
	}
	return out
}

// rankReasons says what decided a mode's place, the decisive reason first.
func (s *situation) rankReasons(m Mode, v decision) []Reason {
	switch m {
	case NFTables:
		return s.nftRankReasons(v)
	case IPTables:
		return s.iptablesRankReasons()
	default:
		return s.ipvsRankReasons(v)
	}
}

// nftRankReasons leads with why it is advised where it is; its drawbacks follow.
func (s *situation) nftRankReasons(d decision) []Reason {
	against := []Reason{s.reason(KPA013), s.reason(KPA014), s.nftOpen(), s.reason(KPA015), s.reason(KPA016), s.reason(KPA017)}
	flat := s.Text("A new connection costs the same at any number of Services; default from 1.40.")
	if s.newest.Value.AtLeast(40) {
		flat = s.Text("A new connection costs the same at any number of Services; the default since 1.40.")
	}
	favour := []Reason{
		s.reason(KPA011),
		s.reason(KPA012),
		{Text: flat, Source: srcKEP3866 + ", " + srcKEP5343},
	}
	if d.mode == NFTables {
		return append(favour, against...)
	}
	return append(against, favour...)
}

// nftOpen says which of what nftables mode needs is not known.
func (s *situation) nftOpen() Reason {
	switch is := func(ask func(class) bool) bool { return slices.ContainsFunc(s.classes, ask) }; {
	case s.possible(NFTables) != unclear:
	case is(func(c class) bool { return !c.kernel.IsKnown() }):
		return Reason{Text: s.Text("Needs kernel 5.13 on every Linux node, and not every kernel is known."), Source: srcSupported}
	case is(func(c class) bool { return !c.version.IsKnown() }):
		return Reason{Text: s.Text("Needs kube-proxy 1.31 or later, 1.33 to be stable, and not every version is known."), Source: "KEP-3866"}
	}
	return Reason{}
}

func (s *situation) iptablesRankReasons() []Reason {
	out := []Reason{s.iptablesCan()}
	if s.load.known && s.oldest.IsKnown() {
		out = append(out, s.costReason())
	}
	out = append(out, s.reason(KPA024), s.reason(KPA023))
	if s.newest.Value.AtLeast(40) {
		return append(out, Reason{Text: s.Text("It exists in every version, and was the default until 1.39."), Source: srcKEP5343})
	}
	return append(out, Reason{Text: s.Text("It exists in every version; it stays the default until 1.39."), Source: srcKEP5343})
}

// iptablesCan says where the kernel may not have what iptables mode needs.
func (s *situation) iptablesCan() Reason {
	for _, c := range s.classes {
		if k, known := c.kernel.Get(); known && !c.startedIn(IPTables) {
			if _, why, source := k.IPTables(s.Voice); why != "" {
				return Reason{Text: s.Sprintf("%s.", plain.Upper(why)), Source: source}
			}
		}
	}
	return Reason{}
}

func (s *situation) ipvsRankReasons(d decision) []Reason {
	out := []Reason{}
	if d.mode == IPVS {
		out = append(out, s.twoModeReason())
	}
	out = append(out, s.ipvsEnd())
	if s.possible(IPVS) != yes && !s.newest.Value.AtLeast(43) {
		out = append(out, s.ipvsCannot())
	}
	switch s.reuseSafe() {
	case no:
		text := s.Text("Issue 81775 would bite on nodes of this cluster.")
		if !s.urgent() {
			text = s.Sprintf("Nodes of this cluster are exposed to issue 81775; %s.", s.odds())
		}
		out = append(out, Reason{Text: text, Source: src81775})
	case unclear:
		out = append(out, Reason{Text: s.Text("Whether issue 81775 bites on every node here is not known."), Source: src81775})
	}
	return append(out, Reason{Text: s.Sprintf("A new connection costs about %s more than a small iptables table, at any number of Services (2019).", micros(s.Voice, ipvsNs)), Source: srcUK8S})
}

// said drops the reasons that say nothing, and repeats.
func said(reasons []Reason) []Reason {
	out := []Reason{}
	for _, r := range reasons {
		if r.Text != "" && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}
