package page

import (
	"slices"
	"testing"

	"kpadvisor/say"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
)

// TestEveryVerdictHasTheCaveat: whatever is advised, its card says what issue 81775 does here.
func TestEveryVerdictHasTheCaveat(t *testing.T) {
	t.Parallel()
	facts := cluster.Demos()
	for _, m := range advisor.Modes() {
		f := facts[0]
		f.Groups = slices.Clone(f.Groups)
		for i := range f.Groups {
			f.Groups[i].Proxy.Mode = advisor.KnownFrom(m, "test")
		}
		facts = append(facts, f)
	}
	facts = append(facts, advisor.Facts{Name: "nothing known"})
	for _, f := range facts {
		card := VerdictCard(say.Voice{}, advisor.Decide(f, advisor.Habits{}, advisor.Measured{}))
		i := slices.IndexFunc(card.Lines, func(l Labelled) bool { return l.Label == "81775" })
		if i < 0 || len(card.Lines[i].Text) < len("not IPVS") {
			t.Errorf("%s: no caveat in %+v", f.Name, card.Lines)
		}
	}
}
