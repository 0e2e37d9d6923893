package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kpadvisor/apiserver"
	"kpadvisor/plain"
)

// RemoveWithin is how long removing what a run made may take.
const RemoveWithin = time.Minute

// Maker makes the objects of one run, and removes what it made. It is safe for
// concurrent use.
type Maker struct {
	Client *Client
	Pods   Pods
	Role   string            // the command that prints the rights that it takes
	Within time.Duration     // until everything is removed
	Now    func() time.Time  // the clock
	Says   func(what string) // what it makes or removes just now
	Until  func() time.Time  // by when the cluster itself has ended the pods

	mu   sync.Mutex
	made []made
	left []plain.Error
}

// made is an object that exists, or may.
type made struct {
	kind, name string
	uid        types.UID // empty until the API server has said it
}

// Created is what has to be known of an object that was created.
type Created struct {
	Metadata metav1.ObjectMeta `json:"metadata"`
	Spec     struct {
		ClusterIP string `json:"clusterIP"`
	} `json:"spec"`
}

// Create creates an object. It counts as made from before the request on: the answer
// may get lost. A request that may work later is tried again; the error is a
// [plain.Error], or that of the context.
func (m *Maker) Create(ctx context.Context, o Object) (Created, error) {
	at := Collection(o.Kind, m.Pods.Namespace)
	m.enter(made{kind: o.Kind, name: o.Name})
	m.Says(o.Kind + " " + o.Name)
	var answer Created
	deadline := m.Now().Add(m.Client.API.Timeout())
	for tries := 1; ; tries++ {
		err := m.Client.API.Create(ctx, at, o.Object, &answer)
		if tries > 1 && apierrors.IsAlreadyExists(err) { // by the try whose answer was lost
			if answer, err = m.find(ctx, at, o.Name); err != nil {
				return answer, m.troubled(o, err)
			}
		}
		switch {
		case err == nil:
			m.known(o.Kind, o.Name, answer.Metadata.UID)
			return answer, nil
		case ctx.Err() != nil:
			return answer, context.Cause(ctx)
		case !Passes(err) || m.Now().After(deadline):
			return answer, m.notCreated(o, err)
		}
		m.Says(ReasonText(o.Kind+" "+o.Name, ErrorText(err)))
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return answer, context.Cause(ctx)
		}
	}
}

// find looks for an object of the run among those of its kind: the run may list
// them, and not get one.
func (m *Maker) find(ctx context.Context, at apiserver.Resource, name string) (Created, error) {
	all, _, err := List[Created](ctx, m.Client, at, m.Pods.Selector())
	for _, o := range all {
		if o.Metadata.Name == name {
			return o, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("%s was there and is gone: %w", name, errGone)
	}
	return Created{}, err
}

// errGone is that an object is not there.
var errGone = errors.New("it is not there")

// notCreated finds the words for an object that was refused. What the API server
// answered is the reason, whoever is behind it: a quota, a policy, a webhook.
func (m *Maker) notCreated(o Object, err error) error {
	var status apierrors.APIStatus
	if errors.As(err, &status) && !Passes(err) { // refused: it was not made
		m.strike(o.Kind, o.Name)
	}
	return m.troubled(o, err)
}

// troubled is that an object is not there, or nobody can tell.
func (m *Maker) troubled(o Object, err error) error {
	return Trouble(fmt.Sprintf("%s %s was not created", o.Kind, o.Name), err, m.Role)
}

// enter notes an object before it is asked for: the answer may get lost.
func (m *Maker) enter(o made) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.made = append(m.made, o)
}

// known notes the uid of an object that was made.
func (m *Maker) known(kind, name string, uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.made {
		if o := &m.made[i]; o.kind == kind && o.name == name {
			o.uid = uid
		}
	}
}

// strike takes an object out that was refused.
func (m *Maker) strike(kind, name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.made = slices.DeleteFunc(m.made, func(o made) bool { return o.name == name && o.kind == kind })
}

// all is what was made, last first.
func (m *Maker) all() []made {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := slices.Clone(m.made)
	slices.Reverse(out)
	return out
}

// Made is how many objects were made.
func (m *Maker) Made() int { return len(m.all()) }

// Left is what could not be removed, and how to remove it.
func (m *Maker) Left() []plain.Error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.left)
}

// removeLook is the pause between two looks at what is being removed.
const removeLook = 300 * time.Millisecond

// Remove removes what was made, last first, and waits until the pods are gone.
// What could not be removed is told by Left.
func (m *Maker) Remove(ctx context.Context) {
	m.Says("")
	all := m.all()
	ctx, cancel := context.WithTimeout(ctx, m.Within)
	defer cancel()
	for _, o := range all {
		m.Says(o.kind + " " + o.name)
		if err := insist(ctx, func() error { return m.removeOne(ctx, o) }); err != nil {
			m.leave(fmt.Sprintf("%s %s", o.kind, o.name), err)
		}
	}
	if len(all) == 0 {
		return
	}
	m.Says("waiting for the pods to end")
	left := errors.New("they are still there")
	err := insist(ctx, func() error {
		some, err := m.Client.Any(ctx, Collection("Pod", m.Pods.Namespace), m.Pods.Selector())
		if err == nil && some {
			err = m.removeLate(ctx, all, left)
		}
		return err
	})
	if err != nil {
		m.leave("The pods of the run", err)
	}
}

// removeOne removes what was made. Where the answer to its creation was lost, its uid is
// looked up: by its name alone, somebody else's could be removed.
func (m *Maker) removeOne(ctx context.Context, o made) error {
	at := Collection(o.kind, m.Pods.Namespace)
	if o.uid == "" {
		there, err := m.find(ctx, at, o.name)
		switch {
		case errors.Is(err, errGone):
			return nil
		case err != nil:
			return err
		}
		o.uid = there.Metadata.UID
	}
	return m.Client.API.Delete(ctx, at, o.name, o.uid)
}

// removeLate removes what an API server made after it had been looked up, because the
// request for it was under way when the run was stopped. It returns left if that works.
func (m *Maker) removeLate(ctx context.Context, all []made, left error) error {
	for _, o := range all {
		if o.uid != "" {
			continue
		}
		if err := m.removeOne(ctx, o); err != nil {
			return err
		}
	}
	return left
}

// insist tries until it works, cannot, or the time is up.
func insist(ctx context.Context, try func() error) error {
	for {
		err := try()
		if err == nil || !Passes(err) {
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
func (m *Maker) leave(what string, err error) {
	reason := ErrorText(err)
	if apierrors.IsUnauthorized(err) {
		reason = "the API server does not accept the credentials any more (401 Unauthorized)"
	}
	remedy := fmt.Sprintf("\"kpadvisor clean -n %s\" removes it; the cluster itself ends the pods by %s and removes all %v later.",
		m.Pods.Namespace, m.Until().UTC().Format("15:04 MST"), timeToLive)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.left = append(m.left, *plain.Fail(fmt.Sprintf("%s could not be removed: %s.", what, reason), remedy, err))
}
