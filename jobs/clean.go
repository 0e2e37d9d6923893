package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"

	"kpadvisor/apiserver"
	"kpadvisor/plain"
)

// Leftover is an object that a run made.
type Leftover struct {
	Kind, Namespace, Name string
	Run                   string
	Created               time.Time
	By                    string    // who made the run; empty if not known
	Until                 time.Time // by then the cluster itself has ended its pods
	uid                   types.UID // so that no other object is removed that has this name by now
}

// Running reports whether the run may be under way, and is not that of this user: a
// live one cannot be told from one that was killed.
func (l Leftover) Running(user string, now time.Time) bool {
	return now.Before(l.Until) && (l.By == "" || l.By != user)
}

// cleanRole is the command that prints the rights that removing takes.
const cleanRole = Program + " rbac --probe"

// mostLasts is how long a run lasts at most whose objects do not say.
const mostLasts = time.Hour

// String is "Job default/kpadvisor-x7k2qa-probe-a".
func (l Leftover) String() string {
	if l.Namespace == "" {
		return l.Kind + " " + l.Name
	}
	return l.Kind + " " + l.Namespace + "/" + l.Name
}

// Leftovers lists what runs made and nobody removed, in a namespace or, if that
// is empty, in all. Namespaces that a run made are listed with all namespaces
// alone. A run that is under way is among them: see Running.
func (c *Client) Leftovers(ctx context.Context, namespace string) ([]Leftover, error) {
	var out []Leftover
	for _, kind := range []string{"Job", "Service", "Namespace"} {
		if kind == "Namespace" && namespace != "" {
			continue
		}
		labels := LabelManagedBy + "=" + Program + "," + LabelName + "=" + Program + "," + LabelRun
		all, _, err := List[metav1.PartialObjectMetadata](ctx, c, Collection(kind, namespace), labels)
		if kind == "Service" && namespace != "" && apierrors.IsForbidden(err) {
			continue // who may not list them, as by the Role of an inspection, made none
		}
		if err != nil {
			return out, fmt.Errorf("looking for %ss of a run: %w", kind, err)
		}
		for _, o := range all {
			if err := believable(kind, &o); err != nil {
				return out, fmt.Errorf("looking for %ss of a run: %w", kind, err)
			}
			until, err := time.Parse(time.RFC3339, o.Annotations[noteUntil])
			if err != nil { // an older version made it
				until = o.CreationTimestamp.Add(mostLasts)
			}
			out = append(out, Leftover{kind, o.Namespace, o.Name, o.Labels[LabelRun], o.CreationTimestamp.Time, plain.Line(o.Annotations[noteBy], MostText), until, o.UID})
		}
	}
	// A namespace last: what is in it may be in others' hands as well.
	slices.SortStableFunc(out, func(a, b Leftover) int { return strings.Compare(a.Run, b.Run) })
	return out, nil
}

// believable refuses an object that no API server lists: one whose names are none, for
// they become part of what is asked for, and of commands that are shown, and one without
// a uid, or of another namespace than its kind has.
func believable(kind string, o *metav1.PartialObjectMetadata) error {
	names := []string{o.Name, o.Labels[LabelRun]}
	if kind != "Namespace" {
		names = append(names, o.Namespace)
	}
	for _, name := range names {
		if len(validation.IsDNS1123Subdomain(name)) > 0 {
			return fmt.Errorf("%w: %q is no name of a %s", apiserver.ErrName, plain.Line(name, 100), kind)
		}
	}
	if o.UID == "" || (kind == "Namespace") != (o.Namespace == "") {
		return fmt.Errorf("%w: %s %s without a uid, or in no namespace", apiserver.ErrMalformed, kind, o.Name)
	}
	return nil
}

// Remove removes what Leftovers listed and waits until the pods are gone. It
// tells each object that was removed; the error is the first that could not be.
func (c *Client) Remove(ctx context.Context, all []Leftover, told func(Leftover)) error {
	ctx, cancel := context.WithTimeout(ctx, RemoveWithin)
	defer cancel()
	var failed error
	var removed []Leftover
	for _, l := range all {
		if err := c.API.Delete(ctx, Collection(l.Kind, l.Namespace), l.Name, l.uid); err != nil {
			if failed == nil {
				failed = Trouble(l.String()+" could not be removed", err, cleanRole)
			}
			continue
		}
		told(l)
		removed = append(removed, l)
	}
	for _, l := range removed {
		if err := c.awaitPods(ctx, l); err != nil && failed == nil {
			failed = err
		}
	}
	return failed
}

// awaitPods waits until the pods of a run are gone. Who may not list pods need
// not wait: the controllers remove them.
func (c *Client) awaitPods(ctx context.Context, l Leftover) error {
	if l.Kind != "Job" {
		return nil
	}
	for {
		some, err := c.Any(ctx, Collection("Pod", l.Namespace), LabelManagedBy+"="+Program+","+LabelRun+"="+l.Run)
		if apierrors.IsForbidden(err) || err == nil && !some {
			return nil
		}
		select {
		case <-time.After(removeLook):
		case <-ctx.Done():
			return plain.Fail(fmt.Sprintf("The pods of run %s are still there.", l.Run),
				"They end by their deadline; look at them with \"kubectl -n "+l.Namespace+" get pods -l "+LabelRun+"="+l.Run+"\".", err)
		}
	}
}
