package incluster

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/watch"
)

// watch keeps the session told of its pods until ctx ends.
func (s *Session) watch(ctx context.Context) {
	defer func() {
		if v := recover(); v != nil {
			s.mu.Lock()
			s.fail(&Trouble{Sentence: fmt.Sprintf("The run ended because of a defect in kpadvisor: %v.", v)})
			s.mu.Unlock()
		}
	}()
	known := map[string]*corev1.Pod{}
	pause := s.patience.retryFirst
	for ctx.Err() == nil {
		began := s.now()
		err := s.watchOnce(ctx, known)
		s.reasons(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case apierrors.IsUnauthorized(err), apierrors.IsForbidden(err):
			s.mu.Lock()
			s.fail(requestTrouble("The pods cannot be watched", err))
			s.mu.Unlock()
			return
		case err != nil && passes(err):
			s.mu.Lock()
			s.unreached(err)
			s.mu.Unlock()
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
func (s *Session) watchOnce(ctx context.Context, known map[string]*corev1.Pod) error {
	var list corev1.PodList
	if err := s.client.list(ctx, pathOf("Pod", s.spec.Namespace), s.spec.selector(), &list); err != nil {
		return err
	}
	s.reached()
	listed := map[string]bool{}
	for i := range list.Items {
		pod := &list.Items[i]
		known[pod.Name], listed[pod.Name] = pod, true
		s.podEvent(ctx, pod, false)
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
	err := s.client.watchPods(watching, s.spec.Namespace, s.spec.selector(), list.ResourceVersion, func(kind watch.EventType, pod *corev1.Pod) error {
		gone := kind == watch.Deleted
		if known[pod.Name] = pod; gone {
			delete(known, pod.Name)
		}
		s.podEvent(ctx, pod, gone) // whose log is followed for longer than this watch lasts
		return nil
	})
	cancel()
	<-looking
	return err
}

const reasonsEvery = 2 * time.Second

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
		s.mu.Lock()
		if why == "" {
			delete(s.refused, job)
		} else {
			if len(s.refused) == 0 {
				s.refusedAt = s.now()
			}
			s.refused[job] = why
		}
		s.mu.Unlock()
	}
	for _, src := range s.silent() {
		var node corev1.Node
		if err := s.client.get(ctx, pathOf("Node", "")+"/"+src.node, &node); err != nil {
			continue
		}
		s.mu.Lock()
		src.standing.why = reasonText("node " + src.node + " is " + reasonOr(readiness(&node), "ready"))
		s.mu.Unlock()
	}
}

// withoutPods are the Jobs of whose pods one or more have not been made.
func (s *Session) withoutPods() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.begun || s.removing {
		return nil
	}
	groups := s.spec.Pair.Groups()
	var out []string
	lacking := map[int]bool{}
	for _, src := range s.sources {
		if src.pod == "" {
			lacking[src.group] = true
		}
	}
	for i, g := range groups {
		name := s.spec.name(partProbe + strings.ToLower(g.Name))
		if lacking[i] {
			out = append(out, name)
		} else {
			delete(s.refused, name)
		}
	}
	if s.spec.Service == nil {
		out = append(out, s.spec.name(partEcho))
	}
	return out
}

// silent are sources that run and have not been heard of.
func (s *Session) silent() []*source {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*source
	for _, src := range s.sources {
		if src.live() && src.node != "" && !src.heard.IsZero() && s.now().Sub(src.heard) > s.patience.quiet {
			out = append(out, src)
		}
	}
	return out
}
