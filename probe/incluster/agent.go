package incluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kpadvisor/jobs"
	"kpadvisor/plain"
	"kpadvisor/probe"
)

// Agent measures by its orders and writes lines to out until it has done so, or
// ctx ends. Place says which pod it is.
func Agent(ctx context.Context, orders Orders, place Place, out io.Writer) error {
	if err := orders.Validate(); err != nil {
		return err
	}
	place.Index += orders.First
	a := &agent{orders: orders, place: place, out: &writer{to: out, now: time.Now}}
	check, err := a.run(ctx)
	end := End{Check: check, Skipped: a.skipped, Told: ctx.Err() != nil}
	if now, ok := throttled(); ok {
		end.Throttled = now - a.throttled
	}
	if err != nil && ctx.Err() == nil {
		end.Error = plain.Line(err.Error(), jobs.MostText)
	}
	if wrote := a.out.write(Line{End: &end}); wrote != nil {
		return wrote
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// Place says which pod an agent runs in.
type Place struct {
	Node    string // its node
	Index   int    // of the pod within its Job
	Version string // of this program
}

// agent is a run of Agent.
type agent struct {
	orders    Orders
	place     Place
	out       *writer
	runner    *probe.Runner
	throttled int64 // before it began

	began   atomic.Int64 // zero of the runner's times, since the epoch; 0 until it is known
	first   int          // the schedule's round of the runner's first, moved on when rounds are skipped
	last    int          // the round before which it ends
	enough  func()       // ends the run
	round   int          // of the current block
	block   int          // within the round
	skipped int
	told    []time.Duration // by target: the end of the last interval that was written
}

// The pauses of an agent.
const (
	lookEvery  = 100 * time.Millisecond // at its own counters
	sayEvery   = time.Second            // at least, so that silence means something
	echoLimit  = 90 * time.Second       // until the echo server answers
	echoPause  = 200 * time.Millisecond
	echoInARow = 3 // good answers before it is believed: the first rules may still be on their way
)

// firstAskingPort is the source port of the first question to the echo server,
// each further one comes from the next. Kernels rarely choose such low ports by
// themselves, and must not choose these: what is sent before the Service's rules
// are there goes astray, and so would whatever comes from the same port in the two
// minutes for which conntrack remembers that.
const firstAskingPort = 1024

// run measures. The check is nil if that did not begin.
func (a *agent) run(ctx context.Context) (*probe.SelfCheck, error) {
	a.throttled, _ = throttled()
	targets, err := a.aim(ctx)
	if err != nil {
		return nil, err
	}
	budget, err := probe.ReadBudget(ctx, a.orders.Plan, targets...)
	if err != nil {
		return nil, err
	}
	if a.runner, err = probe.NewRunner(a.orders.Plan, targets...); err != nil {
		return nil, err
	}
	a.runner.Hook(probe.Hooks{Before: a.await, After: a.record})
	a.told = make([]time.Duration, len(targets))
	a.first = a.orders.Schedule.First(time.Now())
	a.last = a.first + a.orders.Plan.WarmUp + a.orders.Rounds
	hello := Hello{
		Run: a.orders.Run, Node: a.place.Node, Group: a.orders.Group, Index: a.place.Index, First: a.first + a.orders.Plan.WarmUp,
		Environment: probe.ThisEnvironment(a.place.Version), Budget: budget,
	}
	for _, t := range targets {
		hello.Resolved = append(hello.Resolved, t.Address)
	}
	if err := a.out.write(Line{Hello: &hello}); err != nil {
		return nil, err
	}
	result, err := a.fire(ctx)
	if err != nil {
		return nil, err
	}
	return &result.SelfCheck, nil
}

// aim returns the targets; with an echo server it waits for that first.
func (a *agent) aim(ctx context.Context) ([]probe.Target, error) {
	if !a.orders.Echo {
		return a.orders.Targets, nil
	}
	service := a.orders.Targets[0]
	direct, err := a.askEcho(ctx, service)
	if err != nil {
		return nil, err
	}
	control := service
	control.Address, control.Host, control.Besides = direct, service.Address, ""
	return []probe.Target{service, control}, nil
}

// askEcho asks the echo server where it is, by each of its Services, until it says so
// reliably.
func (a *agent) askEcho(ctx context.Context, service probe.Target) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, echoLimit)
	defer cancel()
	port := firstAskingPort
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			dialer := net.Dialer{LocalAddr: &net.TCPAddr{Port: port}}
			port++
			return dialer.DialContext(ctx, network, address)
		},
	}}
	var last error
	answer, inARow := "", 0
	for {
		address, err := whereByAll(ctx, client, service)
		switch {
		case err != nil:
			last, inARow = err, 0
		case address != answer:
			answer, inARow = address, 1
		default:
			inARow++
		}
		if inARow == echoInARow {
			return answer, nil
		}
		if err := a.out.write(Line{Progress: &Stage{State: "waiting for the echo server", Why: sayWhy(err)}}); err != nil {
			return "", err
		}
		select {
		case <-time.After(echoPause):
		case <-ctx.Done():
			return "", fmt.Errorf("the echo server at %s did not answer within %v: %w", service.Address, echoLimit, last)
		}
	}
}

