package incluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kpadvisor/apiserver"
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
			all = spec.objects(s.inventory.served())
		}
		o := all[i]
		if owner != nil {
			o.Object.SetOwnerReferences([]metav1.OwnerReference{*owner})
		}
		s.stage.set(Creating, o.Kind+" "+o.Name)
		uid, ip, err := s.createOne(ctx, o)
		if err != nil {
			return err
		}
		if o.Kind == "Job" && owner == nil {
			owner = &metav1.OwnerReference{APIVersion: "batch/v1", Kind: "Job", Name: o.Name, UID: uid}
		}
		if o.Kind == "Service" {
			s.inventory.serve(joinPort(ip, 80))
		}
	}
	return nil
}

// createOne creates an object. It counts as made from before the request on: the
// answer may get lost.
func (s *Session) createOne(ctx context.Context, o Object) (types.UID, string, error) {
	at := collection(o.Kind, s.spec.Namespace)
	s.inventory.enter(made{kind: o.Kind, name: o.Name})
	var answer created
	deadline := s.now().Add(s.client.api.Timeout())
	for tries := 1; ; tries++ {
		err := s.client.api.Create(ctx, at, o.Object, &answer)
		if tries > 1 && apierrors.IsAlreadyExists(err) { // by the try whose answer was lost
			if answer, err = s.find(ctx, at, o.Name); err != nil {
				return "", "", s.troubled(o, err)
			}
		}
		switch {
		case err == nil:
			s.inventory.known(o.Kind, o.Name, answer.Metadata.UID)
			return answer.Metadata.UID, answer.Spec.ClusterIP, nil
		case ctx.Err() != nil:
			return "", "", context.Cause(ctx)
		case !passes(err) || s.now().After(deadline):
			return "", "", s.notCreated(o, err)
		}
		s.stage.set(Creating, reasonText(o.Kind+" "+o.Name, errorText(err)))
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return "", "", context.Cause(ctx)
		}
	}
}

// created is what has to be known of an object that was created.
type created struct {
	Metadata metav1.ObjectMeta `json:"metadata"`
	Spec     struct {
		ClusterIP string `json:"clusterIP"`
	} `json:"spec"`
}

// find looks for an object of the run among those of its kind: the run may list
// them, and not get one.
func (s *Session) find(ctx context.Context, at apiserver.Resource, name string) (created, error) {
	all, _, err := list[created](ctx, s.client, at, s.spec.selector())
	for _, o := range all {
		if o.Metadata.Name == name {
			return o, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("%s was there and is gone: %w", name, errGone)
	}
	return created{}, err
}

// errGone is that an object is not there.
var errGone = errors.New("it is not there")

// notCreated finds the words for an object that was refused. What the API server
// answered is the reason, whoever is behind it: a quota, a policy, a webhook.
func (s *Session) notCreated(o Object, err error) error {
	var status apierrors.APIStatus
	if errors.As(err, &status) && !passes(err) { // refused: it was not made
		s.inventory.strike(o.Kind, o.Name)
	}
	return s.troubled(o, err)
}

// troubled ends the run because an object is not there, or nobody can tell.
func (s *Session) troubled(o Object, err error) error {
	t := requestTrouble(fmt.Sprintf("%s %s was not created", o.Kind, o.Name), err)
	s.roster.mu.Lock()
	defer s.roster.mu.Unlock()
	s.roster.fail(t)
	return t
}

// passes reports whether a failed request may work later: nothing answered, or
// the API server says that it could not for now.
func passes(err error) bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return true
	}
	// A webhook that fails is an internal error to the API server (500), and in its own
	// words; it is not tried again, for it may fail for as long as it is registered.
	return apierrors.IsTooManyRequests(err) || apierrors.IsServiceUnavailable(err) || apierrors.IsServerTimeout(err) || apierrors.IsTimeout(err)
}

