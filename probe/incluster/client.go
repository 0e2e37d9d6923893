package incluster

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
)

// Client asks the API server for what a run needs, and nothing else. It speaks
// JSON of a few kinds and needs no typed clientset, which would register every
// API group at the start of the program. It is safe for concurrent use.
type Client struct {
	rest    *rest.RESTClient
	timeout time.Duration // of a request that is no stream
}

const defaultTimeout = 30 * time.Second

// Connect prepares a client of the API server that config names; it sends nothing.
func Connect(config *rest.Config) (*Client, error) {
	timeout := config.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	config = rest.CopyConfig(config)
	config.QPS, config.RateLimiter = -1, nil // the server's own limit (429 with Retry-After) is obeyed by rest.Request
	config.Timeout = 0                       // a log is followed for as long as the run lasts
	config.WarningHandler, config.WarningHandlerWithContext = rest.NoWarnings{}, nil
	config.ContentType, config.AcceptContentTypes = runtime.ContentTypeJSON, runtime.ContentTypeJSON
	config.NegotiatedSerializer = statusCodec()
	if config.UserAgent == "" {
		config.UserAgent = rest.DefaultKubernetesUserAgent()
	}
	h, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("preparing the connection: %w", err)
	}
	r, err := rest.UnversionedRESTClientForConfigAndClient(config, h)
	if err != nil {
		return nil, fmt.Errorf("preparing the connection: %w", err)
	}
	return &Client{rest: r, timeout: timeout}, nil
}

// statusCodec reads what the API server answers when it refuses; everything else
// is decoded here.
func statusCodec() runtime.NegotiatedSerializer {
	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	return serializer.NewCodecFactory(scheme).WithoutConversion()
}

// do sends a request and decodes the answer, unless into is nil.
func (c *Client) do(ctx context.Context, r *rest.Request, into any) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	result := r.SetHeader("Accept", runtime.ContentTypeJSON).Do(ctx)
	if err := result.Error(); err != nil {
		return err
	}
	body, err := result.Raw()
	if err != nil || into == nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("decoding the API server's answer: %w", err)
	}
	return nil
}

func (c *Client) get(ctx context.Context, path string, into any) error {
	return c.do(ctx, c.rest.Get().AbsPath(path), into)
}

// list gets what has the labels.
func (c *Client) list(ctx context.Context, path, labels string, into any) error {
	return c.do(ctx, c.rest.Get().AbsPath(path).Param("labelSelector", labels), into)
}

func (c *Client) create(ctx context.Context, path string, o, into any) error {
	body, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("encoding an object: %w", err)
	}
	return c.do(ctx, c.rest.Post().AbsPath(path).SetHeader("Content-Type", runtime.ContentTypeJSON).Body(body), into)
}

// remove deletes an object, and in the background what belongs to it. One that
// is not there is no error.
func (c *Client) remove(ctx context.Context, path string) error {
	background := metav1.DeletePropagationBackground
	body, err := json.Marshal(metav1.DeleteOptions{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "DeleteOptions"}, PropagationPolicy: &background})
	if err != nil {
		return err
	}
	err = c.do(ctx, c.rest.Delete().AbsPath(path).SetHeader("Content-Type", runtime.ContentTypeJSON).Body(body), nil)
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// pathOf is the path of a kind in a namespace; an empty one is all of them.
func pathOf(kind, namespace string) string {
	base, resource := "/api/v1", "pods"
	switch kind {
	case "Job":
		base, resource = "/apis/batch/v1", "jobs"
	case "Service":
		resource = "services"
	case "Event":
		resource = "events"
	case "EndpointSlice":
		base, resource = "/apis/discovery.k8s.io/v1", "endpointslices"
	case "Namespace":
		return base + "/namespaces"
	case "Node":
		return base + "/nodes"
	}
	if namespace == "" {
		return base + "/" + resource
	}
	return base + "/namespaces/" + url.PathEscape(namespace) + "/" + resource
}

// Nodes reads all nodes. Their modes are not in the API: the caller adds them.
func (c *Client) Nodes(ctx context.Context) ([]Node, error) {
	var out []Node
	next := ""
	for {
		var page corev1.NodeList
		r := c.rest.Get().AbsPath(pathOf("Node", "")).Param("limit", "500")
		if next != "" {
			r = r.Param("continue", next)
		}
		if err := c.do(ctx, r, &page); err != nil {
			return nil, fmt.Errorf("reading the nodes: %w", err)
		}
		for i := range page.Items {
			out = append(out, nodeOf(&page.Items[i]))
		}
		if next = page.Continue; next == "" {
			return out, nil
		}
	}
}