func sayWhy(err error) string {
	if err == nil {
		return ""
	}
	return plain.Line(err.Error(), jobs.MostText)
}

// whereByAll asks at each of the target's addresses, up to the first that does not
// answer.
func whereByAll(ctx context.Context, client *http.Client, t probe.Target) (string, error) {
	all := []string{t.Address}
	if t.Besides != "" {
		all = append(all, strings.Split(t.Besides, ",")...)
	}
	var here string
	for i, service := range all {
		address, err := where(ctx, client, "http://"+service+"/")
		switch {
		case err != nil:
			return "", err
		case i > 0 && address != here:
			return "", fmt.Errorf("the Services lead to different servers: %s to %s, %s to %s", all[0], here, service, address)
		}
		here = address
	}
	return here, nil
}

// where asks an echo server for its address.
func where(ctx context.Context, client *http.Client, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	answer, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 128))
	if err != nil {
		return "", err
	}
	address, err := netip.ParseAddrPort(strings.TrimSpace(string(text)))
	if err != nil || answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s is no echo server: it answers %s", url, answer.Status)
	}
	return netip.AddrPortFrom(address.Addr().Unmap(), address.Port()).String(), nil
}

// errRoundsOver ends a run whose schedule has no further rounds.
var errRoundsOver = errors.New("the rounds are over")

// fire runs the engine and writes what it does meanwhile.
func (a *agent) fire(ctx context.Context) (probe.Result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	a.enough = func() { cancel(errRoundsOver) }
	var watching sync.WaitGroup
	done := make(chan struct{})
	watching.Go(func() { a.watch(done, cancel) })
	result, err := a.runner.Run(ctx)
	if err == nil && result.Stopped != "" {
		err = errors.New(result.Stopped)
	}
	close(done)
	watching.Wait()
	a.say() // what was seen since the last look
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errRoundsOver) && err != nil: // it measured nothing
		err = fmt.Errorf("missed all %d rounds: this node was too busy to begin any within %v of its time",
			a.orders.Rounds, a.orders.Schedule.Guard/2)
	case cause != nil && !errors.Is(cause, context.Canceled) && !errors.Is(cause, errRoundsOver):
		err = cause
	}
	return result, err
}

// watch writes what the runner does until done. If that cannot be written, it
// makes no sense to go on.
func (a *agent) watch(done <-chan struct{}, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var last Stage
	var said time.Time
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		stage := a.say()
		if stage != last || time.Since(said) >= sayEvery {
			last, said = stage, time.Now()
			if err := a.out.write(Line{Progress: &stage}); err != nil {
				cancel(err)
				return
			}
		}
	}
}

// say writes the intervals that ended since the last time, and returns the stage.
func (a *agent) say() Stage {
	s := a.runner.Snapshot()
	var seen []Seen
	offset := time.Duration(a.began.Load())
	for i, series := range s.Series {
		for _, interval := range series.Intervals {
			if interval.At+interval.Length <= a.told[i] {
				continue
			}
			a.told[i] = interval.At + interval.Length
			interval.At += offset
			if interval.At >= 0 {
				seen = append(seen, Seen{Target: i, Interval: interval})
			}
		}
	}
	if len(seen) > 0 {
		_ = a.out.write(Line{Seen: seen}) // the writer keeps the error, the next line returns it
	}
	return Stage{State: s.State, Why: s.Why}
}

// await holds a block back until its slot, and moves on to a later round if the
// slot is missed: a block that began late would reach into another's turn.
func (a *agent) await(ctx context.Context, turn probe.Turn) error {
	s := a.orders.Schedule
	if a.began.Load() == 0 {
		a.began.Store(int64(time.Now().Add(-a.runner.Snapshot().Elapsed).Sub(s.Epoch)))
	}
	round := a.first + turn.Round
	if !turn.Warm {
		round += a.orders.Plan.WarmUp
	}
	if round != a.round {
		a.block = 0
	}
	if now := time.Now(); now.After(s.Start(round, a.orders.Group, a.block).Add(s.Guard / 2)) {
		next := a.rejoin(now)
		a.skipped += next - round
		a.first += next - round
		round, a.block = next, 0
	}
	if round >= a.last {
		a.enough()
		return context.Canceled
	}
	start := s.Start(round, a.orders.Group, a.block).Add(time.Duration(a.place.Index) * a.orders.Stagger)
	a.round = round
	a.block++
	for { // the clock may be set meanwhile
		wait := time.Until(start)
		if wait <= 0 {
			return nil
		}
		select {
		case <-time.After(min(wait, sayEvery)):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// rejoin is the round with which a pod goes on that has missed its turn: one that
// all who missed theirs agree on, so that pods whose hits hang, and who come late
// every time, come late together, and their rounds are complete.
func (a *agent) rejoin(now time.Time) int {
	every := int(a.orders.Plan.Timeout/a.orders.Schedule.Round()) + 1
	return (a.orders.Schedule.First(now) + every - 1) / every * every
}

// record writes a block that ended, under the round and the time of the schedule.
func (a *agent) record(r probe.Record) {
	r.Block.Round = a.round
	r.Block.At = max(0, r.Block.At+time.Duration(a.began.Load()))
	_ = a.out.write(Line{Record: &r}) // the writer keeps the error, the next line returns it
}
