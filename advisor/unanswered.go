package advisor

import (
	"fmt"
	"reflect"
	"strings"
)

// unanswered says for each habit nobody answered what its answer would change:
// every answer is tried.
func (s *situation) unanswered(now verdict) []Unanswered {
	out := []Unanswered{}
	for _, q := range Questions() {
		if _, _, known := s.habits.Answer(q.ID); known {
			continue
		}
		out = append(out, Unanswered{Habit: q.ID, Changes: s.wouldChange(q, now)})
	}
	return out
}

func (s *situation) wouldChange(q Question, now verdict) string {
	var verdicts []string
	risk, other := false, false
	base := s.reuseLoad()
	findings, growth := s.findings(), s.growth(now)
	for _, answer := range s.tries(q) {
		h, err := s.habits.Set(q.ID, answer, "tried")
		if err != nil {
			continue
		}
		t := s.with(s.facts, h)
		then := t.decide()
		switch {
		case !then.same(now):
			verdicts = append(verdicts, fmt.Sprintf("%s: %s", answer, then.headline))
		case t.reuseLoad() != base:
			risk = true
		case !reflect.DeepEqual(t.findings(), findings) || !reflect.DeepEqual(t.growth(then), growth) || !reflect.DeepEqual(t.reuseRows(then.mode), s.reuseRows(now.mode)):
			other = true
		}
	}
	switch {
	case len(verdicts) > 0:
		return "the verdict: " + strings.Join(verdicts, "; ")
	case risk:
		return "not the mode; how likely issue 81775 is in IPVS mode"
	case other:
		return "not the mode; " + q.Decides
	default:
		return "nothing by itself"
	}
}

// tries returns answers that span what a question can be answered with.
func (s *situation) tries(q Question) []string {
	if len(q.Choices) > 0 {
		var out []string
		for _, c := range q.Choices {
			out = append(out, c.Value)
		}
		return out
	}
	switch q.ID {
	case HabitNewConnections:
		return []string{"1", "20", "300"}
	case HabitExpectedServices:
		n := s.countedServices()
		return []string{fmt.Sprint(n), fmt.Sprint(2 * n), fmt.Sprint(10 * n)}
	default:
		return []string{"0", "100"}
	}
}
