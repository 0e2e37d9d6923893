package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"

	"kpadvisor/apiserver"
)

// Client asks the API server for what a run needs, and nothing else. It speaks
// JSON of a few kinds and needs no typed clientset, which would register every
// API group at the start of the program. It is safe for concurrent use.
type Client struct {
	API   *apiserver.Client
	Whole time.Duration // of a list, all its pages together
}

// wholeList is how long a list may take, however many pages it has.
const wholeList = 2 * time.Minute

// mostPages bounds one list.
const mostPages = 1000

// Connect prepares a client of the API server that config names; it sends nothing.
func Connect(config *rest.Config) (*Client, error) {
	api, err := apiserver.Connect(config, apiserver.Options{MaxPages: mostPages})
	if err != nil {
		return nil, err
	}
	return &Client{API: api, Whole: wholeList}, nil
}

// errLate is the end of a list that goes on for too long.
var errLate = errors.New("the list does not end")

// Each lists what has the labels, a page at a time, hands over one object after the
// other and returns the version that the list is of. T is as much of an object as is
// needed.
func Each[T any](ctx context.Context, c *Client, l apiserver.List, take func(*T)) (version string, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.Whole, errLate)
	defer cancel()
	version, err = apiserver.Walk(ctx, c.API, l, take, func(int64) {})
	if err != nil && errors.Is(context.Cause(ctx), errLate) {
		err = fmt.Errorf("%w within %v", errLate, c.Whole)
	}
	return version, err
}

// List gets what has the labels, and the version that it is of.
func List[T any](ctx context.Context, c *Client, r apiserver.Resource, labels string) (items []T, version string, err error) {
	_, metadata := any(items).([]metav1.PartialObjectMetadata)
	l := apiserver.List{Resource: r, Labels: labels, Metadata: metadata, Anew: true} // who asks tries again
	version, err = Each(ctx, c, l, func(o *T) { items = append(items, *o) })
	if err != nil {
		return nil, "", err
	}
	return items, version, nil
}

// Any reports whether something has the labels.
func (c *Client) Any(ctx context.Context, r apiserver.Resource, labels string) (bool, error) {
	some := false
	l := apiserver.List{Resource: r, Labels: labels, Metadata: true}
	_, err := apiserver.Page(ctx, c.API, l, 1, "", func(*metav1.PartialObjectMetadata) { some = true })
	return some, err
}

// Collection is a kind in a namespace; an empty one is all of them.
func Collection(kind, namespace string) apiserver.Resource {
	r := apiserver.Resource{Version: "v1", Namespace: namespace}
	switch kind {
	case "Job":
		r.Group, r.Kind = "batch", "jobs"
	case "Service":
		r.Kind = "services"
	case "Event":
		r.Kind = "events"
	case "EndpointSlice":
		r.Group, r.Kind = "discovery.k8s.io", "endpointslices"
	case "Namespace":
		r.Kind, r.Namespace = "namespaces", ""
	case "Node":
		r.Kind, r.Namespace = "nodes", ""
	default:
		r.Kind = "pods"
	}
	return r
}

// Get reads one object.
func (c *Client) Get(ctx context.Context, r apiserver.Resource, name string, into any) error {
	body, err := c.API.Get(ctx, r, name)
	if err != nil {
		return err
	}
	return apiserver.Into(body, into)
}

// watchPods reports pods with the labels until the server ends the request.
func (c *Client) watchPods(ctx context.Context, namespace, labels, version string, each func(watch.EventType, *Pod)) error {
	l := apiserver.List{Resource: Collection("Pod", namespace), Labels: labels}
	return apiserver.Watch(ctx, c.API, l, version, watchLasts, func(kind watch.EventType, p *Pod) error {
		if kind != watch.Bookmark {
			each(kind, p)
		}
		return nil
	})
}

const watchLasts = 5 * time.Minute

// Log streams a pod's log, following it; since, if not zero, leaves out older lines.
func (c *Client) Log(ctx context.Context, namespace, pod string, since time.Time) (io.ReadCloser, error) {
	params := map[string]string{"follow": "true", "container": "agent"}
	if !since.IsZero() {
		params["sinceTime"] = since.UTC().Format(time.RFC3339)
	}
	return c.API.Stream(ctx, Collection("Pod", namespace), []string{pod, "log"}, params)
}

// mostEvents is how many events of an object are looked at.
const mostEvents = 500

// Refusal is why a Job's pods are not made, from the events of its controller; empty if
// nothing says so.
func (c *Client) Refusal(ctx context.Context, namespace, job string) (string, error) {
	l := apiserver.List{
		Resource: Collection("Event", namespace),
		Fields:   apiserver.FieldIs("involvedObject.kind", "Job") + "," + apiserver.FieldIs("involvedObject.name", job),
	}
	var all []corev1.Event
	_, err := apiserver.Page(ctx, c.API, l, mostEvents, "", func(e *corev1.Event) { all = append(all, *e) })
	return refusal(all), err
}
