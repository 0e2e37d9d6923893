package incluster

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"kpadvisor/probe"
)

// echoServer runs the real one on loopback.
func echoServer(t *testing.T) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- serveEcho(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// TestAskEcho: no source port is used twice, nor one that the kernel may choose for
// what is measured: conntrack remembers where a connection went before the rules of
// its Service were there.
func TestAskEcho(t *testing.T) {
	var asked []int
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil {
			t.Error(err)
		}
		asked = append(asked, int(from.Port()))
		if len(asked) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = io.WriteString(w, "10.244.1.7:8080")
	}))
	defer server.Close()
	a := &agent{out: &writer{to: io.Discard, now: time.Now}}
	at := server.Listener.Addr().String()
	address, err := a.askEcho(t.Context(), probe.Target{Address: at, Besides: at + "," + at})
	if err != nil || address != "10.244.1.7:8080" || len(asked) != 2+3*echoInARow { // by every Service
		t.Errorf("%q, %v, asked from %v", address, err, asked)
	}
	for i, port := range asked {
		if port < firstAskingPort || port > firstAskingPort+100 || slices.Contains(asked[:i], port) {
			t.Errorf("asked from ports %v", asked)
		}
	}
}

// orders are for six rounds of 0.2 s on an echo server.
func orders(address string) Orders {
	plan := DefaultPlan()
	plan.Blocks, plan.WarmUp, plan.Duration, plan.Rate, plan.Concurrency, plan.Timeout = 6, 1, 6*60*time.Millisecond, 200, 4, time.Second
	return Orders{
		Run: "x", Group: 1, Echo: true, Plan: plan, Rounds: 6,
		Targets:  []probe.Target{{Name: "B", Address: address, Kind: probe.HTTP, Path: "/"}},
		Schedule: Schedule{Epoch: time.Now().Add(-time.Hour).Truncate(time.Second), Slot: 100 * time.Millisecond, Guard: 40 * time.Millisecond, Groups: 2, Blocks: 2, Seed: 1},
	}
}

// lines runs an agent and reads what it writes.
func lines(ctx context.Context, t *testing.T, o Orders) ([]Line, error) {
	t.Helper()
	out := new(telling)
	failed := Agent(ctx, o, Place{Node: "n1", Index: 0, Version: "test"}, out)
	return out.lines(t), failed
}

// TestAgent: a real engine and a real server. Blocks keep to the slots of their
// group, and what is said adds up. A machine that is busy misses rounds, so it goes
// on until enough were measured.
func TestAgent(t *testing.T) {
	o := orders(echoServer(t))
	o.Rounds, o.Plan.Blocks, o.Plan.Duration = 1000, 1000, 60*time.Second
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out := &telling{after: []byte(`"record":{"target":1,"whole"`), times: 6, tell: cancel}
	if err := Agent(ctx, o, Place{Node: "n1", Index: 0, Version: "test"}, out); err != nil {
		t.Fatal(err)
	}
	all := out.lines(t)
	var hello *Hello
	var records []probe.Record
	var seen [2]int64
	for _, l := range all {
		if l.Hello != nil {
			hello = l.Hello
		}
		if l.Record != nil {
			records = append(records, *l.Record)
		}
		for _, s := range l.Seen {
			seen[s.Target] += s.Interval.Requests
		}
	}
	end := all[len(all)-1].End
	if hello == nil || end == nil || !end.Told || end.Error != "" || end.Check == nil {
		t.Fatalf("hello %+v, end %+v", hello, end)
	}
	if hello.Node != "n1" || hello.Group != 1 || len(hello.Resolved) != 2 || hello.Resolved[1] != o.Targets[0].Address {
		t.Errorf("hello %+v", hello)
	}
	var measured [2]int64
	rounds, late := map[int]int{}, 0
	for _, r := range records {
		if r.Block.Failed > 0 {
			t.Errorf("record %+v", r)
		}
		measured[r.Target] += r.Block.Requests
		if !r.Warm {
			rounds[r.Block.Round]++
		}
		// One of the two slots of its group holds its beginning: the guard of it, unless
		// the machine was busy just then.
		var inside, atOnce bool
		for block := range 2 {
			start := o.Schedule.Start(r.Block.Round, 1, block).Sub(o.Schedule.Epoch)
			inside = inside || r.Block.At >= start-time.Millisecond && r.Block.At < start+o.Schedule.Slot
			atOnce = atOnce || r.Block.At >= start-time.Millisecond && r.Block.At < start+o.Schedule.Guard
		}
		if !atOnce {
			late++
		}
		if !inside {
			t.Errorf("round %d begins at %v, its slots at %v and %v", r.Block.Round, r.Block.At,
				o.Schedule.Start(r.Block.Round, 1, 0).Sub(o.Schedule.Epoch), o.Schedule.Start(r.Block.Round, 1, 1).Sub(o.Schedule.Epoch))
		}
	}
	if 2*late > len(records) {
		t.Errorf("%d of %d blocks began late", late, len(records))
	}
	if measured != seen {
		t.Errorf("blocks of %v hits, intervals of %v", measured, seen)
	}
	for round, n := range rounds {
		if round < hello.First || n > 2 {
			t.Errorf("round %d, first %d, has %d blocks", round, hello.First, n)
		}
	}
	if len(rounds) < 5 {
		t.Errorf("%d rounds", len(rounds))
	}
}

