package measure

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/probe"
	"kpadvisor/say"
	"kpadvisor/ui/evidence"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/measure/measuretest"
	"kpadvisor/ui/tui/measure/tools"
	"kpadvisor/ui/tui/screen/screentest"
)

func probing(f *measuretest.Prober) app {
	return start(with(f), 80, 24)
}

// loop runs the screen's commands as Bubble Tea does, each in a goroutine, and
// gives the screen what they return until ok holds.
type loop struct {
	app
	messages chan tea.Msg
}

func (l loop) goes(cmd tea.Cmd) {
	if cmd != nil {
		go func() { l.messages <- cmd() }()
	}
}

func (l loop) key(name string) {
	cmd := l.Update(screentest.Press(name))
	l.goes(cmd)
}

func (l loop) until(ok func() bool) {
	for !ok() {
		switch msg := (<-l.messages).(type) {
		case nil:
		case tea.BatchMsg:
			for _, cmd := range msg {
				l.goes(cmd)
			}
		default:
			cmd := l.Update(msg)
			l.goes(cmd)
		}
	}
}

func TestReadExperiment(t *testing.T) {
	t.Parallel()
	fields := func(change map[int]string) []string {
		out := append([]string{"10.0.0.1:80", ""}, planTexts(probe.DefaultPlan())...)
		out = append(out, "", "")
		for i, v := range change {
			out[i] = v
		}
		return out
	}
	for _, tt := range []struct {
		name   string
		change map[int]string
		want   func(e experiment) bool
		err    string
	}{
		{"the defaults", nil, func(e experiment) bool {
			return len(e.targets) == 1 && fmt.Sprint(e.plan) == fmt.Sprint(probe.DefaultPlan())
		}, ""},
		{"two targets", map[int]string{1: "tcp://[::1]:443"}, func(e experiment) bool {
			return e.targets[1].Kind == probe.TCP && e.targets[1].Name == "B" && len(e.phases()) == 7
		}, ""},
		{"a tcp target alone has two phases", map[int]string{0: "tcp://[::1]:443"}, func(e experiment) bool { return len(e.phases()) == 2 }, ""},
		{"blanks and separators", map[int]string{0: "  10.0.0.1:80 ", 3: " 10,000"}, func(e experiment) bool { return e.plan.Requests == 10_000 }, ""},
		{"a time", map[int]string{3: "1m 30s"}, func(e experiment) bool { return e.plan.Duration == 90*time.Second && e.plan.Requests == 0 }, ""},
		{"a rate", map[int]string{4: "12.5"}, func(e experiment) bool {
			return e.plan.OpenLoop() && page.Loop(say.Voice{}, e.plan) == "open loop, 12.5/s"
		}, ""},
		{"a range of ports", map[int]string{6: "20000 - 29999"}, func(e experiment) bool {
			return e.plan.Ports == probe.SourcePorts{Mode: probe.SequentialPorts, Low: 20000, High: 29999}
		}, ""},
		{"reused ports", map[int]string{6: "reuse 20000-20099"}, func(e experiment) bool { return e.plan.Reuses() }, ""},
		{"no target", map[int]string{0: " "}, nil, "target A is missing"},
		{"a bad target", map[int]string{1: "http://"}, nil, "not host:port"},
		{"words", map[int]string{2: "many"}, nil, `at once: "many" is not a whole number`},
		{"the first of two faults", map[int]string{3: "soon", 5: "x"}, nil, `requests or time: "soon"`},
		{"what is empty is as usual", map[int]string{2: "", 3: " ", 5: "", 6: ""}, func(e experiment) bool {
			return fmt.Sprint(e.plan) == fmt.Sprint(probe.DefaultPlan())
		}, ""},
		{"modes not known", map[int]string{7: notKnown, 8: notKnown}, func(e experiment) bool { return e.labels == nil }, ""},
		{"a negative rate", map[int]string{4: "-1"}, nil, "rate"},
		{"no number", map[int]string{4: "NaN"}, nil, "rate"},
		{"half a range", map[int]string{6: "reuse 20000"}, nil, "source ports"},
		{"a plan that can't be", map[int]string{5: "5000"}, nil, "too few for 5000 blocks"},
		{"modes", map[int]string{7: "IPtables", 8: "nftables"}, func(e experiment) bool { return e.labels["modeA"] == "iptables" && e.labels["modeB"] == "nftables" }, ""},
		{"half of the modes", map[int]string{7: "ipvs"}, nil, "of both, or of neither"},
		{"one mode twice", map[int]string{7: "ipvs", 8: "ipvs"}, nil, "says nothing about another mode"},
		{"no mode", map[int]string{7: "userspace", 8: "ipvs"}, nil, "not iptables, ipvs or nftables"},
		{"reuse against tcp", map[int]string{0: "tcp://10.0.0.1:80", 6: "reuse 20000-20099"}, nil, "reuse needs an http target"},
	} {
		e, err := readExperiment(probe.DefaultPlan(), fields(tt.change))
		switch {
		case tt.err == "" && (err != nil || !tt.want(e)):
			t.Errorf("%s: %+v, %v", tt.name, e, err)
		case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
		}
	}
}

