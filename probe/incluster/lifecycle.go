package incluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// createAll creates the objects in order. All that follow the first Job belong
// to it, so that whoever removes it removes them.
func (s *Session) createAll(ctx context.Context) error {
	var owner *metav1.OwnerReference
	echo := unknownAddress
	for i := range s.spec.Objects() {
		o := s.spec.objects(echo)[i] // anew: those behind the Service hold its address
		if owner != nil {
			o.Object.SetOwnerReferences([]metav1.OwnerReference{*owner})
		}
		s.stage(Creating, o.Kind+" "+o.Name)
		uid, ip, err := s.createOne(ctx, o)
		if err != nil {
			return err
		}
		if o.Kind == "Job" && owner == nil {
			owner = &metav1.OwnerReference{APIVersion: "batch/v1", Kind: "Job", Name: o.Name, UID: uid}
		}
		if o.Kind == "Service" {
			echo = joinPort(ip, 80)
		}
	}
	return nil
}

// createOne creates an object. It counts as made from before the request on: the
// answer may get lost.
func (s *Session) createOne(ctx context.Context, o Object) (types.UID, string, error) {
	collection := pathOf(o.Kind, s.spec.Namespace)
	s.mu.Lock()
	s.made = append(s.made, made{o.Kind, o.Name, collection + "/" + o.Name})
	s.mu.Unlock()
	var answer created
	deadline := s.now().Add(s.client.timeout)
	for tries := 1; ; tries++ {
		err := s.client.create(ctx, collection, o.Object, &answer)
		if tries > 1 && apierrors.IsAlreadyExists(err) { // by the try whose answer was lost
			answer, err = s.find(ctx, collection, o.Name)
		}
		switch {
		case err == nil:
			return answer.Metadata.UID, answer.Spec.ClusterIP, nil
		case ctx.Err() != nil:
			return "", "", context.Cause(ctx)
		case !passes(err) || s.now().After(deadline):
			return "", "", s.notCreated(o, err)
		}
		s.stage(Creating, reasonText(o.Kind+" "+o.Name, errorText(err)))
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
func (s *Session) find(ctx context.Context, collection, name string) (created, error) {
	var list struct {
		Items []created `json:"items"`
	}
	err := s.client.list(ctx, collection, s.spec.selector(), &list)
	for _, o := range list.Items {
		if o.Metadata.Name == name {
			return o, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("%s was there and is gone", name)
	}
	return created{}, err
}

// notCreated finds the words for an object that was refused. What the API server
// answered is the reason, whoever is behind it: a quota, a policy, a webhook.
func (s *Session) notCreated(o Object, err error) error {
	var status apierrors.APIStatus
	if errors.As(err, &status) && !passes(err) { // refused: it was not made
		s.mu.Lock()
		s.made = slices.DeleteFunc(s.made, func(m made) bool { return m.name == o.Name && m.kind == o.Kind })
		s.mu.Unlock()
	}
	t := requestTrouble(fmt.Sprintf("%s %s was not created", o.Kind, o.Name), err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail(t)
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
func requestTrouble(what string, err error) *Trouble {
	t := &Trouble{Sentence: fmt.Sprintf("%s: %s.", what, errorText(err)), Remedy: "Ask whoever runs the cluster about the reason given.", err: err}
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
func errorText(err error) string { return strings.TrimSuffix(plain(err.Error()), ".") }

// reached and unreached keep since when the API server does not answer.
func (s *Session) reached() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.downSince = time.Time{}
}

// unreached is called with the lock held.
func (s *Session) unreached(err error) {
	if s.downSince.IsZero() {
		s.downSince = s.now()
	}
	s.downWhy = errorText(err)
}

// selector selects what belongs to the run.
func (s Spec) selector() string { return labelManagedBy + "=" + program + "," + labelRun + "=" + s.Run }

// removeLook is the pause between two looks at what is being removed.
const removeLook = 300 * time.Millisecond

// removeAll removes what was made, last first, and waits until the pods are gone.
// What could not be removed is told, and how to remove it.
func (s *Session) removeAll(ctx context.Context) {
	s.mu.Lock()
	s.state, s.why, s.removing = Removing, "", true
	all := slices.Clone(s.made)
	s.mu.Unlock()
	slices.Reverse(all)
	ctx, cancel := context.WithTimeout(ctx, s.patience.remove)
	defer cancel()
	for _, m := range all {
		s.stage(Removing, m.kind+" "+m.name)
		if err := s.insist(ctx, func() error { return s.client.remove(ctx, m.path) }); err != nil {
			s.leave(fmt.Sprintf("%s %s", m.kind, m.name), err)
		}
	}
	if len(all) == 0 {
		return
	}
	s.stage(Removing, "waiting for the pods to end")
	left := errors.New("they are still there")
	err := s.insist(ctx, func() error {
		var pods corev1.PodList
		if err := s.client.list(ctx, pathOf("Pod", s.spec.Namespace), s.spec.selector(), &pods); err != nil {
			return err
		}
		if len(pods.Items) > 0 {
			return left
		}
		return nil
	})
	if err != nil {
		s.leave("The pods of the run", err)
	}
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
	s.mu.Lock()
	defer s.mu.Unlock()
	reason := errorText(err)
	if apierrors.IsUnauthorized(err) {
		reason = "the API server does not accept the credentials any more (401 Unauthorized)"
	}
	s.left = append(s.left, Trouble{
		Sentence: fmt.Sprintf("%s could not be removed: %s.", what, reason),
		Remedy: fmt.Sprintf("\"kpadvisor clean -n %s\" removes it; the cluster itself ends the pods by %s and removes all %v later.",
			s.spec.Namespace, s.started.Add(s.spec.Deadline()).UTC().Format("15:04 MST"), timeToLive),
		err: err,
	})
}
