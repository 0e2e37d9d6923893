package advisor

import (
	"fmt"
	"slices"
)

// ranking puts the three modes in order: the recommended one first, then those
// that are possible, then the rest; ties go to where upstream is heading.
func (s *situation) ranking(v verdict) []Ranked {
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
		r := Ranked{Mode: m, Possible: v.action != None && s.possible(m) == yes}
		if v.action == None {
			r.Reasons = []Reason{{Text: "No kube-proxy runs here.", Source: "kubernetes API"}}
		} else {
			r.Reasons = said(s.rankReasons(m, v))
		}
		out = append(out, r)
	}
	return out
}

// rankReasons says what decided a mode's place, the decisive reason first.
func (s *situation) rankReasons(m Mode, v verdict) []Reason {
	switch m {
	case NFTables:
		return s.nftRankReasons()
	case IPTables:
		return s.iptablesRankReasons()
	default:
		return s.ipvsRankReasons(v)
	}
}

func (s *situation) nftRankReasons() []Reason {
	out := []Reason{s.reason("KPA013"), s.reason("KPA014")}
	if s.nftPossible() == unclear {
		out = append(out, Reason{Text: "Needs kernel 5.13 on every Linux node, and not every kernel is known.", Source: "kubernetes pkg/proxy/nftables/supported.go"})
	}
	out = append(out, s.reason("KPA015"), s.reason("KPA016"))
	if s.since(31) {
		out = append(out, s.reason("KPA011"), s.reason("KPA012"),
			Reason{Text: "A new connection costs the same at any number of Services; default from 1.40.", Source: srcKEP3866 + ", " + srcKEP5343})
	}
	return append(out, s.reason("KPA017"))
}

func (s *situation) iptablesRankReasons() []Reason {
	out := []Reason{}
	if s.load.known && s.oldest.IsKnown() {
		out = append(out, s.costReason())
	}
	out = append(out, s.reason("KPA024"), s.reason("KPA023"))
	return append(out, Reason{Text: "Runs on every kernel and version; stays the default until 1.39.", Source: srcKEP5343})
}

func (s *situation) ipvsRankReasons(v verdict) []Reason {
	out := []Reason{}
	if v.mode == IPVS {
		out = append(out, s.twoModeReason())
	}
	if s.newest.IsKnown() && s.newest.Value.AtLeast(43) {
		out = append(out, Reason{Text: "Removed in 1.43.", Source: srcKEP5495})
	} else {
		out = append(out, s.ipvsEnd())
	}
	if s.ipvsPossible() == no && !s.newest.Value.AtLeast(43) {
		out = append(out, Reason{Text: "kube-proxy would not start in IPVS mode on every node here.", Source: "kubernetes issue 82065"})
	}
	exposed := s.reuseSafe()
	if exposed == no {
		out = append(out, Reason{Text: "Issue 81775 would bite on nodes of this cluster.", Source: src81775})
	} else if exposed == unclear {
		out = append(out, Reason{Text: "Whether issue 81775 bites on every node here is not known.", Source: src81775})
	}
	return append(out, Reason{Text: fmt.Sprintf("A new connection costs about %s more than a small iptables table, at any number of Services (2019).", micros(ipvsNs)), Source: srcUK8S})
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
