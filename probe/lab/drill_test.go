package lab

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"kpadvisor/probe"
	"kpadvisor/probe/lab/drill"
)

// progress is what the inner half says of one row, with intervals so many.
func progress(elapsed time.Duration, intervals ...drill.Interval) Event {
	return Event{Drill: &DrillProgress{Elapsed: elapsed, Length: time.Minute, Rows: []drill.Row{{
		Config: drill.InIPVS(0, 0, 1), Intervals: intervals, Marks: []drill.Mark{{Do: drill.NewPod}},
		Phases: map[drill.Part]drill.Counts{drill.Steady: {OK: len(intervals)}},
	}}}}
}

// The state grows with what is said, and nobody can change it from outside.
func TestDrillKeeper(t *testing.T) {
	k := drillKeeper{plan: drill.DefaultPlan()}
	k.add(Event{DrillEnvironment: &DrillEnvironment{Kernel: "6.1.176"}})
	k.add(Event{Missing: &Missing{Mode: NFTables, Reason: "r"}})
	k.add(Event{Stage: &Stage{Mode: IPVS, What: "building", Share: 0.5}})
	if s := k.copy(); s.Environment.Kernel != "6.1.176" || len(s.Missing) != 1 || s.Stage.Share != 0.5 || s.Finished || s.Result != nil {
		t.Errorf("%+v", s)
	}
	k.add(progress(time.Second, drill.Interval{OK: 1}, drill.Interval{OK: 2}))
	k.add(progress(2*time.Second, drill.Interval{OK: 3}))
	s := k.copy()
	if len(s.Rows) != 1 || len(s.Rows[0].Intervals) != 3 || s.Rows[0].Intervals[2].OK != 3 || s.Elapsed != 2*time.Second {
		t.Errorf("%+v", s)
	}
	s.Rows[0].Intervals[0].OK, s.Rows[0].Marks[0].Do = 99, drill.End
	s.Rows[0].Phases[drill.Steady] = drill.Counts{OK: 99}
	k.add(progress(3 * time.Second))
	broken := errors.New("broken")
	k.finish(broken)
	s = k.copy()
	if s.Rows[0].Intervals[0].OK != 1 || !s.Finished || !errors.Is(s.Err, broken) || s.Result == nil || len(s.Result.Rows[0].Intervals) != 3 || s.Result.Schema != DrillSchema || s.Result.Missing[0].Mode != NFTables {
		t.Errorf("%+v", s)
	}
	if s.Rows[0].Marks[0].Do != drill.NewPod || s.Rows[0].Phases[drill.Steady].OK == 99 {
		t.Error("a copy is not a copy")
	}
	none := drillKeeper{}
	none.finish(broken)
	if r := none.copy().Result; r == nil || r.Rows == nil || r.Missing == nil {
		t.Errorf("nothing was seen: %+v", r)
	}
}

func TestDrillOptionsRefused(t *testing.T) {
	for _, o := range []DrillOptions{{}, {In: "moon", Plan: drill.DefaultPlan()}} {
		if _, err := Drill(t.Context(), o, nil); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}

// FuzzReadDrill: whatever a file holds, it is refused or makes sense.
func FuzzReadDrill(f *testing.F) {
	good := DrillResult{Schema: DrillSchema, Rows: []drill.Row{{Config: drill.InIPVS(0, 0, 1), Phases: map[drill.Part]drill.Counts{drill.PodGone: {OK: 1, Failed: 1, ToOldPod: 1, ByClass: map[probe.Class]int{probe.NoRoute: 1}}}}}}
	b, err := json.Marshal(good)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"schema":"kpadvisor.drill/v1","rows":[{"mode":"nftables","phases":{"steady":{"ok":-1}}}]}`))
	f.Add([]byte(`{"schema":"kpadvisor.drill/v1","rows":[{"mode":"ipvs","sysctls":{"net.ipv4.vs.conntrack":1e99}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := ReadDrill(bytes.NewReader(text))
		if err != nil {
			return
		}
		for _, r := range d.Rows {
			if total := r.Total(); total.OK < 0 || total.Failed < 0 || r.AfterDeath().ToOldPod > total.Total() || r.Outcome() == "" {
				t.Errorf("%+v of %q", total, text)
			}
		}
	})
}