func nodeOf(o *corev1.Node) Node {
	i := o.Status.NodeInfo
	n := Node{
		Name: o.Name, Kernel: plain(i.KernelVersion), Kubelet: plain(i.KubeletVersion), OS: i.OperatingSystem, Arch: i.Architecture,
		InstanceType: o.Labels[corev1.LabelInstanceTypeStable], Zone: o.Labels[corev1.LabelTopologyZone],
	}
	for _, t := range o.Spec.Taints {
		if t.Effect != corev1.TaintEffectPreferNoSchedule {
			n.Taints = append(n.Taints, taintText(t))
		}
	}
	switch ready := readiness(o); {
	case i.OperatingSystem != "" && i.OperatingSystem != "linux":
		n.Unfit = "it runs " + i.OperatingSystem
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
			return plain(strings.TrimSuffix("NotReady: "+c.Message, ": "))
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
	err := c.get(ctx, pathOf("Service", r.Namespace)+"/"+url.PathEscape(r.Name), &o)
	if apierrors.IsNotFound(err) {
		return nil, &Trouble{Sentence: fmt.Sprintf("There is no Service %s/%s.", r.Namespace, r.Name), Remedy: "\"kubectl get services -A\" lists those there are."}
	}
	if err != nil {
		return nil, fmt.Errorf("reading the Service: %w", err)
	}
	var all discoveryv1.EndpointSliceList
	if err := c.list(ctx, pathOf("EndpointSlice", r.Namespace), discoveryv1.LabelServiceName+"="+r.Name, &all); err != nil {
		return nil, fmt.Errorf("reading the EndpointSlices: %w", err)
	}
	return r.resolve(&o, all.Items)
}

// watchPods reports pods with the labels until the server ends the request.
func (c *Client) watchPods(ctx context.Context, namespace, labels, version string, each func(watch.EventType, *corev1.Pod) error) error {
	body, err := c.rest.Get().AbsPath(pathOf("Pod", namespace)).SetHeader("Accept", runtime.ContentTypeJSON).
		Param("watch", "true").Param("labelSelector", labels).Param("resourceVersion", version).
		Param("timeoutSeconds", strconv.Itoa(watchSeconds)).Stream(ctx)
	if err != nil {
		return err
	}
	defer body.Close()
	events := json.NewDecoder(bufio.NewReader(body))
	for {
		var event struct {
			Type   watch.EventType `json:"type"`
			Object json.RawMessage `json:"object"`
		}
		if err := events.Decode(&event); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if event.Type == watch.Error {
			var s metav1.Status
			if err := json.Unmarshal(event.Object, &s); err != nil {
				return err
			}
			return &apierrors.StatusError{ErrStatus: s}
		}
		var pod corev1.Pod
		if err := json.Unmarshal(event.Object, &pod); err != nil {
			return fmt.Errorf("decoding a pod: %w", err)
		}
		if err := each(event.Type, &pod); err != nil {
			return err
		}
	}
}

const watchSeconds = 300

// log streams a pod's log, following it; since, if not zero, leaves out older lines.
func (c *Client) log(ctx context.Context, namespace, pod string, since time.Time) (io.ReadCloser, error) {
	r := c.rest.Get().AbsPath(pathOf("Pod", namespace)+"/"+url.PathEscape(pod)+"/log").Param("follow", "true").Param("container", "agent")
	if !since.IsZero() {
		r = r.Param("sinceTime", since.UTC().Format(time.RFC3339))
	}
	return r.Stream(ctx)
}

// events are the reasons that controllers gave for what became of an object.
func (c *Client) events(ctx context.Context, namespace, kind, name string) ([]corev1.Event, error) {
	var list corev1.EventList
	r := c.rest.Get().AbsPath(pathOf("Event", namespace)).
		Param("fieldSelector", "involvedObject.kind="+kind+",involvedObject.name="+name)
	err := c.do(ctx, r, &list)
	return list.Items, err
}

// jobs lists a run's Jobs, or with an empty run those of all runs.
func (c *Client) jobs(ctx context.Context, namespace, labels string) ([]batchv1.Job, error) {
	var list batchv1.JobList
	err := c.list(ctx, pathOf("Job", namespace), labels, &list)
	return list.Items, err
}
