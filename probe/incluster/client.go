package incluster

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"

	"kpadvisor/jobs"
	"kpadvisor/plain"
)

// Client asks the API server for what a run needs, and nothing else. It is safe for
// concurrent use.
type Client struct{ *jobs.Client }

// Connect prepares a client of the API server that config names; it sends nothing.
func Connect(config *rest.Config) (*Client, error) {
	c, err := jobs.Connect(config)
	if err != nil {
		return nil, err
	}
	return &Client{c}, nil
}

// Service finds a Service of the user's and its pods.
func (c *Client) Service(ctx context.Context, r ServiceRef, namespace string) (*Service, error) {
	if r.Namespace == "" {
		r.Namespace = namespace
	}
	var o corev1.Service
	err := c.Get(ctx, jobs.Collection("Service", r.Namespace), r.Name, &o)
	if apierrors.IsNotFound(err) {
		return nil, plain.Fail(fmt.Sprintf("There is no Service %s/%s.", r.Namespace, r.Name),
			"\"kubectl get services -A\" lists those there are.", nil)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the Service: %w", err)
	}
	all, _, err := jobs.List[discoveryv1.EndpointSlice](ctx, c.Client, jobs.Collection("EndpointSlice", r.Namespace), discoveryv1.LabelServiceName+"="+r.Name)
	if err != nil {
		return nil, fmt.Errorf("reading the EndpointSlices: %w", err)
	}
	return r.resolve(&o, all)
}
