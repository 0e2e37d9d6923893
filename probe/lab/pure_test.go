package lab

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"kpadvisor/probe"
	"kpadvisor/probe/lab/rules"
)

func TestPace(t *testing.T) {
	p := newPace(10 * time.Second)
	if why := p.tooSlow(IPTablesNFT, 10_000); why != "" {
		t.Errorf("nothing is known yet, still: %s", why)
	}
	p.record(IPTablesNFT, 1000, 2*time.Second)
	p.record(NFTables, 1000, 2*time.Second)
	if p.tooSlow(IPTablesNFT, 2000) != "" || p.tooSlow(IPTablesNFT, 3000) == "" {
		t.Error("iptables-nft grows with the square: 8 s at 2000, 18 s at 3000")
	}
	p.record(IPTablesLegacy, 500, 10*time.Second)
	if p.tooSlow(IPTablesLegacy, 499) != "" || p.tooSlow(IPTablesLegacy, 500) != "programming took longer than 10s" || p.tooSlow(IPTablesNFT, 1000) != "" {
		t.Error("what took too long is not tried again, what did not is")
	}
	if p.tooSlow(NFTables, 3000) != "" || p.tooSlow(NFTables, 10_000) == "" {
		t.Error("nftables grows little faster than the Services")
	}
}

func TestStream(t *testing.T) {
	var b bytes.Buffer
	w := newEventWriter(&b)
	w.begin(7)
	for _, e := range []Event{{Stage: &Stage{What: "checking"}}, {Point: &Point{Mode: IPVS}}, {Done: &Done{Error: "no", Remedy: "yes"}}} {
		if err := w.write(e); err != nil {
			t.Fatal(err)
		}
	}
	var seen []Event
	job, err := newEventReader(&b).job(func(e Event) { seen = append(seen, e) })
	if sentence, remedy := Explain(err); job != 7 || len(seen) != 2 || sentence != "no" || remedy != "yes" {
		t.Errorf("job %d, %d events, %q, %q", job, len(seen), sentence, remedy)
	}
	for _, broken := range []string{"", "{", `{"v":2,"job":0,"done":{}}`, "\x00\xff", `{"v":1,"job":0,"stage":{"what":"x"}}`} {
		if _, err := newEventReader(strings.NewReader(broken)).job(func(Event) {}); !errors.Is(err, errStream) {
			t.Errorf("%q: %v", broken, err)
		}
	}
}

