package probe

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sampleResult is a small run with everything in it, the same on every machine.
func sampleResult(t testing.TB) Result {
	t.Helper()
	plan := DefaultPlan()
	plan.Blocks, plan.Requests = 6, 60
	r := newRecorder([]Target{{Name: "A", Address: "10.0.0.1:80", Kind: HTTP, Path: "/"}, {Name: "B", Address: "10.0.0.2:80", Kind: HTTP, Path: "/"}}, false)
	for i := range int64(12) {
		at := i * int64(time.Second)
		r.begin(Turn{Target: int(i % 2), Round: int(i / 2)}, at)
		for j := range int64(9) {
			h := goodHit(at+j*1000, 20_000+j*100-(i%2)*3000)
			h.handshakeNs = 12_000 + j%3*1000 - (i%2)*3000
			r.add([]hit{h}, true)
		}
		r.add([]hit{{sent: at, connected: at + 500, done: at + 500, failure: Refused}}, true)
		r.end(at+int64(time.Second)/2, 0, true)
	}
	out := Result{
		Plan: plan, Started: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), Elapsed: 12 * time.Second, Notes: notes(plan, "blocking sockets"),
		Environment: Environment{Version: "v0.0.0", Kernel: "6.1.0", System: "linux/amd64", Go: "go1.26", CPUs: 2, Engine: "blocking sockets"},
		Budget:      Budget{Verdict: Enough, Why: "there are enough source ports"},
	}
	for _, y := range r.ledgers {
		s := y.series()
		s.Quantiles = PerPhase[Quantiles]{} // a Result has Histograms
		s.Resolved = s.Target.Address
		s.Conditions = Conditions{Kernel: "6.1.0", Engine: "blocking sockets", Plan: plan, Started: out.Started}
		for _, p := range Phases() {
			var err error
			if s.Histograms[p], err = encode(y.phases[p]); err != nil {
				t.Fatal(err)
			}
		}
		out.Series = append(out.Series, s)
		out.Findings = append(out.Findings, Diagnose(s)...)
	}
	out.SelfCheck = observed{plan: plan, lateness: Stats{N: 1, P99Ns: 900}, rate: 20, series: out.Series}.check()
	return out
}

func TestFileGolden(t *testing.T) {
	var got bytes.Buffer
	if err := Write(&got, sampleResult(t)); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "result.json")
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the file format changed; look at the difference and use -update:\n%s", got.String())
	}
}

// The file holds the whole run: what comes back compares, finds and decodes as
// what went out.
func TestFileRoundTrip(t *testing.T) {
	out := sampleResult(t)
	out.Labels = map[string]string{"modeA": "iptables"}
	var file bytes.Buffer
	if err := Write(&file, out); err != nil {
		t.Fatal(err)
	}
	back, err := Read(&file)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(out, back) {
		t.Errorf("went out %+v\ncame back %+v", out, back)
	}
	if c, d := out.Compare(0, 1), back.Compare(0, 1); !reflect.DeepEqual(c, d) || !d.Phases[Handshake].Detected {
		t.Errorf("comparisons %+v and %+v", c, d)
	}
	h, err := back.Series[0].Histograms[Connect].Histogram()
	if err != nil || h.TotalCount() != 54 {
		t.Errorf("histogram %v, %v", h, err)
	}
}

func TestFileOfAnEmptyRun(t *testing.T) {
	plan := DefaultPlan()
	out := Result{Plan: plan, Series: []Series{{Target: Target{Name: "A", Address: "h:1", Kind: TCP}}, {Target: Target{Name: "B", Address: "h:2", Kind: TCP}}}}
	var file bytes.Buffer
	if err := Write(&file, out); err != nil {
		t.Fatal(err)
	}
	var shown struct {
		Comparison map[string]map[string]any
	}
	if err := json.Unmarshal(file.Bytes(), &shown); err != nil {
		t.Fatal(err)
	}
	if d := shown.Comparison["handshake"]; d["medianDiffNs"] != nil || d["lowNs"] != nil || d["detected"] != false {
		t.Errorf("an unknown difference is written as %v", d)
	}
	if _, err := Read(&file); err != nil {
		t.Error(err)
	}
}

