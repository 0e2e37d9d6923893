package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"kpadvisor/probe"
	"kpadvisor/say"
	"kpadvisor/ui/evidence"
)

// serve starts a server that waits so long before each answer, and returns its
// host:port.
func serve(t *testing.T, delay time.Duration) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if delay > 0 {
			time.Sleep(delay) // the fault under test, not a wait for something
		}
		_, _ = w.Write([]byte("hello\n"))
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// quick is the least plan that can show a difference.
var quick = []string{"-n", "60", "--blocks", "6", "--warm-up", "0", "-c", "4", "--timeout", "30s"}

func probeOf(t *testing.T, args ...string) outcome {
	t.Helper()
	return run(t, append(append([]string{"probe"}, args...), quick...)...)
}

func readResult(t *testing.T, document string) probe.Result {
	t.Helper()
	r, err := probe.Read(strings.NewReader(document))
	if err != nil {
		t.Fatalf("%v in %s", err, document)
	}
	return r
}

// A known delay of A shows as a difference with the right sign and of the right
// size. A sleep is never too short, so each block's median of A is at least the
// delay, and the difference at least the delay less whatever B took itself; no
// tolerance is needed.
func TestProbeFindsAKnownDelay(t *testing.T) {
	const delay = 40 * time.Millisecond
	o := probeOf(t, serve(t, delay), serve(t, 0), "-o", "json", "--phase", "waiting")
	r := readResult(t, o.out)
	o.wants(t, Fine, "", "Source ports: enough")
	d := r.Compare(0, 1).Phases[probe.Waiting]
	slowestA, slowestB := 0.0, 0.0
	for i := range r.Series[0].Blocks {
		slowestA = max(slowestA, r.Series[0].Blocks[i].MedianNs[probe.Waiting])
		slowestB = max(slowestB, r.Series[1].Blocks[i].MedianNs[probe.Waiting])
	}
	if !d.Detected || d.LowNs < float64(delay)-slowestB || d.HighNs > slowestA {
		t.Errorf("%v shows as %s; blocks of A take at most %v, of B at most %v", delay, d, time.Duration(slowestA), time.Duration(slowestB))
	}
	if r.Environment.Version == "" || r.Series[0].Requests != 60 || r.Series[0].Failed() != 0 {
		t.Errorf("environment %+v, %d requests, errors %v", r.Environment, r.Series[0].Requests, r.Series[0].Errors)
	}
	if strings.Contains(o.errOut, "\x1b") || strings.Contains(o.errOut, "\r") || strings.Count(o.errOut, "\n") != 1 {
		t.Errorf("progress where there is no terminal: %q", o.errOut)
	}
}

// A saved result is shown again as it was, in every format, and is the same
// document as -o json.
func TestProbeFromFile(t *testing.T) {
	dir := t.TempDir()
	file, again := filepath.Join(dir, "run.json"), filepath.Join(dir, "again.json")
	first := probeOf(t, serve(t, 0), serve(t, 0), "--save", file, "--mode-a", "iptables", "--mode-b", "ipvs", "--services", "900")
	first.wants(t, Fine, "runs iptables (as you say)", "")
	saved, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	run(t, "probe", "--from", file).wants(t, Fine, first.out, "")
	if o := run(t, "probe", "--from", file, "-o", "json", "-O", again); o.out != string(saved) {
		t.Errorf("the document changed:\n%s\nto\n%s", saved, o.out)
	}
	if b, err := os.ReadFile(again); err != nil || !bytes.Equal(b, saved) {
		t.Errorf("saved again: %v, %s", err, b)
	}
	at(t, t.Context(), string(saved), "probe", "--from", "-").wants(t, Fine, first.out, "")
	run(t, "probe", "--from", file, "-o", "csv").wants(t, Fine, "A,,mode,,iptables", "")
	run(t, "probe", "--from", file, "-o", "markdown").wants(t, Fine, "## Errors: none", "")
	relabelled := run(t, "probe", "--from", file, "-o", "json", "--mode-a", "nftables", "--mode-b", "ipvs")
	if l := readResult(t, relabelled.out).Labels; !reflect.DeepEqual(l, map[string]string{evidence.LabelModeA: "nftables", evidence.LabelModeB: "ipvs"}) {
		t.Errorf("labels %v", l)
	}
	for _, bad := range []string{filepath.Join(dir, "none"), filepath.Join("testdata", "help.txt")} {
		o := run(t, "probe", "--from", bad)
		o.wants(t, Failure, "", "cannot be used")
		o.isOneSentence(t)
	}
}