func FuzzStream(f *testing.F) {
	f.Add([]byte(`{"v":1,"job":1,"done":{}}`))
	f.Add([]byte(`{"v":1,"snapshot":{"Series":[{}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = newEventReader(bytes.NewReader(data)).job(func(Event) {}) // must come back
	})
}

// result is a small Result with everything in it.
func result() Result {
	var points []Point
	for _, n := range []int{100, 1000} {
		points = append(points, Point{Mode: Direct, Services: n, Position: NoPosition, Connect: Quantiles{17_000, 18_500, 30_000}})
		for _, at := range rules.Positions() {
			points = append(points, Point{
				Mode: IPTablesLegacy, Services: n, Endpoints: 5, Position: at, Connect: Quantiles{24_000, 25_500, 40_000},
				CPUNs: 41_000, ProgramNs: 25_500_000, UpdateNs: 9_000_000, Rules: 17 * n, MemoryBytes: 3 << 20, BlocksNs: []int64{24_000},
			})
		}
	}
	return Result{
		Schema: Schema, Points: points, BreakEven: []BreakEven{{A: IPTablesLegacy, B: IPVS, Outcome: Crosses, Services: 990, Low: 800, High: 1200}},
		Missing:     []Missing{{Mode: IPVS, Reason: "this kernel has no IPVS (ip_vs)", Remedy: "load it"}},
		Skipped:     []Skipped{{Mode: IPTablesNFT, Services: 4000, Reason: "programming took longer than 20s"}},
		Environment: Environment{Kernel: "6.1.0", Where: "this machine", CPUs: 2, Notes: []string{"note"}},
	}
}

func TestReports(t *testing.T) {
	var j, c bytes.Buffer
	r := result()
	if err := errors.Join(r.WriteJSON(&j), r.WriteCSV(&c)); err != nil {
		t.Fatal(err)
	}
	var back Result
	if err := json.Unmarshal(j.Bytes(), &back); err != nil || len(back.Points) != len(r.Points) || back.Schema != Schema {
		t.Errorf("JSON came back as %d points, %v", len(back.Points), err)
	}
	for _, key := range []string{`"p10Ns"`, `"endpointsPerService"`, `"programNs"`, `"updateNs"`, `"missing"`, `"breakEven"`, `"environment"`} {
		if !strings.Contains(j.String(), key) {
			t.Errorf("JSON lacks %s", key)
		}
	}
	lines, err := csv.NewReader(&c).ReadAll()
	if err != nil || len(lines) != len(r.Points)+1 {
		t.Errorf("CSV has %d lines, %v", len(lines), err)
	}
	failing := writerFailingAfter(1)
	if r.WriteCSV(failing) == nil || r.WriteJSON(failing) == nil {
		t.Error("a failing writer went unnoticed")
	}
}

// failingWriter takes so many bytes.
type failingWriter struct{ left int }

func writerFailingAfter(n int) *failingWriter { return &failingWriter{n} }

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errors.New("disk full")
	}
	return len(p), nil
}

// The lab may use the probe, and nothing that knows a screen or a cluster.
func TestDependencies(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip(err)
	}
	out, err := exec.Command("go", "list", "-deps", "kpadvisor/probe/lab").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, bad := range []struct{ pkg, why string }{
		{"kpadvisor/ui", "a screen looks at the lab, never the other way"},
		{"kpadvisor/advisor", "only ui/cli knows both the advice and what was measured"},
		{"k8s.io/", "the lab knows no Kubernetes API"},
		{"charm.land/", "the lab draws nothing"},
	} {
		for dep := range strings.Lines(string(out)) {
			if strings.HasPrefix(dep, bad.pkg) {
				t.Errorf("the lab depends on %s: %s", strings.TrimSpace(dep), bad.why)
			}
		}
	}
}

// runFor is what a probe shows after so many steps: each closes an interval, and
// every third a block.
func runFor(steps int) probe.Snapshot {
	s := probe.Snapshot{Progress: probe.Progress{State: probe.Measuring, Turn: steps, Elapsed: time.Duration(steps) * time.Second}}
	for i, m := range []Mode{Direct, IPTablesLegacy, NFTables} {
		series := probe.Series{Target: probe.Target{Name: string(m), Address: "10.0.0.1:80", Kind: probe.HTTP}, Requests: int64(steps), Errors: map[probe.Class]int64{probe.Timeout: 1}}
		series.Phases[probe.Connect] = probe.Stats{N: int64(steps), MinNs: 1, MeanNs: 17.25, MedianNs: 20, MaxNs: 30}
		for n := max(0, steps-keptIntervals); n < steps; n++ {
			v := probe.Interval{At: time.Duration(n) * 100 * time.Millisecond, Length: 100 * time.Millisecond, Round: n / 3}
			v.N[probe.Connect], v.MedianNs[probe.Connect] = 9, int64(1000*(i+1)+n)
			series.Intervals = append(series.Intervals, v)
		}
		for n := range steps / 3 {
			b := probe.Block{Round: n, Requests: 27}
			b.N[probe.Connect], b.MedianNs[probe.Connect] = 27, float64(1000*(i+1))+float64(n%7)/8
			series.Blocks = append(series.Blocks, b)
		}
		s.Series = append(s.Series, series)
	}
	return s
}

// What arrives through the pipe is the probe's own snapshot, whole, and can be
// compared; copies taken before do not change; and no event holds it all again.
func TestSnapshotsThroughThePipe(t *testing.T) {
	var pipe bytes.Buffer
	out, in, keeper := newEventWriter(&pipe), newEventReader(&pipe), &stateKeeper{}
	var room newsroom
	var early State
	for _, steps := range []int{0, 1, 2, 40, 41, 300, 300, 700, 703} {
		if err := errors.Join(out.write(Event{Snapshot: ptr(room.news(runFor(steps)))}), out.write(Event{Done: &Done{}})); err != nil {
			t.Fatal(err)
		}
		if size := pipe.Len(); steps == 703 && size > 10_000 {
			t.Errorf("three steps take %d bytes", size)
		}
		if _, err := in.job(keeper.add); err != nil {
			t.Fatal(err)
		}
		got, want := keeper.copy().Snapshot, runFor(steps)
		if !same(got, want) {
			t.Fatalf("after %d steps: %+v, want %+v", steps, got, want)
		}
		if c, w := probe.Compare(got.Series[1], got.Series[2]), probe.Compare(want.Series[1], want.Series[2]); !reflect.DeepEqual(c, w) {
			t.Errorf("after %d steps the comparison is %+v, want %+v", steps, c, w)
		}
		if steps == 41 {
			early = keeper.copy()
		}
	}
	if !same(early.Snapshot, runFor(41)) {
		t.Error("a copy taken earlier changed")
	}
}

// same compares snapshots; an empty list is as good as none.
func same(a, b probe.Snapshot) bool {
	for _, s := range []*probe.Snapshot{&a, &b} {
		s.Series = slices.Clone(s.Series)
		for i := range s.Series {
			s.Series[i].Blocks = append([]probe.Block{}, s.Series[i].Blocks...)
			s.Series[i].Intervals = append([]probe.Interval{}, s.Series[i].Intervals...)
		}
	}
	return reflect.DeepEqual(a, b)
}

// A new size forgets the old one's measurement and nothing else, and what was
// still on its way is dropped.
func TestStateAcrossResizes(t *testing.T) {
	k := newStateKeeper()
	env := Event{Environment: &Environment{Kernel: "6.1"}}
	noIPVS := Event{Missing: &Missing{Mode: IPVS}}
	k.add(env)
	k.add(noIPVS)
	k.add(Event{Built: &Built{Mode: NFTables, Services: 10}})
	job := k.restart()
	k.add(Event{Built: &Built{Mode: NFTables, Services: 10}}) // of job 0, late
	k.add(Event{Snapshot: &probe.Snapshot{Series: make([]probe.Series, 3)}})
	if s := k.copy(); len(s.Built) != 0 || len(s.Snapshot.Series) != 0 || len(s.Missing) != 1 || s.Environment.Kernel != "6.1" {
		t.Errorf("%+v", s)
	}
	k.add(env) // the check was interrupted by the resize and starts again
	k.add(noIPVS)
	k.add(Event{Job: job, Built: &Built{Mode: NFTables, Services: 20}})
	if s := k.copy(); len(s.Built) != 1 || len(s.Missing) != 1 {
		t.Errorf("%+v", s)
	}
	k.finish(0, true, errors.New("of the size before"))
	if s := k.copy(); s.Finished {
		t.Error("the old size ended the new one")
	}
	k.finish(job, true, nil)
	if s := k.copy(); !s.Finished || s.Err != nil {
		t.Errorf("%+v", s)
	}
}

func BenchmarkStateCopy(b *testing.B) {
	k := newStateKeeper()
	k.add(Event{Snapshot: ptr(runFor(700))})
	b.ReportAllocs()
	for b.Loop() {
		if len(k.copy().Snapshot.Series) == 0 {
			b.Fatal("empty")
		}
	}
}
