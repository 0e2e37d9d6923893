package advisor

import (
	"kpadvisor/advisor/release"
	"kpadvisor/plain"
	"kpadvisor/say"
)

// Move is a change to a mode that somebody asks for, advised or not: how it is
// made, and what would differ from the advice.
type Move struct {
	To      Mode        `json:"to"`
	Can     release.Can `json:"can"`     // on every node that decides
	Advised bool        `json:"advised"` // it is what the advice recommends
	Differs []Reason    `json:"differs"` // what it would mean against the advice and the mode in force
	Runbook []Step      `json:"runbook"` // the last step says how to go back
	// Thresholds tell on each node whether to go on; none where there is nothing to run.
	Thresholds []Threshold `json:"-"`
}

// MoveTo plans the change to a mode. Like Decide it is pure.
func MoveTo(f Facts, h Habits, m Measured, to Mode) Move { return MoveToIn(say.Voice{}, f, h, m, to) }

// MoveToIn is MoveTo in another language.
func MoveToIn(v say.Voice, f Facts, h Habits, m Measured, to Mode) Move {
	s := situationIn(v, f, h, m)
	d := s.decide()
	asked := decision{mode: to, action: Change, ground: d.ground}
	if to == NFTables {
		asked = s.toNFTables(asked)
	}
	move := Move{To: to, Can: s.possible(to).can(), Advised: d.mode == to && d.action != None, Differs: s.differs(to, d), Runbook: []Step{}}
	if d.action == None {
		return move
	}
	if to == IPVS && s.newest.IsKnown() && s.newest.Value.AtLeast(43) {
		return move // there is nothing to run
	}
	known, unseen := s.modes()
	if len(known) == 1 && known[0].Mode == to && !unseen && len(s.running()) == len(s.classes) {
		move.Differs = []Reason{{Text: s.Sprintf("Nothing: %s runs on every node already.", to.title()), Source: "mode in force"}}
		return move
	}
	move.Runbook = append(s.readSteps(), s.moveSteps(asked, known, unseen)...)
	move.Thresholds = s.thresholds(to, known, unseen)
	return move
}

// differs says what a mode would mean here, against what is advised.
func (s *situation) differs(to Mode, d decision) []Reason {
	var out []Reason
	if d.action == None {
		return []Reason{{Text: s.Sprintf("No mode of kube-proxy can be chosen here: %s.", s.word(d).headline), Source: "kubernetes API"}}
	}
	if d.mode != "" && d.mode != to {
		out = append(out, Reason{Text: s.Sprintf("The advice is another: %s.", s.word(d).headline), Source: "this rule table"})
	}
	switch s.possible(to) {
	case no:
		out = append(out, Reason{Text: s.Sprintf("%s cannot run on every node as they are.", plain.Upper(to.title())), Source: "ranking"})
	case unclear:
		out = append(out, Reason{Text: s.Sprintf("Whether %s can run on every node is not known.", to.title()), Source: "ranking"})
	}
	return said(append(out, s.rankReasons(to, decision{mode: to, action: Change})...))
}