func TestProbeThresholds(t *testing.T) {
	const delay = 40 * time.Millisecond
	r := readResult(t, probeOf(t, serve(t, delay), serve(t, 0), "-o", "json").out)
	r.SelfCheck = probe.SelfCheck{Usable: true} // whatever this machine did meanwhile
	file := save(t, r)
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{Fine, "", []string{"--max-p99", "1h", "--max-diff", "1h"}},
		{Missed, "the p99 of waiting on A is", []string{"--phase", "waiting", "--max-p99", "39ms"}},
		{Missed, "the difference in waiting lies between", []string{"--phase", "waiting", "--max-diff", "1ms"}},
		{Missed, "Threshold missed: the p99 of connect on B", []string{"--phase", "connect", "--max-p99", "1ns", "-o", "json"}},
	} {
		run(t, append([]string{"probe", "--from", file}, c.args...)...).wants(t, c.code, "", c.says)
	}
}

func TestThresholdsThatCannotBeTold(t *testing.T) {
	usable := probe.SelfCheck{Usable: true}
	good := probe.Series{Target: probe.Target{Name: "A"}, Requests: 100}
	good.Phases[probe.Connect] = probe.Stats{N: 99, P99Ns: 1000}
	lossy := good
	lossy.Phases[probe.Connect].N = 98
	for _, c := range []struct {
		series probe.Series
		check  probe.SelfCheck
		limit  time.Duration
		want   string
	}{
		{good, usable, 1000, ""},
		{good, usable, 999, "is 1µs, above 999ns"},
		{good, probe.SelfCheck{}, 1000, "self-check failed"},
		{lossy, usable, 1000, "2 of 100 hits on A have no connect"},
		{probe.Series{}, usable, 1000, "0 of 0 hits"},
	} {
		if got := overP99(c.series, probe.Connect, c.limit, c.check); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	within := probe.Difference{Blocks: 6, Bounded: true, Usable: true, LowNs: -500, HighNs: 900, MedianDiffNs: 100}
	few, unusable, slower := within, within, within
	few.Bounded, few.Blocks = false, 5
	unusable.Usable, unusable.Why = false, "this machine is short of CPU"
	slower.LowNs = -1100
	for _, c := range []struct {
		d    probe.Difference
		want string
	}{{within, ""}, {few, "5 blocks are too few"}, {unusable, "short of CPU"}, {slower, "between -1.1µs and 900ns, which is not within 1µs"}} {
		if got := overDiff(c.d, probe.Connect, 1000); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestProbeUsageErrors(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "Give one target or two, not 0."},
		{[]string{"a:1", "b:1", "c:1"}, "not 3"},
		{[]string{"https://a:443"}, "none of http, tcp and udp"},
		{[]string{"a:1\x1b[2J"}, ""},
		{[]string{"a:1", "-o", "yaml"}, "text, json, csv, markdown, html"},
		{[]string{"a:1", "-c", "0"}, "Concurrency 0"},
		{[]string{"a:1", "-n", "10", "--duration", "1s"}, "either a number of requests or a duration"},
		{[]string{"a:1", "-n", "3"}, "too few for 20 blocks"},
		{[]string{"a:1", "--rate", "-1"}, "Rate -1"},
		{[]string{"a:1", "--timeout", "2m"}, "Timeout"},
		{[]string{"a:1", "--source-ports", "odd"}, "kernel, sequential, reuse"},
		{[]string{"a:1", "--source-ports", "reuse"}, "--ports LOW-HIGH"},
		{[]string{"a:1", "--ports", "1-2"}, "--ports LOW-HIGH"},
		{[]string{"a:1", "--source-ports", "reuse", "--ports", "x"}, "40000-49999"},
		{[]string{"a:1", "--source-ports", "reuse", "--ports", "50-40"}, "not a range"},
		{[]string{"tcp://a:1", "--source-ports", "reuse", "--ports", "40000-40100"}, "Target A: reuse needs an http target"},
		{[]string{"a:1", "--sources", "here"}, "not an IP address"},
		{[]string{"a:1", "--max-p99", "0s"}, "not above 0"},
		{[]string{"a:1", "--max-p99", "fast"}, "fast"},
		{[]string{"a:1", "--max-diff", "1ms"}, "about two targets, not 1"},
		{[]string{"a:1", "b:1", "--max-diff", "1ms", "--ab"}, "at least 6 blocks"},
		{[]string{"a:1", "b:1", "--mode-a", "ipvs"}, `--mode-b ""`},
		{[]string{"a:1", "b:1", "--mode-a", "ipvs", "--mode-b", "fast"}, "fast"},
		{[]string{"a:1", "b:1", "--mode-a", "ipvs", "--mode-b", "ipvs"}, "both ipvs"},
		{[]string{"a:1", "--mode-a", "ipvs", "--mode-b", "iptables"}, "about two targets"},
		{[]string{"a:1", "b:1", "--services", "5"}, "--services has no use"},
		{[]string{"a:1", "--phase", "dns"}, "first-packet, connect"},
		{[]string{"tcp://a:1", "--phase", "total"}, "not measured of the tcp target"},
		{[]string{"udp://a:1", "--phase", "handshake"}, "not measured of the udp target"},
		{[]string{"udp://a:1/no..name"}, "is no name to ask for"},
		{[]string{"a:1", "--from", "x"}, "no use beside it"},
		{[]string{"--from", "x", "-n", "5"}, "no use beside it"},
	} {
		o := run(t, append([]string{"probe"}, c.args...)...)
		o.wants(t, Usage, "", c.want)
		o.isOneSentence(t)
	}
}

func TestProbeFailures(t *testing.T) {
	target := serve(t, 0)
	o := probeOf(t, target, "--save", filepath.Join(t.TempDir(), "no", "such", "file"))
	o.wants(t, Failure, "", "cannot be saved")
	o.isOneSentence(t)
	o = probeOf(t, "127.0.0.1:1", target)
	o.wants(t, Failure, "Stopped by itself: ", "Stopped by itself: ")
	o.wants(t, Failure, "Nothing behind the address answers.", "Target A (127.0.0.1:1) never answered: ")
	o = probeOf(t, "127.0.0.1:1", target, "--stop-at-failed", "0")
	o.wants(t, Failure, "Nothing behind the address answers.", "Target A (127.0.0.1:1) never answered: 60 of 60 hits failed.")
	o = run(t, "probe", "no..such.host:80", "-o", "csv")
	o.wants(t, Failure, "target,phase,stat,value_ns,value\n,,error,,", "Could not resolve")
	o.isOneSentence(t)
	for _, args := range [][]string{{"-o", "json"}, {"a:1", "-ojson", "--no-such-flag"}, {"--from", "/does/not/exist", "--output=json"}} {
		o := run(t, append([]string{"probe"}, args...)...)
		var doc struct {
			Schema string
			Error  struct{ Sentence, Remedy string }
		}
		if err := json.Unmarshal([]byte(o.out), &doc); err != nil || doc.Schema != probe.Schema || doc.Error.Sentence == "" || doc.Error.Remedy == "" {
			t.Errorf("%q: %v, %s", args, err, o.out)
		}
	}
}

func TestProbeRefusedForWantOfPorts(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux says how many source ports are free")
	}
	o := run(t, "probe", serve(t, 0), "-c", "1", "--source-ports", "sequential", "--ports", "40000-40010")
	o.wants(t, Failure, "", "Not started: 11 source ports are too few for 4200 connections")
	o.isOneSentence(t)
}

