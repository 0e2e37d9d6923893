package probe

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestPlanBudget(t *testing.T) {
	http, tcp := Target{Name: "A", Kind: HTTP}, Target{Name: "A", Kind: TCP}
	full := PortState{Known: true, Low: 32768, High: 60999, HoldsPort: timeWait}
	waiting := func(s PortState, n int, left time.Duration) PortState {
		for i := range n {
			s.TimeWait = append(s.TimeWait, left+time.Duration(i)*time.Millisecond)
		}
		return s
	}
	narrow := PortState{Known: true, Low: 40000, High: 40099, HoldsPort: timeWait}
	loopback := narrow
	loopback.HoldsPort = time.Second
	busy := narrow
	busy.InUse = 95
	plan := func(change func(*Plan)) Plan {
		p := DefaultPlan()
		change(&p)
		return p
	}
	same := func(*Plan) {}
	for _, c := range []struct {
		name   string
		plan   Plan
		target Target
		state  PortState
		want   Verdict
		wait   time.Duration
		says   string
	}{
		{"http needs as many as are at once", plan(same), http, full, Enough, 0, "28232 of 28232 are free"},
		{"http, all others in use", plan(same), http, busy, Refuse, 0, "other connections to the target hold 95"},
		{"tcp blocks of 200", plan(same), tcp, full, Enough, 0, "200 source ports in TIME_WAIT"},
		{"tcp block larger than the range", plan(same), tcp, narrow, Refuse, 0, "more source ports than the 50"},
		{"two addresses double the range", plan(func(p *Plan) { p.Sources, p.Requests = make([]netip.Addr, 2), 2000 }), tcp, narrow, Enough, 0, "100 of 100"},
		{"tcp waits for TIME_WAIT", plan(func(p *Plan) { p.Requests = 1000 }), tcp, waiting(narrow, 90, 20*time.Second), Wait, 20*time.Second + 89*time.Millisecond, "enough of the 90"},
		{"loopback frees a port after 1 s", plan(func(p *Plan) { p.Requests = 1000 }), tcp, waiting(loopback, 90, 20*time.Second), Enough, 0, "50 of 50"},
		{"loopback, just closed", plan(func(p *Plan) { p.Requests = 1000 }), tcp, waiting(loopback, 90, 59500*time.Millisecond), Wait, 589 * time.Millisecond, "end in"},
		{"rate the ports sustain", plan(func(p *Plan) { p.Rate, p.Requests, p.Duration = 200, 0, time.Hour }), tcp, full, Enough, 0, "12000"},
		{"rate they do not", plan(func(p *Plan) { p.Rate, p.Requests, p.Duration = 500, 0, time.Hour }), tcp, full, Refuse, 0, "at most 235/s"},
		{"high rate, short run", plan(func(p *Plan) { p.Rate = 5000 }), tcp, full, Enough, 0, "4200 source ports"},
		{"tcp for a time", plan(func(p *Plan) { p.Requests, p.Duration = 0, time.Minute }), tcp, full, Enough, 0, "end early"},
		{"sequential, once each", plan(func(p *Plan) { p.Ports = SourcePorts{SequentialPorts, 40000, 49999} }), tcp, full, Enough, 0, "4200 connections use each"},
		{"sequential, too few", plan(func(p *Plan) { p.Ports = SourcePorts{SequentialPorts, 40000, 40999} }), tcp, full, Refuse, 0, "too few"},
		{"sequential, for a time", plan(func(p *Plan) {
			p.Ports, p.Requests, p.Duration = SourcePorts{SequentialPorts, 40000, 49999}, 0, time.Minute
		}), tcp, full, Refuse, 0, "1m0s of connections"},
		{"reuse", plan(func(p *Plan) { p.Ports = SourcePorts{ReusePorts, 40000, 40007} }), http, full, Enough, 0, "8 of 8"},
		{"not known", plan(same), tcp, PortState{}, Enough, 0, "does not say"},
	} {
		got := PlanBudget(c.plan, []Target{c.target}, []PortState{c.state})
		if got.Verdict != c.want || got.Wait != c.wait || !strings.Contains(got.Why, c.says) {
			t.Errorf("%s: %s %v %q, want %s %v with %q", c.name, got.Verdict, got.Wait, got.Why, c.want, c.wait, c.says)
		}
	}
	worst := PlanBudget(DefaultPlan(), []Target{{Name: "A", Kind: HTTP}, {Name: "B", Kind: TCP}}, []PortState{narrow, narrow})
	if worst.Target != "B" || worst.Verdict != Refuse {
		t.Errorf("the worst of two is %+v", worst)
	}
}

