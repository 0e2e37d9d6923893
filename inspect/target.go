package inspect

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"kpadvisor/advisor"
	"kpadvisor/jobs"
	"kpadvisor/plain"
)

// target is one node that is read, as the session knows it. It is guarded by the session's
// mutex.
type target struct {
	index     int // among the nodes, and of its Job
	node      string
	created   time.Time // its Job; zero before
	pod       string    // name; empty until there is one
	standing  jobs.Standing
	following bool
	started   time.Time // when its log could first be read
	ended     chan struct{}
	hasEnded  bool
	refused   string // why its pod is not made
	refusedAt time.Time

	report *advisor.NodeReport
	cut    string // why the report is not whole
	gone   string // why there is no report
}

// settled reports whether no more is to be expected of it.
func (t *target) settled() bool { return t.report != nil || t.gone != "" }

// waiting is what keeps it from being read.
func (t *target) waiting() string {
	switch {
	case t.refused != "":
		return t.refused
	case t.pod == "":
		return "its pod has not been made"
	}
	return t.standing.Why
}

// watcher keeps the session told of its pods.
func (s *Session) watcher() *jobs.Watcher {
	return &jobs.Watcher{
		Client: s.client, Pods: s.spec.Pods, Role: RoleCommand, Link: &s.link, Retry: s.patience.retry, Now: s.now,
		Event: s.event, Fail: s.fail, Reasons: s.reasons,
	}
}

// fail ends the inspection for a reason, the first of them.
func (s *Session) fail(t *plain.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.trouble == nil {
		s.trouble = t
	}
}

// lose gives a node up.
func (s *Session) lose(t *target, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.lose(why)
}

func (t *target) lose(why string) {
	if t.settled() {
		return
	}
	if t.gone = why; why == "" {
		t.gone = "its pod ended without a word"
	}
}

// event takes what the API server says of a pod; gone says that it is deleted.
func (s *Session) event(ctx context.Context, p *jobs.Pod, gone bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, index, ok := jobs.Place(p)
	if !ok || name != part || index >= len(s.targets) {
		return
	}
	t := s.targets[index]
	if t.pod == "" {
		t.pod = p.Metadata.Name
	}
	if t.pod != p.Metadata.Name || s.removing && !t.following {
		return
	}
	if at := p.Spec.NodeName; at != "" && at != t.node {
		t.lose("its pod runs on node " + plain.Line(at, jobs.MostText))
		return
	}
	t.refused = ""
	if t.standing = jobs.Stands(p.Status); gone && t.standing.Why == "" {
		t.standing.Why = "its pod was deleted"
	}
	ended := t.standing.Ended || gone
	switch {
	case t.standing.Started && !t.following && !t.settled():
		t.following, t.started = true, s.now()
		s.followers.Go(func() { s.follow(ctx, t) })
	case ended && !t.following:
		t.lose(t.standing.Why)
	}
	if ended && !t.hasEnded {
		t.hasEnded = true
		close(t.ended)
	}
}

// hindered gives up a node of which nothing will come. The lock must be held.
func (s *Session) hindered(t *target) {
	now := s.now()
	switch {
	case t.refused != "" && now.Sub(t.refusedAt) > s.patience.refused:
		t.lose(t.refused)
	case !t.following && t.standing.Hopeless:
		t.lose(t.standing.Why)
	case !t.following && now.Sub(t.created) > s.spec.Start:
		t.lose(jobs.ReasonText(t.waiting(), "not started within "+s.spec.Start.String()))
	case t.following && now.Sub(t.started) > s.spec.Deadline(): // whatever still comes
		t.lose(late(t.standing.Why, now.Sub(t.started)))
	case t.following && !t.hasEnded && now.Sub(t.started) > s.spec.Lasts()+s.patience.slack:
		t.standing.Why = late(t.standing.Why, now.Sub(t.started))
		t.hasEnded = true // its follower takes what there is
		close(t.ended)
	}
}

func late(why string, since time.Duration) string {
	return jobs.ReasonText(why, fmt.Sprintf("no whole report within %v", since.Round(time.Second)))
}

// reasons asks why Jobs have made no pod, and about nodes that are late. An answer that is
// not given (the rights are optional) changes nothing.
func (s *Session) reasons(ctx context.Context) {
	for _, t := range s.some(func(t *target) bool { return t.pod == "" }) {
		why, err := s.client.Refusal(ctx, s.spec.Namespace, s.spec.Name(part, t.index))
		if err != nil {
			continue
		}
		s.mu.Lock()
		if why != "" && t.refused == "" {
			t.refusedAt = s.now()
		}
		t.refused = why
		s.mu.Unlock()
	}
	overdue := func(t *target) bool { return t.following && s.now().Sub(t.started) > s.spec.Lasts() }
	for _, t := range s.some(overdue) {
		var node corev1.Node
		if err := s.client.Get(ctx, jobs.Collection("Node", ""), t.node, &node); err != nil {
			continue
		}
		if why := jobs.Readiness(&node); why != "" {
			s.mu.Lock()
			t.standing.Why = "the node is " + why
			s.mu.Unlock()
		}
	}
}

// some are a few of the nodes that have a Job, are not settled, and are such.
func (s *Session) some(such func(*target) bool) []*target {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.removing {
		return nil
	}
	all := slices.DeleteFunc(slices.Clone(s.targets), func(t *target) bool {
		return t.created.IsZero() || t.settled() || !such(t)
	})
	return all[:min(len(all), jobs.MostReasons)]
}
