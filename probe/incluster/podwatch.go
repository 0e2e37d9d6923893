package incluster

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/watch"

	"kpadvisor/plain"
)

// watch keeps the session told of its pods until ctx ends.
func (s *Session) watch(ctx context.Context) {
	defer func() {
		if v := recover(); v != nil {
			s.roster.mu.Lock()
			s.roster.fail(plain.Fail(fmt.Sprintf("The run ended because of a defect in kpadvisor: %v.", v), "", nil))
			s.roster.mu.Unlock()
		}
	}()
	known := map[string]*pod{}
	pause := s.patience.retryFirst
	for ctx.Err() == nil {
		began := s.now()
		err := s.watchOnce(ctx, known)
		s.reasons(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case apierrors.IsUnauthorized(err), apierrors.IsForbidden(err):
			s.roster.mu.Lock()
			s.roster.fail(requestTrouble("The pods cannot be watched", err))
			s.roster.mu.Unlock()
			return
		case err != nil && passes(err):
			s.link.unreached(s.now(), err)
		}
		if s.now().Sub(began) > time.Second {
			pause = s.patience.retryFirst
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		pause = min(2*pause, s.patience.retryLast)
	}
}

// watchOnce lists the pods and watches them until the server ends that. Pods that
// were known and are not listed are gone.
func (s *Session) watchOnce(ctx context.Context, known map[string]*pod) error {
	all, version, err := list[pod](ctx, s.client, collection("Pod", s.spec.Namespace), s.spec.selector())
	if err != nil {
		return err
	}
	s.link.reached()
	listed := map[string]bool{}
	for i := range all {
		p := &all[i]
		known[p.Metadata.Name], listed[p.Metadata.Name] = p, true
		s.podEvent(ctx, p, false)
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if !listed[name] {
			s.podEvent(ctx, known[name], true)
			delete(known, name)
		}
	}
	watching, cancel := context.WithCancel(ctx)
	defer cancel()
	looking := make(chan struct{})
	go func() { // while there is nothing to watch yet, events say why
		defer close(looking)
		defer func() { _ = recover() }() // the reasons are a courtesy
		s.lookForReasons(watching)
	}()
	err = s.client.watchPods(watching, s.spec.Namespace, s.spec.selector(), version, func(kind watch.EventType, p *pod) {
		gone := kind == watch.Deleted
		if known[p.Metadata.Name] = p; gone {
			delete(known, p.Metadata.Name)
		}
		s.podEvent(ctx, p, gone) // whose log is followed for longer than this watch lasts
	})
	cancel()
	<-looking
	return err
}

const reasonsEvery = 2 * time.Second

// mostReasons is about how many objects are asked for reasons at a time.
const mostReasons = 4

// lookForReasons asks from time to time for what no pod can tell: why there is
// none, and what became of a node that is silent.
func (s *Session) lookForReasons(ctx context.Context) {
	tick := time.NewTicker(reasonsEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.reasons(ctx)
		}
	}
}

// reasons asks why Jobs have made no pod, and about nodes that are silent. An
// answer that is not given (the rights are optional) changes nothing.
func (s *Session) reasons(ctx context.Context) {
	for _, job := range s.withoutPods() {
		events, err := s.client.events(ctx, s.spec.Namespace, "Job", job)
		if err != nil {
			continue
		}
		why := refusal(events)
		s.roster.mu.Lock()
		if why == "" {
			delete(s.roster.refused, job)
		} else {
			if len(s.roster.refused) == 0 {
				s.roster.refusedAt = s.now()
			}
			s.roster.refused[job] = why
		}
		s.roster.mu.Unlock()
	}
	for _, src := range s.silent() {
		var node corev1.Node
		if err := s.client.get(ctx, collection("Node", ""), src.node, &node); err != nil {
			continue
		}
		s.roster.mu.Lock()
		src.standing.why = reasonText("node " + src.node + " is " + reasonOr(readiness(&node), "ready"))
		s.roster.mu.Unlock()
	}
}

// withoutPods are the Jobs of whose pods one or more have not been made.
func (s *Session) withoutPods() []string {
	s.roster.mu.Lock()
	defer s.roster.mu.Unlock()
	if s.roster.begun || s.roster.removing {
		return nil
	}
	groups := s.spec.Pair.Groups()
	lacking := map[string]bool{}
	for _, src := range s.roster.sources {
		name := s.spec.name(probePart(groups[src.group]), src.index/chunk)
		lacking[name] = lacking[name] || src.pod == ""
	}
	var out []string
	for _, name := range sortedNames(lacking) {
		if lacking[name] {
			out = append(out, name)
		} else {
			delete(s.roster.refused, name)
		}
	}
	if s.spec.Service == nil {
		out = append(out, s.spec.name(partEcho, 0))
	}
	return out[:min(len(out), mostReasons)]
}

// silent are sources that run and have not been heard of.
func (s *Session) silent() []*source {
	s.roster.mu.Lock()
	defer s.roster.mu.Unlock()
	var out []*source
	for _, src := range s.roster.sources {
		if src.live() && src.node != "" && !src.heard.IsZero() && s.now().Sub(src.heard) > s.patience.quiet {
			out = append(out, src)
		}
	}
	return out
}