func TestReadRefuses(t *testing.T) {
	var file bytes.Buffer
	if err := Write(&file, sampleResult(t)); err != nil {
		t.Fatal(err)
	}
	good := file.String()
	for _, c := range []struct{ name, old, new, says string }{
		{"other schema", Schema, "kpadvisor.audit/v1", "schema"},
		{"escape sequence", `"kernel": "6.1.0"`, `"kernel": "6.1\u001b[31m"`, "control"},
		{"escape sequence in a name", `"name": "A"`, `"name": "A\u009b"`, "control"},
		{"bad address", "10.0.0.1:80", "nowhere", "host:port"},
		{"impossible plan", `"concurrency": 8`, `"concurrency": -8`, "concurrency"},
		{"table and histogram differ", `"n": 54`, `"n": 55`, "histogram"},
		{"histogram cut off", `"connect": "H`, `"connect": "`, "histogram"},
		{"more errors than requests", `"refused": 6`, `"refused": 600`, "600 errors"},
		{"no JSON", "{", "", "could not read"},
	} {
		bad := strings.Replace(good, c.old, c.new, 1)
		if bad == good {
			t.Fatalf("%s: the file has no %q", c.name, c.old)
		}
		if _, err := Read(strings.NewReader(bad)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.says)
		}
	}
	if _, err := Read(strings.NewReader(strings.Replace(good, `"schema"`, `"future": {"a": [1]}, "schema"`, 1))); err != nil {
		t.Errorf("an added field is refused: %v", err)
	}
}

type failing struct{ after int }

func (f *failing) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, errors.New("disk full")
	}
	return len(p), nil
}

func TestWriteFails(t *testing.T) {
	if err := Write(&failing{after: 100}, sampleResult(t)); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v", err)
	}
}

// A file of before there were Established, jitter and the rest still reads, and its
// differences are as they were.
func TestOlderFile(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "result-2026-11.json"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(data, []byte("blocksNeeded")) { // a field that is gone
		data = bytes.Replace(data, []byte(`"detected"`), []byte(`"blocksNeeded": 9, "detected"`), 1)
	}
	r, err := Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	d := r.Compare(0, 1).Phases
	if !d[Handshake].Detected || d[Handshake].MedianDiffNs != sampleResult(t).Compare(0, 1).Phases[Handshake].MedianDiffNs {
		t.Errorf("handshake %+v", d[Handshake])
	}
	if d[FirstPacket].Blocks != 0 || r.Plan.Jitter || r.Plan.StopAtFailed != 0 || r.Stopped != "" || Between(r.Series...) != Handshake {
		t.Errorf("what was not there is %+v, %+v", d[FirstPacket], r.Plan)
	}
}

// A file may come from anybody: whatever is read can be written and read again, and
// says the same.
func FuzzRead(f *testing.F) {
	golden, err := os.ReadFile(filepath.Join("testdata", "result.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(golden)
	f.Add([]byte(`{"schema":"kpadvisor.probe/v1","plan":{"concurrency":1,"requests":1,"blocks":1,"timeoutNs":1,"sourcePorts":{"mode":"kernel"}},"targets":[{"name":"A","address":"h:1","kind":"udp","path":"/x"}]}`))
	f.Add([]byte(`{"schema":"kpadvisor.probe/v1","targets":[{"blocks":[{"medianNs":{"handshake":1e308}}]}],"comparison":{"handshake":{"blocksNeeded":7}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		var first, second bytes.Buffer
		if err := Write(&first, r); err != nil {
			t.Fatalf("what was read can't be written: %v", err)
		}
		again, err := Read(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatalf("what was written can't be read: %v\n%s", err, first.Bytes())
		}
		if err := Write(&second, again); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Fatalf("%v: a second time it is\n%s\nthe first time\n%s", err, second.Bytes(), first.Bytes())
		}
		for _, series := range r.Series { // and nothing that is shown of it panics
			Diagnose(series)
		}
		for _, c := range r.Comparisons() {
			for _, p := range Phases() {
				_ = c.Phases[p].String()
			}
		}
		_, _ = CompareRuns(Between(r.Series...), []NamedRun{{"a", r}, {"b", again}}, []NamedRun{{"c", r}})
	})
}
