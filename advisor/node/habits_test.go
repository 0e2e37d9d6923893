package node

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/plain/plaintest"
)

// own are settings that only the first network of a kernel has.
const own = "net.core.dev_weight = 64\n"

// TestHabitsSection: what a program of ours has measured is read as it was.
func TestHabitsSection(t *testing.T) {
	from := source("events of conntrack")
	want := advisor.NodeHabits{
		Method: advisor.ByConntrack, Over: time.Minute,
		New: advisor.KnownFrom(200.0, from), Onward: advisor.KnownFrom(100.0, from), Busiest: advisor.KnownFrom(20.0, from), Open: advisor.KnownFrom(5, from),
		Life: advisor.UnknownFor[time.Duration](advisor.Unreadable, "most connections that began had not ended"), Reused: advisor.KnownFrom(1.0, from), Addresses: advisor.KnownFrom(3, from),
	}
	text, err := json.Marshal([]advisor.NodeHabits{want, {Method: advisor.ByProcesses}})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := NewWriter(&b)
	w.Section(SectionNode, []byte("Worker-1"), nil)
	w.Section("hostname", []byte("ip-10-0-0-1"), nil)
	w.Section("sysctls", []byte(own), nil)
	w.Section(SectionHabits, text, nil)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := only(t, b.String())
	if r.Node != "worker-1" || len(r.Habits) != 2 || r.Habits[0] != want {
		t.Errorf("%q %+v", r.Node, r.Habits)
	}
	r = only(t, written(SectionHabits, string(text)))
	if h := r.Habits[0]; h.New.IsKnown() || !strings.Contains(h.New.Detail, "network of a pod") {
		t.Errorf("events of whichever network: %+v", h)
	}
}

// TestHabitsThatCannotBe: what no node can have is unknown, and hostile words are safe.
func TestHabitsThatCannotBe(t *testing.T) {
	fact := func(value any) string {
		text, err := json.Marshal(value)
		if err != nil {
			text = []byte(`1e999`)
		}
		return fmt.Sprintf(`{"state":"known","value":%s,"source":"x"}`, text)
	}
	for _, c := range []struct {
		field string
		value any
		can   bool
	}{
		{"newPerSecond", 5.0, true},
		{"newPerSecond", -1, false},
		{"newPerSecond", 1e300, false},
		{"newPerSecond", math.Inf(1), false},
		{"reusedShare", 0.5, true},
		{"reusedShare", 1.01, false},
		{"reusedShare", -0.1, false},
		{"established", 5, true},
		{"established", -5, false},
		{"established", 1 << 40, false},
		{"addressesSeen", -1, false},
		{"meanLifeNs", 5, true},
		{"meanLifeNs", -5, false},
		{"meanLifeNs", math.MaxInt64, false},
	} {
		if c.field == "established" {
			c.field = "open"
		}
		r := only(t, written("sysctls", own, SectionHabits, fmt.Sprintf(`[{"method":"conntrack","overNs":60000000000,"%s":%s}]`, c.field, fact(c.value))))
		known := false
		for _, h := range r.Habits {
			known = known || h.New.IsKnown() || h.Reused.IsKnown() || h.Open.IsKnown() || h.Addresses.IsKnown() || h.Life.IsKnown()
		}
		if known != c.can {
			t.Errorf("%s %v: %+v", c.field, c.value, r.Habits)
		}
	}
	for name, text := range map[string]string{
		"no list": `{}`, "no method": `[{"overNs":1}]`, "another method": `[{"method":"guess"}]`, "time": `[{"method":"conntrack","overNs":-1}]`, "long": `[{"method":"conntrack","overNs":9000000000000000000}]`,
		"depth": strings.Repeat("[", 20_000), "size": `[{"method":"` + strings.Repeat("x", maxHabits) + `"}]`,
	} {
		if r := only(t, written(SectionHabits, text)); r.Habits != nil {
			t.Errorf("%s: %+v", name, r.Habits)
		}
	}
	words, err := json.Marshal(plaintest.Hostile)
	if err != nil {
		t.Fatal(err)
	}
	r := only(t, written("sysctls", own, SectionHabits, fmt.Sprintf(`[{"method":"conntrack","overNs":1,"newPerSecond":{"state":"unknown","detail":%[1]s,"why":%[1]s,"value":7}},{"method":"conntrack"}]`, words)))
	if len(r.Habits) != 1 || r.Habits[0].New.Value != 0 || strings.ContainsAny(r.Habits[0].New.Detail+string(r.Habits[0].New.Why), "\x1b\n") {
		t.Errorf("%+v", r.Habits)
	}
	part := `[{"method":"processes","overNs":1000000000,"newPerSecond":` + fact(5.0) + `,"busiestPerSecond":` + fact(6.0) + `}]`
	if h := only(t, written(SectionHabits, part)).Habits[0]; h.Busiest.IsKnown() || !h.New.IsKnown() {
		t.Errorf("the busiest of 5 is 6: %+v", h)
	}
}
