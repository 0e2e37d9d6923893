package advisor

// confidence is high unless something is in doubt; each doubt is said.
func (s *situation) confidence(v verdict) (Confidence, []Reason) {
	if v.action == CannotTell && v.mode == "" {
		return Low, nil
	}
	if v.action == None {
		if s.facts.Coverage.Complete() {
			return High, nil
		}
		return Medium, []Reason{{Text: "Confidence is medium: not everything was read.", Source: "coverage of this reading"}}
	}
	doubts := s.doubts(v)
	switch {
	case len(doubts) == 0 && !v.weak:
		return High, nil
	case len(doubts) <= 1:
		return Medium, doubts
	default:
		return Low, doubts
	}
}

func (s *situation) doubts(v verdict) []Reason {
	var out []Reason
	add := func(when bool, text, source string) {
		if when {
			out = append(out, Reason{Text: text, Source: source})
		}
	}
	_, unseen := s.modes()
	add(unseen, "Less sure: the mode in force is not visible.", "kubernetes API")
	add(!s.load.exact, "Less sure: only totals are known, not the endpoints of each Service port.", "coverage of this reading")
	add(s.load.exact && !s.facts.Coverage.Complete(), "Less sure: not everything was read.", "coverage of this reading")
	add(s.kernelsUnknown(), "Less sure: not every kernel is known.", "coverage of this reading")
	add(s.patternMatters(v), "Less sure: nobody said how clients connect (--connections).", "habits")
	add(v.mode == NFTables && s.since(31) && !s.since(33), "Less sure: nftables is beta before 1.33.", "KEP-3866")
	return out
}

// patternMatters reports an unanswered connection pattern whose answer would
// change the verdict.
func (s *situation) patternMatters(v verdict) bool {
	if s.habits.Connections.IsKnown() {
		return false
	}
	for _, p := range []Pattern{LongLived, Short} {
		h := s.habits
		h.Connections = KnownFrom(p, "tried")
		if !s.with(s.facts, h).decide().same(v) {
			return true
		}
	}
	return false
}