// Each hit takes an entry of conntrack, for as long as a closed connection stays there.
func TestConntrackBudget(t *testing.T) {
	table := Conntrack{Known: true, Count: 1000, Max: 10_000, Holds: 2 * time.Minute}
	full := PortState{Known: true, Low: 1024, High: 65535, HoldsPort: time.Second}
	for _, c := range []struct {
		name   string
		change func(*Plan)
		table  Conntrack
		want   Verdict
		need   int
	}{
		{"8,400 fit into 9,000", func(*Plan) {}, table, Enough, 8400},
		{"10,400 do not", func(p *Plan) { p.Requests, p.Blocks, p.WarmUp = 5200, 20, 0 }, table, Refuse, 10_400},
		{"70/s for 2 minutes fit", func(p *Plan) { p.Rate, p.Requests, p.Duration = 70, 0, time.Hour }, table, Enough, 8400},
		{"80/s do not", func(p *Plan) { p.Rate, p.Requests, p.Duration = 80, 0, time.Hour }, table, Refuse, 9600},
		{"80/s for a minute do", func(p *Plan) { p.Rate, p.Requests, p.Duration, p.WarmUp = 80, 0, 50*time.Second, 0 }, table, Enough, 8000},
		{"nobody knows how many", func(p *Plan) { p.Requests, p.Duration = 0, time.Hour }, table, Enough, 0},
		{"no table", func(p *Plan) { p.Requests = 50_000 }, Conntrack{}, Enough, 0},
	} {
		plan := DefaultPlan()
		c.change(&plan)
		targets := []Target{{Name: "A", Kind: HTTP}, {Name: "B", Kind: HTTP}}
		got := PlanBudget(plan, targets, []PortState{full, full}).tracked(plan, 2, c.table)
		if got.Verdict != c.want || got.Conntrack.Need != c.need || strings.Contains(got.Why, "nf_conntrack_max") != (c.want == Refuse) {
			t.Errorf("%s: %+v, want %s, %d entries", c.name, got, c.want, c.need)
		}
	}
	kept := Budget{Verdict: Refuse, Why: "ports"}.tracked(Plan{Requests: 1e6, Blocks: 1}, 1, table)
	if kept.Why != "ports" {
		t.Errorf("the first reason is lost: %+v", kept)
	}
}

// Before a block only what that block takes is asked for: at a rate that lasts,
// the ports of earlier blocks are still held.
func TestBudgetOfOneBlock(t *testing.T) {
	p := DefaultPlan()
	p.Rate, p.Requests, p.Duration, p.Blocks = 200, 0, time.Hour, 360
	state := PortState{Known: true, Low: 32768, High: 60999, HoldsPort: timeWait, TimeWait: make([]time.Duration, 10_000)}
	for i := range state.TimeWait {
		state.TimeWait[i] = timeWait
	}
	if b := targetBudget(p, Target{Kind: TCP}, state); b.Verdict != Wait || b.Need != 12_000 {
		t.Errorf("the plan: %+v", b)
	}
	if b := targetBudget(p.oneBlock(Turn{Round: 5}), Target{Kind: TCP}, state); b.Verdict != Enough || b.Need != 2000 {
		t.Errorf("a block: %+v", b)
	}
	p = Plan{Requests: 29, Blocks: 10, WarmUp: 2}
	if one := p.oneBlock(Turn{Round: 9}); one.Requests != 2 || one.total() != 2 {
		t.Errorf("the last block is %+v", one)
	}
}

func TestAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &Runner{}
		asked := 0
		start := time.Now()
		b, err := r.await(t.Context(), func() (Budget, error) {
			if asked++; asked == 1 {
				return Budget{Verdict: Wait, Wait: 20 * time.Second, Why: "ports"}, nil
			}
			return Budget{Verdict: Enough}, nil
		})
		if err != nil || b.Verdict != Enough || time.Since(start) != 20*time.Second || r.progress.State != PortsWait || r.progress.Why != "ports" {
			t.Errorf("got %+v, %v after %v in state %+v", b, err, time.Since(start), r.progress)
		}
		_, err = r.await(t.Context(), func() (Budget, error) { return Budget{Verdict: Wait, Wait: time.Second}, nil })
		if took := time.Since(start); err == nil || took > 3*time.Minute {
			t.Errorf("waiting in vain ends with %v after %v", err, took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err = r.await(ctx, func() (Budget, error) { return Budget{Verdict: Wait, Wait: time.Hour}, nil }); err == nil {
			t.Error("a cancel does not end the wait")
		}
	})
}
