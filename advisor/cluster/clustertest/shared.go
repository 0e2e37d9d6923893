package clustertest

import (
	"context"
	"errors"
	"sync"
	"testing"
)

// Shared holds the clusters that the tests of one package share. Each starts
// when the first test asks for it; TestMain calls Stop after the last.
type Shared struct {
	mu           sync.Mutex
	small, large *Cluster
	failed       error // of the first attempt: it is not tried again for every test
}

// Small returns a cluster that is empty but for what tests put there (see
// Cluster.Seed, which takes it away again).
func (s *Shared) Small(t testing.TB) *Cluster {
	t.Helper()
	return s.cluster(t, &s.small, func(ctx context.Context, b Binaries) (*Cluster, error) {
		return newCluster(ctx, b, "")
	})
}

// Large returns the cluster that SeedLarge describes. Tests only read it.
func (s *Shared) Large(t testing.TB) *Cluster {
	t.Helper()
	return s.cluster(t, &s.large, NewLarge)
}

func (s *Shared) cluster(t testing.TB, c **Cluster, start func(context.Context, Binaries) (*Cluster, error)) *Cluster {
	t.Helper()
	b := Require(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	if *c == nil && s.failed == nil {
		// Not the test's context: the cluster outlives the test that starts it.
		*c, s.failed = start(context.Background(), b)
	}
	if s.failed != nil {
		t.Fatal(s.failed)
	}
	return *c
}

// Stop stops what was started.
func (s *Shared) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var failed []error
	for _, c := range []**Cluster{&s.small, &s.large} {
		if *c != nil {
			failed = append(failed, (*c).Stop())
			*c = nil
		}
	}
	return errors.Join(failed...)
}
