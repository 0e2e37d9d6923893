package advisor

import (
	"slices"
	"strings"
	"testing"
)

// TestRankingSaysWhatIsOpen: where a mode is not known to be possible, what is said of it is
// what is not known, and not that it is impossible or that something else is not known.
func TestRankingSaysWhatIsOpen(t *testing.T) {
	for _, c := range []struct {
		kernel, version string
		mode            Mode
		want, never     string
	}{
		{"6.12.0", "", NFTables, "not every version is known", "not every kernel is known"},
		{"6.12.0", "", IPVS, "not every version is known", "would not start"},
		{"", "v1.37.2", NFTables, "not every kernel is known", "not every version is known"},
		{"4.0.9", "v1.17.4", IPVS, "would not start", "not every version is known"},
	} {
		a := Decide(typed(500, 5_000, c.kernel, c.version, ""), Habits{}, Measured{})
		r := a.Ranking[slices.IndexFunc(a.Ranking, func(r Ranked) bool { return r.Mode == c.mode })]
		var said []string
		for _, reason := range r.Reasons {
			said = append(said, reason.Text)
		}
		all := strings.Join(said, "\n")
		if !strings.Contains(all, c.want) || strings.Contains(all, c.never) {
			t.Errorf("kernel %q, kube-proxy %q: of %s is said:\n%s", c.kernel, c.version, c.mode, all)
		}
	}
}
