package advisor

import (
	"math"
	"strconv"

	"kpadvisor/advisor/reuse"
	"kpadvisor/say"
)

// habitRules are about how connections are made, as nodes measured it.
func habitRules(v say.Voice) []Rule {
	return []Rule{
		{
			ID: KPA087, Severity: Warning, Needs: []Need{NeedReuse, NeedImplementation, NeedKernel}, Source: src81775 + ", reports of the nodes", anyProxy: true,
			Remedy: v.Text("keep connections open, or spread the client over more addresses"),
			group: func(s *situation, g *group) bool {
				l, measured := s.likelihoodBy()
				return g.inForce && g.reuse.Exposure != reuse.Safe && measured && likelyReused(l)
			},
			text: func(s *situation, _ []*group) string { return s.reuseLoad() },
		},
		{
			ID: KPA088, Severity: Info, Needs: []Need{NeedHabits}, Source: "reports of the nodes",
			Remedy: v.Text("take the answer back if the nodes measured are like the others; otherwise measure where it comes from"),
			fires:  func(s *situation) bool { return len(s.disagreements()) > 0 },
			text: func(s *situation, _ []*group) string {
				return v.Sprintf("Nodes measured something else than was answered, and the answer stands: %s.", v.Clauses(s.disagreements()...))
			},
		},
	}
}

// disagreements are the answers that somebody gave and nodes measured otherwise: short
// connections against those that stand, or a rate on the other side of the one from which
// ports come round.
func (s *situation) disagreements() []string {
	var out []string
	p, typed := s.habits.Connections.Get()
	if m, measured := s.seen.Pattern.Get(); typed && measured && p != Mixed && m != Mixed && p.steady() != m.steady() {
		out = append(out, s.Sprintf("--%s %s, and %s: %s", HabitConnections, p, s.Again(s.seen.Pattern.Source), m))
	}
	rate, typed := s.habits.NewConnectionsPerSecond.Get()
	if m, measured := s.seen.Busiest.Get(); typed && measured && !WasMeasured(s.habits.NewConnectionsPerSecond.Source) && comesRound(rate) != comesRound(m) {
		out = append(out, s.Sprintf("--%s %s, and %s: %s", HabitNewConnections, tenths(rate), s.Again(s.seen.Busiest.Source), tenths(m)))
	}
	return out
}

// comesRound reports a rate at which one client uses its ports again within the window.
func comesRound(rate float64) bool {
	alone := false
	return likelyReused(reuse.Likely(&rate, &alone, nil, nil))
}

func tenths(x float64) string { return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64) }
