package lab

import (
	"strings"
	"testing"
	"time"

	"kpadvisor/probe"
	"kpadvisor/probe/lab/rules"
)

func TestStatDrops(t *testing.T) {
	const head = "entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart\n"
	for text, want := range map[string]int64{
		"":   0,
		head: 0,
		head + "0000001f  00000000 00000000 00000000 00000003 00000000 00000000 00000000 00000000 00000007 0000001a 00000002 00000000  00000000 00000000 00000000 00000000\n" +
			"0000001f  00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000001 00000000 00000000  00000000 00000000 00000000 00000000\n": 27,
		"entries  early_drop\n00000001 00000005\n": 0,
	} {
		if got := statDrops([]byte(text)); got != want {
			t.Errorf("%q: %d drops, want %d", text, got, want)
		}
	}
}

// TestSessionWithoutRoom: a run that conntrack has no room for is refused before it
// would look as if the modes did not forward.
func TestSessionWithoutRoom(t *testing.T) {
	ctx := within(t, 2*time.Minute)
	needs(ctx, t, IPTablesLegacy)
	plan := probe.DefaultPlan()
	plan.Concurrency, plan.Requests = 1, 1<<31-1
	s, err := Start(ctx, Options{Shape: rules.Shape{Services: 10, Endpoints: 1}, Modes: []Mode{IPTablesLegacy}, Plan: plan})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	st := s.Wait(ctx)
	if st.Err == nil || !strings.Contains(st.Err.Error(), "would fill conntrack") {
		t.Errorf("%v, %+v", st.Err, st)
	}
}

// TestUserModeLinuxHasRoom: a run of many more connections than the 8,192 that its small
// memory would give room for is not refused there. See TestSessionWithoutRoom.
func TestUserModeLinuxHasRoom(t *testing.T) {
	o := needsUML(t)["own"]
	ctx := within(t, patience)
	o.Modes, o.Shape, o.Plan = []Mode{Direct}, rules.Shape{Services: 1, Endpoints: 1}, probe.DefaultPlan()
	o.Plan.Concurrency, o.Plan.Requests = 1, 100_000
	s, err := Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for st := s.State(); st.Stage.What != "measuring"; st = s.State() {
		if st.Finished || ctx.Err() != nil {
			t.Fatalf("%v, %+v", st.Err, st)
		}
		<-tick.C
	}
}