func TestPlanOfAB(t *testing.T) {
	t.Parallel()
	a := probing(&measuretest.Prober{}).plan("10.0.0.1:80", "10.0.0.2:80").press("a")
	got, want := a.pair().next.plan, probe.ABPlan()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the plan of ab is %+v, want %+v", got, want)
	}
	a.wants(t, "as ab -c 1,000 -n 10,000", "needs 6 blocks")
	if a.press("a"); fmt.Sprint(a.pair().next.plan) != fmt.Sprint(probe.DefaultPlan()) {
		t.Errorf("again: %+v", a.pair().next.plan)
	}
}

// TestOffers: a Service of the cluster is found by words, looked up, and put into
// the form with what is known of the modes.
func TestOffers(t *testing.T) {
	t.Parallel()
	a := probing(&measuretest.Prober{}).press("j", "enter", "v")
	a.wants(t, "shop/cart:http", "10.96.0.10:80 and a pod", "NodePort 30080", "shop/empty:http")
	a.typed("nodeport cart")
	if strings.Contains(a.text(), "shop/empty") {
		t.Errorf("the list was not narrowed:\n%s", a.text())
	}
	a.press("enter").wants(t, "[ 192.0.2.1:30080 ", "[ 192.0.2.2:30080 ", "iptables", "nftables", "Source ports: enough", "enter start")
	if got := a.pair().next.labels; got[evidence.LabelModeA] != "iptables" || got[evidence.LabelServices] != "4871" {
		t.Errorf("labels %v", got)
	}
	a.press("v").typed("empty").press("enter").wants(t, "Not possible: the Service has no ready endpoint")
	a.press("esc").wants(t, "[ 192.0.2.1:30080 ")
	a.press("v").typed("zzz").press("enter").wants(t, "No TCP port of a Service fits.")
	a.press("esc", "v").press("enter").wants(t, "[ 10.96.0.10:80 ", "[ 10.244.1.7:8080 ")
	if a.pair().next.labels != nil {
		t.Error("a Service and its pod do not run two modes")
	}
}

// TestRefusedIsNotStarted: enter asks again, for ports come back.
func TestRefusedIsNotStarted(t *testing.T) {
	t.Parallel()
	o, asked := with(&measuretest.Prober{}), 0
	measuretest.EngineOf(&o.Tools).Budgets = func(context.Context, probe.Plan, ...probe.Target) (probe.Budget, error) {
		if asked++; asked < 3 {
			return probe.Budget{Verdict: probe.Refuse, Why: "none is free"}, nil
		}
		return probe.Budget{Verdict: probe.Wait, Wait: 21 * time.Second, Why: "soon"}, nil
	}
	a := start(o, 80, 24).plan("10.0.0.1:80", "")
	a.wants(t, "Source ports: refused. none is free")
	a.press("enter")
	if a.wants(t, "refused"); a.run.trial != nil || asked != 2 {
		t.Errorf("asked %d times, started %v", asked, a.run.trial != nil)
	}
	a.press("enter").wants(t, "Source ports: wait 21s. soon", "enter start")
}

// TestLateBudgetIsForAnotherPlan: what arrives for an earlier plan is dropped.
func TestLateBudgetIsForAnotherPlan(t *testing.T) {
	t.Parallel()
	a := probing(&measuretest.Prober{}).plan("10.0.0.1:80", "")
	late := a.Update(screentest.Press("a"))
	msg := late()
	cmd := a.Update(screentest.Press("a"))
	a.Update(msg)
	if a.pair().budget != nil {
		t.Error("the budget of the plan before")
	}
	a.do(cmd)
	a.wants(t, "Source ports: enough")
}