// A deliberate reuse of source ports is warned of, before the run and in the
// report.
func TestProbeWarnsOfReuse(t *testing.T) {
	o := probeOf(t, serve(t, 0), "--source-ports", "reuse", "--ports", "20000-20999")
	o.wants(t, o.code, "(Kubernetes issue 81775)", "Warning: source ports are reused on purpose.")
	if o.code != Fine {
		t.Errorf("code %d: %s", o.code, o.out)
	}
}

// Interrupted as ctrl-C would, once something was measured, a run prints what
// there is and ends with 130.
func TestProbeInterrupted(t *testing.T) {
	for _, format := range []string{"json", "text"} {
		ctx, cancel := context.WithCancel(t.Context())
		var hits atomic.Int64
		s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			if hits.Add(1) == 500 {
				cancel()
			}
		}))
		o := at(t, ctx, "", "probe", strings.TrimPrefix(s.URL, "http://"), "-n", "1000000", "--blocks", "10000", "-c", "1", "-o", format, "--max-p99", "1ns")
		s.Close()
		cancel()
		o.wants(t, Interrupted, "", "")
		switch format {
		case "json":
			if r := readResult(t, o.out); !r.Partial || r.Series[0].Requests == 0 || len(r.Series[0].Blocks) == 0 {
				t.Errorf("partial %v, %d requests, %d blocks", r.Partial, r.Series[0].Requests, len(r.Series[0].Blocks))
			}
		default:
			o.wants(t, Interrupted, "Interrupted before the plan was done.", "")
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	at(t, ended, "", "probe", "127.0.0.1:1").wants(t, Interrupted, "", "Interrupted before anything was measured.")
}

