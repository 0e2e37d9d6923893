package incluster

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kpadvisor/probe"
)

// runnerTo is a short run of the probe.
func runnerTo(t *testing.T, targets ...probe.Target) *probe.Runner {
	t.Helper()
	plan := probe.DefaultPlan()
	plan.Requests, plan.Blocks, plan.WarmUp, plan.Concurrency = 20, 2, 0, 1
	r, err := probe.NewRunner(plan, targets...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestRolloutsLastAsLongAsTheRun: each address is watched once, from the start of
// the run to its end, and another run begins with no changes.
func TestRolloutsLastAsLongAsTheRun(t *testing.T) {
	t.Parallel()
	serve := func() (address string) {
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		t.Cleanup(server.Close)
		return strings.TrimPrefix(server.URL, "http://")
	}
	address, other := serve(), serve()
	var watches, ended atomic.Int64
	seen := make(chan struct{}, 10)
	watcher := func(ctx context.Context, at string, each func(time.Time, string)) error {
		if watches.Add(1); at != address {
			return errors.New("endpointslices watch forbidden\x1b[2J")
		}
		for range mostMarks + 1 {
			each(time.Now(), "1 terminating")
		}
		seen <- struct{}{}
		<-ctx.Done()
		ended.Add(1)
		return nil
	}
	a, b := probe.Target{Name: "A", Address: address, Kind: probe.HTTP, Path: "/"}, probe.Target{Name: "B", Address: other, Kind: probe.HTTP, Path: "/"}
	for run := range int64(2) {
		w := Watch(runnerTo(t, a, b), watcher, a, a, b)
		if _, err := w.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-seen
		at, gap := w.Rollouts(address)
		if watches.Load() != 2*(run+1) || ended.Load() != run+1 || len(at) != mostMarks || gap != "" {
			t.Errorf("run %d: %d watches, %d ended, %d changes, gap %q", run, watches.Load(), ended.Load(), len(at), gap)
		}
		if at, gap := w.Rollouts(other); at != nil || gap != "rollout marks: endpointslices watch forbidden" {
			t.Errorf("%v, %q", at, gap)
		}
	}
}

// TestRolloutsSurviveADefect: a watch that panics is no reason to end a run.
func TestRolloutsSurviveADefect(t *testing.T) {
	t.Parallel()
	r := rollouts{watch: func(context.Context, string, func(time.Time, string)) error { panic("here") }}
	r.begin(t.Context(), "a")()
	if _, gap := r.Rollouts("a"); gap != "rollout marks: a defect in kpadvisor: here" {
		t.Errorf("missing: %q", gap)
	}
}

// TestNothingIsWatchedWithoutACluster: the run is the engine's own.
func TestNothingIsWatchedWithoutACluster(t *testing.T) {
	t.Parallel()
	a := probe.Target{Name: "A", Address: "127.0.0.1:9", Kind: probe.TCP}
	w := Watch(runnerTo(t, a), nil, a)
	if _, err := w.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if at, gap := w.Rollouts(a.Address); at != nil || gap != "" {
		t.Errorf("%v, %q", at, gap)
	}
}