// TestLooksOnlyWhileRunning: at most ten looks a second, none while frozen, none
// after the end, and never two ticks at once, whatever is pressed.
func TestLooksOnlyWhileRunning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &measuretest.Prober{Shows: measuretest.Live(measuretest.RunOf(43e3, 31e3, 14)), Result: measuretest.RunOf(43e3, 31e3, 20), Hold: make(chan struct{})}
		l := loop{probing(f).plan("10.96.0.10:80", "10.96.0.11:80"), make(chan tea.Msg)}
		began := time.Now()
		l.key("enter")
		l.until(func() bool { return f.Looked() == 20 })
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("20 looks took %v", took)
		}
		l.wants(t, "measuring B", "So far")
		for range 3 { // a freeze that is taken back at once must not start a second tick
			l.key("f")
			l.key("f")
		}
		began = time.Now()
		l.until(func() bool { return f.Looked() == 40 })
		if took := time.Since(began); took < 1900*time.Millisecond {
			t.Errorf("another 20 looks took %v", took)
		}
		l.key("f")
		seen := f.Looked()
		time.Sleep(5 * time.Second)
		close(f.Hold)
		l.until(func() bool { return l.run.trial.over })
		if f.Looked() > seen+1 { // one was under way
			t.Errorf("looked %d times while frozen", f.Looked()-seen)
		}
		if l.wants(t, "FROZEN", "So far"); l.run.result == nil {
			t.Error("a frozen screen lost the result")
		}
		l.key("f")
		l.wants(t, "finished, 40 blocks", "B is 12.0 µs faster than A [11.2, 13.2]")
		seen = f.Looked()
		time.Sleep(5 * time.Second)
		if f.Looked() != seen {
			t.Errorf("looked %d times after the end", f.Looked()-seen)
		}
	})
}

// TestStopping: enter and esc stop the run and keep what there is; another run
// can start only when the first has ended.
func TestStopping(t *testing.T) {
	t.Parallel()
	for _, k := range []string{"enter", "esc"} {
		f := &measuretest.Prober{Shows: measuretest.Live(measuretest.RunOf(43e3, 31e3, 4)), Result: measuretest.RunOf(43e3, 31e3, 4), Hold: make(chan struct{})}
		a := probing(f).plan("10.96.0.10:80", "10.96.0.11:80").begin().look()
		first := a.run.trial
		a.press(k)
		a.wants(t, map[string]string{"enter": "stopping", "esc": "The last run is ending."}[k])
		if a.begin(); a.run.trial != first {
			t.Errorf("%s: a second run beside the first", k)
		}
		a.end()
		if a.run.result == nil || !a.run.result.Partial {
			t.Errorf("%s: no partial result", k)
		}
		if k == "esc" {
			a.press("esc", "G", "enter")
		}
		a.wants(t, "stopped after 8 of 40 blocks", "A, B: no conclusion from 4 blocks, it takes 6.")
		a.press("s").wants(t, "Saved: /tmp/kpadvisor-probe-20261123-1600")
	}
}

func TestPausing(t *testing.T) {
	t.Parallel()
	r := measuretest.RunOf(43e3, 31e3, 4)
	f := &measuretest.Prober{Shows: measuretest.Live(r), Result: r, Hold: make(chan struct{})}
	a := probing(f).plan("10.96.0.10:80", "10.96.0.11:80").begin().look().press("p")
	a.wants(t, "pausing after this block")
	f.Shows = func() probe.Snapshot {
		s := measuretest.Live(r)()
		s.State = probe.Paused
		return s
	}
	a.look().wants(t, "paused, block 10 of 42")
	a.press("p")
	if fmt.Sprint(f.Paused()) != "[true false]" {
		t.Errorf("the engine was told %v", f.Paused())
	}
	a.Leave()
}

// TestEngineFails: the screen says so in words and goes on.
func TestEngineFails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&probe.BudgetError{Budget: probe.Budget{Why: "no port is free"}}, "Not started. no port is free"},
		{fmt.Errorf("waiting: %w", context.Canceled), "Stopped before the first hit."},
		{errors.New("could not resolve target x:80"), "The run failed: could not resolve target x:80"},
	} {
		f := &measuretest.Prober{Shows: func() probe.Snapshot { return probe.Snapshot{} }, Err: tt.err}
		a := probing(f).plan("10.96.0.10:80", "").begin().end()
		a.wants(t, tt.want, "enter again")
		if r, _ := a.Leave(); r != nil {
			t.Error("a run that failed has a result")
		}
	}
}

