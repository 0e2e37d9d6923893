package incluster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Leftover is an object that a run made.
type Leftover struct {
	Kind, Namespace, Name string
	Run                   string
	Created               time.Time
	path                  string
}

// String is "Job default/kpadvisor-x7k2qa-probe-a".
func (l Leftover) String() string {
	if l.Namespace == "" {
		return l.Kind + " " + l.Name
	}
	return l.Kind + " " + l.Namespace + "/" + l.Name
}

// Leftovers lists what runs made and nobody removed, in a namespace or, if that
// is empty, in all. Namespaces that a run made are listed with all namespaces
// alone. A run that is under way is among them: it cannot be told from a dead one.
func (c *Client) Leftovers(ctx context.Context, namespace string) ([]Leftover, error) {
	var out []Leftover
	for _, kind := range []string{"Job", "Service", "Namespace"} {
		if kind == "Namespace" && namespace != "" {
			continue
		}
		var list struct {
			Items []metav1.PartialObjectMetadata `json:"items"`
		}
		labels := labelManagedBy + "=" + program + "," + labelName + "=" + program + "," + labelRun
		if err := c.list(ctx, pathOf(kind, namespace), labels, &list); err != nil {
			return out, fmt.Errorf("looking for %ss of a run: %w", kind, err)
		}
		for _, o := range list.Items {
			path := pathOf(kind, o.Namespace) + "/" + o.Name
			out = append(out, Leftover{kind, o.Namespace, plain(o.Name), plain(o.Labels[labelRun]), o.CreationTimestamp.Time, path})
		}
	}
	// A namespace last: what is in it may be in others' hands as well.
	slices.SortStableFunc(out, func(a, b Leftover) int { return strings.Compare(a.Run, b.Run) })
	return out, nil
}

// Remove removes what Leftovers listed and waits until the pods are gone. It
// tells each object that was removed; the error is the first that could not be.
func (c *Client) Remove(ctx context.Context, all []Leftover, told func(Leftover)) error {
	ctx, cancel := context.WithTimeout(ctx, usualPatience().remove)
	defer cancel()
	var failed error
	for _, l := range all {
		if err := c.remove(ctx, l.path); err != nil {
			if failed == nil {
				failed = requestTrouble(l.String()+" could not be removed", err)
			}
			continue
		}
		told(l)
	}
	for _, l := range all {
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
		var pods corev1.PodList
		err := c.list(ctx, pathOf("Pod", l.Namespace), labelManagedBy+"="+program+","+labelRun+"="+l.Run, &pods)
		if apierrors.IsForbidden(err) || err == nil && len(pods.Items) == 0 {
			return nil
		}
		select {
		case <-time.After(removeLook):
		case <-ctx.Done():
			return &Trouble{
				Sentence: fmt.Sprintf("The pods of run %s are still there.", l.Run),
				Remedy:   "They end by their deadline; look at them with \"kubectl -n " + l.Namespace + " get pods -l " + labelRun + "=" + l.Run + "\".",
				err:      err,
			}
		}
	}
}
