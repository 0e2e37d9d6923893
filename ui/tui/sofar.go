package tui

import (
	"slices"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/advisor/reuse"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// soFarCells is the column of the labels of what an answer does.
const soFarCells = 11

// soFar is the advice as it is and, where the answer pointed at would change it, as it
// would be: one sees what an answer does before it is given.
func (s *habitsScreen) soFar(w int) []kit.Line {
	p, v, now := s.palette, s.palette.Voice, s.session.advice
	if s.session.empty() {
		return nil
	}
	then, known := s.session.foreseen()
	title := v.Text("With this answer")
	if !known {
		then, title = now, v.Text("So far")
	}
	out := []kit.Line{{p.Strong(title + " "), p.Muted(strings.Repeat("─", max(w-kit.Cells(title)-1, 0)))}}
	verdict := kit.Line{p.Text(v.Head("verdict"))}.Pad(soFarCells)
	if same := then.Headline == now.Headline; known && same {
		verdict = append(verdict, p.Muted(v.Text("as now: ")), p.Text(page.Micro(then.Headline)))
	} else {
		verdict = append(verdict, p.Strong(page.Micro(then.Headline)))
	}
	out = append(out, kit.Wrap(verdict, w, soFarCells)...)
	if known && then.Confidence != now.Confidence {
		l := append(kit.Line{p.Text(v.Text("confidence"))}.Pad(soFarCells), p.Text(page.Degree(v, now.Confidence)+" → "), p.Strong(page.Degree(v, then.Confidence)))
		out = append(out, l)
	}
	return append(out, kit.Wrap(append(kit.Line{p.Text("81775")}.Pad(soFarCells), s.reuseMove(now, then)...), w, soFarCells)...)
}

// reuseMove is how likely issue 81775 is met, before and after.
func (s *habitsScreen) reuseMove(now, then advisor.Advice) kit.Line {
	p, v := s.palette, s.palette.Voice
	before, _ := page.Exposed(now.Reuse)
	after, nodes := page.Exposed(then.Reuse)
	if after.Exposure == "" {
		return kit.Line{p.As(kit.Good, v.Text("no node is exposed"))}
	}
	tok := kit.Warn
	if page.Urgent(after) {
		tok = kit.Bad
	}
	out := kit.Line{}
	if before.Exposure != "" && before.Likelihood != after.Likelihood {
		out = append(out, p.Text(likelihoodWord(v, before.Likelihood)+" → "))
	}
	return append(out, p.Strong(likelihoodWord(v, after.Likelihood)), p.Text(" "), p.As(tok, likelihoodBar(after.Likelihood)),
		p.Text(" "+v.Sprintf("on %s", page.Nodes(v, nodes))))
}

// likelihoodWord is a likelihood as a word of a sentence.
func likelihoodWord(v say.Voice, l reuse.Likelihood) string {
	if l == reuse.UnknownLikelihood || l == "" {
		return v.Text("likelihood not known")
	}
	return l.In(v)
}

// likelihoodBar has a block for each step up to a likelihood; none where it is unknown.
func likelihoodBar(l reuse.Likelihood) string {
	steps := []reuse.Likelihood{reuse.Latent, reuse.Unlikely, reuse.LikelyReuse, reuse.Certain}
	n := slices.Index(steps, l) + 1
	return strings.Repeat("█", 2*n) + strings.Repeat("░", 2*(len(steps)-n))
}
