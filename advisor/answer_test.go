package advisor

import (
	"strings"
	"testing"
	"time"
)

func TestSetAndAnswer(t *testing.T) {
	for _, c := range []struct {
		id         HabitID
		give, want string
	}{
		{HabitConnections, "long", "long"},
		{HabitConnections, " KeepAlive ", "keepalive"},
		{HabitNewConnections, "300", "300"},
		{HabitNewConnections, "0.5", "0.5"},
		{HabitNewConnections, "1,200", "1200"},
		{HabitBehindNAT, "true", "yes"},
		{HabitBehindNAT, "no", "no"},
		{HabitMaySetSysctls, "y", "yes"},
		{HabitRolloutsPerDay, "14", "14"},
		{HabitDraining, "some", "some"},
		{HabitExpectedServices, "3_000", "3000"},
	} {
		h, err := Habits{}.Set(c.id, c.give, "answered")
		if err != nil {
			t.Errorf("%s %q: %v", c.id, c.give, err)
			continue
		}
		if got, source, ok := h.Answer(c.id); got != c.want || source != "answered" || !ok {
			t.Errorf("%s %q reads back as %q from %q, %t", c.id, c.give, got, source, ok)
		}
		cleared, err := h.Set(c.id, "unknown", "")
		if _, _, ok := cleared.Answer(c.id); err != nil || ok {
			t.Errorf("%s: unknown does not take the answer back (%v)", c.id, err)
		}
	}
}

func TestSetRefuses(t *testing.T) {
	for _, c := range [][2]string{
		{"connections", "lots"},
		{"new-connections", "-1"},
		{"new-connections", "NaN"},
		{"new-connections", "Inf"},
		{"new-connections", "1e12"},
		{"new-connections", "many"},
		{"behind-nat", "maybe"},
		{"expected-services", "1.5"},
		{"expected-services", "-3"},
		{"draining", "yes"},
		{"no-such-habit", "1"},
	} {
		h, err := Habits{}.Set(HabitID(c[0]), c[1], "answered")
		if err == nil {
			t.Errorf("%s %q was accepted", c[0], c[1])
			continue
		}
		if h != (Habits{}) {
			t.Errorf("%s %q changed the habits: %+v", c[0], c[1], h)
		}
		if text := err.Error(); strings.Contains(text, "\n") || strings.HasSuffix(text, ".") {
			t.Errorf("%s %q: not one sentence: %q", c[0], c[1], text)
		}
	}
}

func FuzzSet(f *testing.F) {
	f.Add("new-connections", "300")
	f.Add("connections", "long")
	f.Add("expected-services", "1e5")
	f.Fuzz(func(t *testing.T, id, value string) {
		h, err := Habits{}.Set(HabitID(id), value, "fuzz")
		if err != nil {
			return
		}
		got, _, ok := h.Answer(HabitID(id))
		if !ok {
			return // taken back
		}
		again, err := Habits{}.Set(HabitID(id), got, "fuzz")
		if err != nil || again != h {
			t.Fatalf("%s %q reads back as %q, which is %+v, %v", id, value, got, again, err)
		}
	})
}

func TestQuestionsAreComplete(t *testing.T) {
	seen := map[HabitID]bool{}
	for _, q := range Questions() {
		if q.Text == "" || q.Why == "" || q.Decides == "" || seen[q.ID] || (len(q.Choices) == 0) != (q.Max > 0) {
			t.Errorf("%+v", q)
		}
		if len(q.Why) > 78 {
			t.Errorf("%s: why does not fit a line: %q", q.ID, q.Why)
		}
		seen[q.ID] = true
		for _, c := range q.Choices {
			if _, err := (Habits{}).Set(q.ID, c.Value, ""); err != nil {
				t.Errorf("%s does not take its own choice: %v", q.ID, err)
			}
		}
	}
}

func TestPrefill(t *testing.T) {
	f := Facts{
		RolloutsPerDay: KnownFrom(14.04, "98 ReplicaSets of 41 Deployments in 7 days"),
		Workloads:      KnownFrom(Workloads{Rolling: 20, WithPreStop: 19, WithReadiness: 20, GracePeriodMedian: 30 * time.Second}, "Deployments"),
	}
	h := Prefill(f, Habits{})
	if h.RolloutsPerDay != KnownFrom(14.0, "98 ReplicaSets of 41 Deployments in 7 days") || h.Draining != KnownFrom(DrainAll, "Deployments") {
		t.Errorf("%+v", h)
	}
	mine := habits("rollouts-per-day", "3", "draining", "none")
	if got := Prefill(f, mine); got != mine {
		t.Errorf("answers were overwritten: %+v", got)
	}
	if got := Prefill(Facts{}, Habits{}); got != (Habits{}) {
		t.Errorf("made up from nothing: %+v", got)
	}
	for _, c := range []struct {
		w    Workloads
		want Drain
	}{{Workloads{Rolling: 10, WithPreStop: 9, WithReadiness: 10}, DrainAll}, {Workloads{Rolling: 10, WithPreStop: 5, WithReadiness: 10}, DrainSome}, {Workloads{Rolling: 10, WithReadiness: 2}, DrainNone}, {Workloads{Rolling: 10, WithReadiness: 8}, DrainSome}} {
		if got := drainOf(c.w); got != c.want {
			t.Errorf("%+v: %s, want %s", c.w, got, c.want)
		}
	}
}
