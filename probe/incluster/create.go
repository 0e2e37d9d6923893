package incluster

import (
	"context"
	"errors"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/jobs"
	"kpadvisor/plain"
)

// createAll creates the objects in order. All that follow the first Job belong
// to it, so that whoever removes it removes them.
func (s *Session) createAll(ctx context.Context) error {
	var owner *metav1.OwnerReference
	spec := s.spec
	spec.Made = s.now()
	all := spec.Objects()
	for i := range all {
		if i > 0 && all[i-1].Kind == "Service" && all[i].Kind == "Job" { // what follows the Services holds their addresses
			all = spec.objects(s.served.get())
		}
		o := all[i]
		if owner != nil {
			o.Object.SetOwnerReferences([]metav1.OwnerReference{*owner})
		}
		answer, err := s.maker.Create(ctx, o)
		if err != nil {
			s.fail(err)
			return err
		}
		if o.Kind == "Job" && owner == nil {
			owner = &metav1.OwnerReference{APIVersion: "batch/v1", Kind: "Job", Name: o.Name, UID: answer.Metadata.UID}
		}
		if o.Kind == "Service" {
			s.served.add(joinPort(answer.Spec.ClusterIP, 80))
		}
	}
	return nil
}

// does says what is made or removed just now, to whoever looks on.
func (s *Session) does(what string) {
	s.roster.mu.Lock()
	state := Creating
	if s.roster.removing {
		state = Removing
	}
	s.roster.mu.Unlock()
	s.stage.set(state, what)
}

// fail ends the run for a reason, unless that is that it was told to end.
func (s *Session) fail(err error) {
	var trouble *plain.Error
	if errors.As(err, &trouble) {
		s.roster.mu.Lock()
		defer s.roster.mu.Unlock()
		s.roster.fail(trouble)
	}
}

// removeAll removes what was made, and waits until the pods are gone.
func (s *Session) removeAll(ctx context.Context) {
	s.roster.mu.Lock()
	s.roster.removing = true
	s.roster.mu.Unlock()
	s.maker.Remove(ctx)
}

// watcher keeps the session told of its pods.
func (s *Session) watcher() *jobs.Watcher {
	return &jobs.Watcher{
		Client: s.client.Client, Pods: s.spec.Pods, Role: RoleCommand, Link: &s.link, Retry: s.patience.retry, Now: s.now,
		Event: s.podEvent, Fail: func(t *plain.Error) { s.fail(t) }, Reasons: s.reasons,
	}
}
