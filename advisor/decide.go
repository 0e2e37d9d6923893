package advisor

// Decide turns what is known of a cluster into advice. It is a pure function:
// the same input gives the same advice, byte for byte, and the order of the
// node groups does not matter.
func Decide(f Facts, h Habits, m Measured) Advice {
	s := newSituation(f, h, m)
	v := s.decide()
	confidence, doubts := s.confidence(v)
	two, twoWhy := s.twoMode()
	rows := s.reuseRows(v.mode)
	return Advice{
		Headline:    v.headline,
		Current:     s.current(),
		Recommended: v.mode,
		Action:      v.action,
		Confidence:  confidence,
		Because:     said(append(append(v.because, s.evidence(v)...), doubts...)),
		Ranking:     s.ranking(v),
		TwoMode:     two,
		TwoModeWhy:  twoWhy,
		Caveat:      s.caveat(rows, v.mode),
		Reuse:       rows,
		Estimates:   s.estimates(),
		Lifecycle:   s.lifecycle(),
		Findings:    s.findings(),
		Growth:      s.growth(v),
		Flips:       s.flips(v),
		Runbook:     s.runbook(v),
		Unanswered:  s.unanswered(v),
		Unseen:      s.notSeen(),
		RulesDate:   rulesDate,
	}
}
