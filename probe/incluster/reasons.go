package incluster

import (
	"context"

	corev1 "k8s.io/api/core/v1"

	"kpadvisor/jobs"
)

// reasons asks why Jobs have made no pod, and about nodes that are silent. An
// answer that is not given (the rights are optional) changes nothing.
func (s *Session) reasons(ctx context.Context) {
	for _, job := range s.withoutPods() {
		why, err := s.client.Refusal(ctx, s.spec.Namespace, job)
		if err != nil {
			continue
		}
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
		if err := s.client.Get(ctx, jobs.Collection("Node", ""), src.node, &node); err != nil {
			continue
		}
		s.roster.mu.Lock()
		src.standing.Why = jobs.ReasonText("node " + src.node + " is " + reasonOr(jobs.Readiness(&node), "ready"))
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
		name := s.spec.Name(probePart(groups[src.group]), src.index/chunk)
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
		out = append(out, s.spec.Name(partEcho, 0))
	}
	return out[:min(len(out), jobs.MostReasons)]
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
