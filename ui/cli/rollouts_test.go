package cli

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

// TestRolloutsLastAsLongAsTheRun: each address is watched once, from the start of
// the run to its end, and a second run begins with no changes.
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
	marks := &rollouts{watch: func(ctx context.Context, at string, each func(time.Time, string)) error {
		if watches.Add(1); at != address {
			return errors.New("endpointslices watch forbidden\x1b[2J")
		}
		for range maxMarks + 1 {
			each(time.Now(), "1 terminating")
		}
		seen <- struct{}{}
		<-ctx.Done()
		ended.Add(1)
		return nil
	}}
	plan := probe.DefaultPlan()
	plan.Requests, plan.Blocks, plan.WarmUp, plan.Concurrency = 20, 2, 0, 1
	for run := range int64(2) {
		same := probe.Target{Name: "A", Address: address, Kind: probe.HTTP, Path: "/"}
		p, err := marks.prepare(plan, same, probe.Target{Name: "B", Address: other, Kind: probe.HTTP, Path: "/"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-seen
		if watches.Load() != 2*(run+1) || ended.Load() != run+1 || len(marks.times(address)) != maxMarks {
			t.Errorf("run %d: %d watches, %d ended, %d changes", run, watches.Load(), ended.Load(), len(marks.times(address)))
		}
	}
	if got := marks.missing(other); got != "rollout marks: endpointslices watch forbidden" || marks.missing(address) != "" {
		t.Errorf("missing: %q and %q", got, marks.missing(address))
	}
}

// TestRolloutsSurviveADefect: a watch that panics is no reason to end a run.
func TestRolloutsSurviveADefect(t *testing.T) {
	t.Parallel()
	marks := &rollouts{watch: func(context.Context, string, func(time.Time, string)) error { panic("here") }}
	marks.seen, marks.gap = map[string][]time.Time{}, map[string]string{}
	marks.follow(t.Context(), "a")
	if got := marks.missing("a"); got != "rollout marks: a defect in kpadvisor: here" {
		t.Errorf("missing: %q", got)
	}
}

// TestNothingIsWatchedWithoutACluster: the run is the engine's own.
func TestNothingIsWatchedWithoutACluster(t *testing.T) {
	t.Parallel()
	marks := &rollouts{}
	p, err := marks.prepare(probe.DefaultPlan(), probe.Target{Name: "A", Address: "127.0.0.1:9", Kind: probe.HTTP, Path: "/"})
	if _, ok := p.(*probe.Runner); !ok || err != nil || marks.times("127.0.0.1:9") != nil || marks.missing("127.0.0.1:9") != "" {
		t.Errorf("%T, %v", p, err)
	}
}
