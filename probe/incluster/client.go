package incluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"

	"kpadvisor/apiserver"
	"kpadvisor/plain"
)

// Client asks the API server for what a run needs, and nothing else. It speaks
// JSON of a few kinds and needs no typed clientset, which would register every
// API group at the start of the program. It is safe for concurrent use.
type Client struct {
	api   *apiserver.Client
	whole time.Duration // of a list, all its pages together
}

// wholeList is how long a list may take, however many pages it has.
const wholeList = 2 * time.Minute

// mostPages bounds one list.
const mostPages = 1000

// Connect prepares a client of the API server that config names; it sends nothing.
func Connect(config *rest.Config) (*Client, error) {
	return connect(config, apiserver.Options{MaxPages: mostPages})
}

func connect(config *rest.Config, o apiserver.Options) (*Client, error) {
	api, err := apiserver.Connect(config, o)
	if err != nil {
		return nil, err
	}
	return &Client{api: api, whole: wholeList}, nil
}

// errLate is the end of a list that goes on for too long.
var errLate = errors.New("the list does not end")

// each lists what has the labels, a page at a time, hands over one object after the
// other and returns the version that the list is of. T is as much of an object as is
// needed.
func each[T any](ctx context.Context, c *Client, l apiserver.List, take func(*T)) (version string, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.whole, errLate)
	defer cancel()
	version, err = apiserver.Walk(ctx, c.api, l, take, func(int64) {})
	if err != nil && errors.Is(context.Cause(ctx), errLate) {
		err = fmt.Errorf("%w within %v", errLate, c.whole)
	}
	return version, err
}

// list gets what has the labels, and the version that it is of.
func list[T any](ctx context.Context, c *Client, r apiserver.Resource, labels string) (items []T, version string, err error) {
	_, metadata := any(items).([]metav1.PartialObjectMetadata)
	l := apiserver.List{Resource: r, Labels: labels, Metadata: metadata, Anew: true} // who asks tries again
	version, err = each(ctx, c, l, func(o *T) { items = append(items, *o) })
	if err != nil {
		return nil, "", err
	}
	return items, version, nil
}

// any reports whether something has the labels.
func (c *Client) any(ctx context.Context, r apiserver.Resource, labels string) (bool, error) {
	some := false
	l := apiserver.List{Resource: r, Labels: labels, Metadata: true}
	_, err := apiserver.Page(ctx, c.api, l, 1, "", func(*metav1.PartialObjectMetadata) { some = true })
	return some, err
}

// collection is a kind in a namespace; an empty one is all of them.
func collection(kind, namespace string) apiserver.Resource {
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

// mostNodes is twice what Kubernetes is made for.
const mostNodes = 10_000

// Nodes reads all nodes. Their modes are not in the API: the caller adds them.
func (c *Client) Nodes(ctx context.Context) ([]Node, error) {
	var out []Node
	_, err := each(ctx, c, apiserver.List{Resource: collection("Node", ""), Most: mostNodes}, func(o *corev1.Node) { out = append(out, nodeOf(o)) })
	if err != nil {
		return nil, fmt.Errorf("reading the nodes: %w", err)
	}
	return out, nil
}

func nodeOf(o *corev1.Node) Node {
	i := o.Status.NodeInfo
	n := Node{
		Name: plain.Line(o.Name, mostText), Kernel: plain.Line(i.KernelVersion, mostText), Kubelet: plain.Line(i.KubeletVersion, mostText), OS: plain.Line(i.OperatingSystem, mostText), Arch: plain.Line(i.Architecture, mostText),
		InstanceType: plain.Line(o.Labels[corev1.LabelInstanceTypeStable], mostText), Zone: plain.Line(o.Labels[corev1.LabelTopologyZone], mostText),
	}
	for _, t := range o.Spec.Taints {
		if t.Effect != corev1.TaintEffectPreferNoSchedule {
			n.Taints = append(n.Taints, taintText(t))
		}
	}
	switch ready := readiness(o); {
	case i.OperatingSystem != "" && i.OperatingSystem != "linux":
		n.Unfit = "it runs " + n.OS
	case ready != "":
		n.Unfit = ready
	case o.Spec.Unschedulable:
		n.Unfit = "it is cordoned"
	}
	return n
}

// readiness says in the node's own words why it is not ready; empty if it is.
func readiness(o *corev1.Node) string {
	for _, c := range o.Status.Conditions {
		if c.Type == corev1.NodeReady && c.Status != corev1.ConditionTrue {
			return plain.Line(strings.TrimSuffix("NotReady: "+c.Message, ": "), mostText)
		}
	}
	return ""
}

// Service finds a Service of the user's and its pods.
func (c *Client) Service(ctx context.Context, r ServiceRef, namespace string) (*Service, error) {
	if r.Namespace == "" {
		r.Namespace = namespace
	}
	var o corev1.Service
	err := c.get(ctx, collection("Service", r.Namespace), r.Name, &o)
	if apierrors.IsNotFound(err) {
		return nil, plain.Fail(fmt.Sprintf("There is no Service %s/%s.", r.Namespace, r.Name),
			"\"kubectl get services -A\" lists those there are.", nil)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the Service: %w", err)
	}
	all, _, err := list[discoveryv1.EndpointSlice](ctx, c, collection("EndpointSlice", r.Namespace), discoveryv1.LabelServiceName+"="+r.Name)
	if err != nil {
		return nil, fmt.Errorf("reading the EndpointSlices: %w", err)
	}
	return r.resolve(&o, all)
}

// get reads one object.
func (c *Client) get(ctx context.Context, r apiserver.Resource, name string, into any) error {
	body, err := c.api.Get(ctx, r, name)
	if err != nil {
		return err
	}
	return apiserver.Into(body, into)
}

// watchPods reports pods with the labels until the server ends the request.
func (c *Client) watchPods(ctx context.Context, namespace, labels, version string, each func(watch.EventType, *pod)) error {
	l := apiserver.List{Resource: collection("Pod", namespace), Labels: labels}
	return apiserver.Watch(ctx, c.api, l, version, watchLasts, func(kind watch.EventType, p *pod) error {
		if kind != watch.Bookmark {
			each(kind, p)
		}
		return nil
	})
}

const watchLasts = 5 * time.Minute

// log streams a pod's log, following it; since, if not zero, leaves out older lines.
func (c *Client) log(ctx context.Context, namespace, pod string, since time.Time) (io.ReadCloser, error) {
	params := map[string]string{"follow": "true", "container": "agent"}
	if !since.IsZero() {
		params["sinceTime"] = since.UTC().Format(time.RFC3339)
	}
	return c.api.Stream(ctx, collection("Pod", namespace), []string{pod, "log"}, params)
}

// mostEvents is how many events of an object are looked at.
const mostEvents = 500

// events are the reasons that controllers gave for what became of an object.
func (c *Client) events(ctx context.Context, namespace, kind, name string) (all []corev1.Event, err error) {
	l := apiserver.List{
		Resource: collection("Event", namespace),
		Fields:   apiserver.FieldIs("involvedObject.kind", kind) + "," + apiserver.FieldIs("involvedObject.name", name),
	}
	_, err = apiserver.Page(ctx, c.api, l, mostEvents, "", func(e *corev1.Event) { all = append(all, *e) })
	return all, err
}