// TestAgentIsTold: told to end it says so, and what it measured.
func TestAgentIsTold(t *testing.T) {
	o := orders(echoServer(t))
	o.Rounds, o.Plan.Blocks, o.Plan.Duration = 1000, 1000, 60*time.Second
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out := &telling{after: []byte(`"record":{"target":1,"whole"`), times: 1, tell: cancel}
	if err := Agent(ctx, o, Place{Node: "n1"}, out); err != nil {
		t.Fatal(err)
	}
	all := out.lines(t)
	if end := all[len(all)-1].End; end == nil || !end.Told || end.Check == nil || end.Error != "" {
		t.Errorf("end %+v", end)
	}
}

// telling keeps what an agent writes, and tells it to end once it has written
// something so many times.
type telling struct {
	after []byte
	times int
	tell  func()
	all   bytes.Buffer
}

func (w *telling) Write(line []byte) (int, error) {
	if w.times > 0 && bytes.Contains(line, w.after) {
		if w.times--; w.times == 0 {
			w.tell()
		}
	}
	return w.all.Write(line)
}

func (w *telling) lines(t *testing.T) []Line {
	t.Helper()
	var all []Line
	err := eachLine(&w.all, func(text []byte) error {
		l, err := readLine(text)
		all = append(all, l)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestAgentEnds: by the number of rounds of the schedule, also if it misses them.
func TestAgentEnds(t *testing.T) {
	var lc net.ListenConfig
	silent, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0") // connects, and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	o := orders(silent.Addr().String())
	o.Echo, o.Plan.WarmUp, o.Plan.Timeout = false, 0, 500*time.Millisecond
	o.Rounds, o.Plan.Blocks, o.Plan.Duration = 12, 12, 12*60*time.Millisecond
	began := time.Now()
	all, err := lines(t.Context(), t, o)
	end := all[len(all)-1].End
	if err != nil || end == nil || end.Skipped == 0 || end.Told {
		t.Errorf("%v, end %+v", err, end)
	}
	if took := time.Since(began); took > 12*o.Schedule.Round()+2*time.Second {
		t.Errorf("12 rounds of %v took %v", o.Schedule.Round(), took)
	}
}

// TestRejoin: pods that missed their turn at different times of the same hang go
// on with the same round.
func TestRejoin(t *testing.T) {
	a := &agent{orders: orders("127.0.0.1:80")}
	s := a.orders.Schedule
	every := int(a.orders.Plan.Timeout/s.Round()) + 1
	rounds := map[int]int{}
	for at := s.Epoch; at.Before(s.Epoch.Add(60 * s.Round())); at = at.Add(s.Slot / 2) {
		next := a.rejoin(at)
		if s.Start(next, 0, 0).Add(s.Round()).Before(at) || next%every != 0 || next-s.First(at) >= every {
			t.Errorf("at %v it goes on with round %d, the next is %d", at.Sub(s.Epoch), next, s.First(at))
		}
		rounds[next]++
	}
	if len(rounds) > 60/every+1 {
		t.Errorf("%d different rounds of 60", len(rounds))
	}
}

// TestAgentMissesAll: a pod that hangs through all of its turns says so.
func TestAgentMissesAll(t *testing.T) {
	o := orders(echoServer(t))
	o.Plan.WarmUp = 0
	hanging := &telling{after: []byte(`"hello"`), times: 1, tell: func() {
		over := o.Schedule.Start(o.Schedule.First(time.Now())+o.Rounds+1, 0, 0)
		<-time.After(time.Until(over))
	}}
	err := Agent(t.Context(), o, Place{}, hanging)
	all := hanging.lines(t)
	if end := all[len(all)-1].End; err == nil || !strings.Contains(err.Error(), "missed all 6 rounds") || end == nil || end.Error == "" {
		t.Errorf("%v, end %+v", err, end)
	}
}

func TestAgentFails(t *testing.T) {
	o := orders("127.0.0.1:80")
	o.Echo, o.Plan.Rate = false, 100_000
	o.Targets[0].Kind, o.Targets[0].Path = probe.TCP, ""
	all, err := lines(t.Context(), t, o)
	if budget := new(probe.BudgetError); !errors.As(err, &budget) || len(all) < 2 || all[len(all)-1].End == nil || !strings.Contains(all[len(all)-1].End.Error, "source ports in TIME_WAIT") {
		t.Errorf("%v, lines %+v", err, all) // one of them may say that the ports are being counted
	}
	if err := Agent(t.Context(), orders(echoServer(t)), Place{}, full{}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("a log that takes nothing: %v", err)
	}
	if err := Agent(t.Context(), Orders{}, Place{}, full{}); err == nil {
		t.Error("no orders were taken")
	}
}

func TestOrders(t *testing.T) {
	o := orders("127.0.0.1:80")
	got, err := ReadOrders(o.String())
	if err != nil || got.String() != o.String() {
		t.Errorf("%v\n%s\n%s", err, got, o)
	}
	for name, text := range map[string]string{
		"nothing": "", "no JSON": "x", "an order that is not understood": strings.Replace(o.String(), `"run"`, `"exec": "rm", "run"`, 1),
		"another group": strings.Replace(o.String(), `"group": 1`, `"group": 7`, 1), "no rounds": strings.Replace(o.String(), `"rounds": 6`, `"rounds": 0`, 1),
		"no duration": strings.Replace(o.String(), `"durationNs": 360000000`, `"durationNs": 0`, 1),
	} {
		if _, err := ReadOrders(text); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}