// The command line in a report asks for the same plan and targets as the one
// that made it.
func TestCommandLineMakesTheSamePlan(t *testing.T) {
	for _, line := range [][]string{
		{"a:1"},
		{"a:1", "b:2", "--ab"},
		{"http://a:1/x?y=1&z=2", "tcp://[::1]:2", "--ab", "--blocks", "20", "--seed", "7"},
		{"a:1", "--duration", "90s", "--rate", "12.5", "-c", "100", "--threads", "3", "--timeout", "1500ms", "--warm-up", "0", "--force"},
		{"udp://10.96.0.10:53", "udp://10.96.0.10/kubernetes.default.svc.cluster.local"},
		{"a:1", "--source-ports", "reuse", "--ports", "40000-40999", "--sources", "10.0.0.1,10.0.0.2"},
		{"a:1", "--rate", "100", "--jitter=false", "--stop-at-failed", "0.25", "--kept-alive"},
	} {
		plan, targets := parsed(t, line)
		r := probe.Result{Plan: plan}
		for _, target := range targets {
			r.Series = append(r.Series, probe.Series{Target: target})
		}
		command := commandLine("kpadvisor", r)
		words := strings.Fields(strings.ReplaceAll(command, "'", "")) // no target here holds a space
		plan2, targets2 := parsed(t, words[2:])
		if !reflect.DeepEqual(plan, plan2) || !reflect.DeepEqual(targets, targets2) {
			t.Errorf("%q makes %+v\n%+v,\n%q makes %+v\n%+v", line, plan, targets, command, plan2, targets2)
		}
	}
	if got := shellWord("it's & more"); got != `'it'\''s & more'` {
		t.Error(got)
	}
}

func parsed(t *testing.T, line []string) (probe.Plan, []probe.Target) {
	t.Helper()
	a := &app{}
	cmd := &cobra.Command{Use: "probe"}
	a.addPlan(cmd)
	if err := cmd.ParseFlags(line); err != nil {
		t.Fatal(err)
	}
	plan, targets, err := a.flags.probe.prepare(cmd, cmd.Flags().Args())
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return plan, targets
}

func TestProbeLine(t *testing.T) {
	series := []probe.Series{{Target: probe.Target{Name: "A"}, Requests: 800}, {Target: probe.Target{Name: "B\x1b[2J"}, Requests: 12, Errors: map[probe.Class]int64{probe.Reset: 3}}}
	for _, c := range []struct {
		s    probe.Snapshot
		want string
	}{
		{probe.Snapshot{Progress: probe.Progress{State: probe.Idle}, Series: series}, ""},
		{probe.Snapshot{Progress: probe.Progress{State: probe.Finished}, Series: series}, ""},
		{probe.Snapshot{Progress: probe.Progress{State: probe.PortsWait, Why: "too few"}}, "waiting for source ports: too few"},
		{probe.Snapshot{Progress: probe.Progress{State: "removing"}, Series: series}, "removing"},
		{probe.Snapshot{Progress: probe.Progress{State: probe.Measuring, Target: 1, Turn: 13, Turns: 42, Elapsed: 12_900 * time.Millisecond}, Series: series}, "measuring B: block 14 of 42, 812 hits, 3 failed, 12s"},
		{probe.Snapshot{Progress: probe.Progress{State: probe.Measuring, Turn: 42, Turns: 42, Why: "no word"}, Series: series}, "measuring A: block 42 of 42, 812 hits, 3 failed, 0s; no word"},
	} {
		if got := probeLine(say.Voice{}, c.s); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
