package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/rest"

	"kpadvisor/apiserver"
)

// Options say how to read. The zero value reads everything with the defaults.
type Options struct {
	PageSize  int64            // objects per request; 0 means 500
	MaxPages  int              // requests per kind before the read is cut short and says so; 0 means no bound
	Whole     time.Duration    // of the whole survey, which then ends incomplete; 0 means no bound
	Timeout   time.Duration    // of each request, retries included; 0 means the config's, or 30 s if it has none
	WithNames bool             // keep the name of the largest Service and of some nodes of each group
	Name      string           // what to call the cluster: the context
	Now       func() time.Time // nil means time.Now
}

// Client reads one cluster. It is safe for concurrent use.
type Client struct {
	api     *apiserver.Client
	o       Options
	version atomic.Pointer[string] // the answer to GET /version, once there is one
}

// Connect prepares a client of the API server that config names. It sends
// nothing; the first request is that of Ready or Start. The error is that of a
// config that cannot work, for Explain.
func Connect(config *rest.Config, o Options) (*Client, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	api, err := apiserver.Connect(config, apiserver.Options{
		Timeout: o.Timeout, PageSize: o.PageSize, MaxPages: o.MaxPages, Protobuf: true,
	})
	if err != nil {
		return nil, err
	}
	return &Client{api: api, o: o}, nil
}

// Ready makes the first request, so that a credential plugin can ask its
// questions before a screen is drawn. The error is for Explain. A server that
// hides its version but answers as a Kubernetes API server is ready.
func (c *Client) Ready(ctx context.Context) error {
	_, err := c.serverVersion(ctx)
	if isConnectionError(err) {
		return err
	}
	return nil
}

// serverVersion returns the API server's gitVersion, as "v1.33.4".
func (c *Client) serverVersion(ctx context.Context) (string, error) {
	if v := c.version.Load(); v != nil {
		return *v, nil
	}
	body, err := c.api.Version(ctx)
	if err != nil {
		return "", fmt.Errorf("asking for the version: %w", err)
	}
	var info version.Info
	if err := json.Unmarshal(body, &info); err != nil || info.GitVersion == "" {
		return "", fmt.Errorf("asking for the version: %w", apiserver.ErrNotKubernetes)
	}
	v := cleanText(info.GitVersion)
	c.version.Store(&v)
	return v, nil
}