// panicProber is an engine with a defect.
type panicProber struct{ measuretest.Prober }

func (*panicProber) Run(context.Context) (probe.Result, error) { panic("a defect\nof the engine") }

func TestEnginePanics(t *testing.T) {
	t.Parallel()
	o := with(nil)
	measuretest.EngineOf(&o.Tools).Prepares = func(probe.Plan, ...probe.Target) (tools.Prober, error) { return &panicProber{}, nil }
	a := start(o, 80, 24).plan("10.96.0.10:80", "").begin().end()
	a.wants(t, "The run failed: a defect in kpadvisor: a defect of the engine")
}

// TestLeavingWaitsForTheRun: nothing of the engine is left behind, and the
// partial result goes with the user.
func TestLeavingWaitsForTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // fails if a goroutine is left
		r := measuretest.RunOf(43e3, 31e3, 4)
		f := &measuretest.Prober{Shows: measuretest.Live(r), Result: r, Hold: make(chan struct{})}
		a := probing(f).plan("10.96.0.10:80", "10.96.0.11:80").begin()
		got, _ := a.Leave()
		if got == nil || !got.Partial || len(got.Series) != 2 {
			t.Errorf("left with %+v", got)
		}
		if again, _ := a.Leave(); again != got {
			t.Error("leaving twice is not the same as leaving once")
		}
	})
}

// unwatched is a run where there is no cluster.
type unwatched struct{ *probe.Runner }

func (unwatched) Rollouts(string) ([]time.Time, string) { return nil, "" }

// TestSameNumbers: the table shows what the engine returned, and the engine
// returned all that was asked of it, although it was looked at all the time.
func TestSameNumbers(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") }))
	defer server.Close()
	o := with(nil)
	measuretest.EngineOf(&o.Tools).Prepares = func(plan probe.Plan, targets ...probe.Target) (tools.Prober, error) {
		r, err := probe.NewRunner(plan, targets...)
		return unwatched{r}, err
	}
	measuretest.EngineOf(&o.Tools).Budgets = probe.ReadBudget
	address := strings.TrimPrefix(server.URL, "http://")
	l := loop{start(o, 140, 50).plan(address, address), make(chan tea.Msg)}
	l.key("enter")
	trial := l.run.trial
	go func() { // far more often than a screen does
		for often := time.Tick(time.Millisecond); ; <-often {
			select {
			case <-trial.ended:
				return
			default:
				trial.prober.Snapshot()
			}
		}
	}()
	l.until(func() bool { return trial.over })
	r, _ := l.Leave()
	if r == nil || r.Partial {
		t.Fatalf("%+v", r)
	}
	plan := probe.DefaultPlan()
	for i, s := range r.Series {
		if s.Requests != int64(plan.Requests) || len(s.Blocks) != plan.Blocks || s.Failed() != 0 {
			t.Errorf("target %d: %d requests in %d blocks, %d failed", i, s.Requests, len(s.Blocks), s.Failed())
		}
	}
	text := l.text()
	for _, p := range r.Phases() {
		var row string
		for _, line := range strings.Split(text, "\n") {
			if strings.HasPrefix(line, " "+page.PhaseName(p)+" µs") || strings.HasPrefix(line, " "+page.PhaseName(p)+" ms") {
				row = line
			}
		}
		var want []string
		for _, s := range r.Series {
			for _, c := range figures() {
				want = append(want, figure(c.of(s.Phases[p]), s.Phases[p].N, l.run.watch.unit(p)))
			}
		}
		got := strings.Fields(strings.Replace(row, "│", "", 1))
		if len(got) < 2 || strings.Join(got[2:], " ") != strings.Join(want, " ") {
			t.Errorf("%s: the table says %v, the engine %v", p, got, want)
		}
	}
	said, _ := page.Versus{A: "A", B: "B", Difference: r.Compare(0, 1).Phases[l.run.watch.phase], Ended: true}.Sentence(say.Voice{})
	if want := strings.TrimSuffix(said, "."); !strings.Contains(text, want) {
		t.Errorf("no %q on the screen:\n%s", want, text)
	}
}