// requestTrouble is the trouble of a request that failed for good.
func requestTrouble(what string, err error) *plain.Error {
	t := plain.Fail(fmt.Sprintf("%s: %s.", what, errorText(err)), "Ask whoever runs the cluster about the reason given.", err)
	switch {
	case apierrors.IsUnauthorized(err):
		t.Sentence = what + ": the API server does not accept the credentials any more (401 Unauthorized)."
		t.Remedy = "Log in again, or renew the token or client certificate of the kubeconfig's user."
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), "cannot "):
		t.Remedy = "\"kpadvisor rbac --probe\" prints the Role to ask an administrator for."
	case passes(err):
		t.Remedy = "Run it again when \"kubectl version\" works."
	}
	return t
}

// Forbidden is what the API server forbids, in its words; empty if it is another error.
func Forbidden(err error) string {
	if !apierrors.IsForbidden(err) {
		return ""
	}
	return "The API server forbids it: " + errorText(err)
}

// errorText is an error as part of a sentence.
func errorText(err error) string { return strings.TrimSuffix(plain.Line(err.Error(), mostText), ".") }

// selector selects what belongs to the run.
func (s Spec) selector() string { return labelManagedBy + "=" + program + "," + labelRun + "=" + s.Run }

// removeLook is the pause between two looks at what is being removed.
const removeLook = 300 * time.Millisecond

// removeAll removes what was made, last first, and waits until the pods are gone.
// What could not be removed is told, and how to remove it.
func (s *Session) removeAll(ctx context.Context) {
	s.stage.set(Removing, "")
	s.roster.mu.Lock()
	s.roster.removing = true
	s.roster.mu.Unlock()
	all := s.inventory.all()
	ctx, cancel := context.WithTimeout(ctx, s.patience.remove)
	defer cancel()
	for _, m := range all {
		s.stage.set(Removing, m.kind+" "+m.name)
		if err := s.insist(ctx, func() error { return s.removeOne(ctx, m) }); err != nil {
			s.leave(fmt.Sprintf("%s %s", m.kind, m.name), err)
		}
	}
	if len(all) == 0 {
		return
	}
	s.stage.set(Removing, "waiting for the pods to end")
	left := errors.New("they are still there")
	err := s.insist(ctx, func() error {
		some, err := s.client.any(ctx, collection("Pod", s.spec.Namespace), s.spec.selector())
		if err == nil && some {
			err = s.removeLate(ctx, all, left)
		}
		return err
	})
	if err != nil {
		s.leave("The pods of the run", err)
	}
}

// removeOne removes what was made. Where the answer to its creation was lost, its uid is
// looked up: by its name alone, somebody else's could be removed.
func (s *Session) removeOne(ctx context.Context, m made) error {
	at := collection(m.kind, s.spec.Namespace)
	if m.uid == "" {
		there, err := s.find(ctx, at, m.name)
		switch {
		case errors.Is(err, errGone):
			return nil
		case err != nil:
			return err
		}
		m.uid = there.Metadata.UID
	}
	return s.client.api.Delete(ctx, at, m.name, m.uid)
}

// removeLate removes what an API server made after it had been looked up, because the
// request for it was under way when the run was stopped. It returns left if that works.
func (s *Session) removeLate(ctx context.Context, all []made, left error) error {
	for _, m := range all {
		if m.uid != "" {
			continue
		}
		if err := s.removeOne(ctx, m); err != nil {
			return err
		}
	}
	return left
}

// insist tries until it works, cannot, or the time is up.
func (s *Session) insist(ctx context.Context, try func() error) error {
	for {
		err := try()
		if err == nil || !passes(err) {
			return err
		}
		select {
		case <-time.After(removeLook):
		case <-ctx.Done():
			return err
		}
	}
}

// leave notes what is left behind.
func (s *Session) leave(what string, err error) {
	reason := errorText(err)
	if apierrors.IsUnauthorized(err) {
		reason = "the API server does not accept the credentials any more (401 Unauthorized)"
	}
	remedy := fmt.Sprintf("\"kpadvisor clean -n %s\" removes it; the cluster itself ends the pods by %s and removes all %v later.",
		s.spec.Namespace, s.stage.begun().Add(s.spec.Deadline()).UTC().Format("15:04 MST"), timeToLive)
	s.inventory.leave(*plain.Fail(fmt.Sprintf("%s could not be removed: %s.", what, reason), remedy, err))
}
