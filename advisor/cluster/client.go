package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/rest"

	"kpadvisor/advisor"
)

// Options say how to read. The zero value reads everything with the defaults.
type Options struct {
	PageSize  int64            // objects per request; 0 means 500
	MaxPages  int              // requests per kind before the read is cut short and says so; 0 means no bound
	Timeout   time.Duration    // of each request, retries included; 0 means the config's, or 30 s if it has none
	WithNames bool             // keep the name of the largest Service and of some nodes of each group
	ProxyMode advisor.Mode     // for node groups whose mode could not be seen; "none" means no kube-proxy
	Name      string           // what to call the cluster: the context
	Now       func() time.Time // nil means time.Now
}

const (
	defaultPageSize = 500
	defaultTimeout  = 30 * time.Second
)

// Client reads one cluster. It is safe for concurrent use.
type Client struct {
	rest    *rest.RESTClient
	http    *http.Client
	o       Options
	version atomic.Pointer[string] // the answer to GET /version, once there is one
}

// Connect prepares a client of the API server that config names. It sends
// nothing; the first request is that of Ready or Start. The error is that of a
// config that cannot work, for Explain.
func Connect(config *rest.Config, o Options) (*Client, error) {
	if o.PageSize <= 0 {
		o.PageSize = defaultPageSize
	}
	if o.Timeout <= 0 {
		o.Timeout = config.Timeout
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}

	config = rest.CopyConfig(config)
	// One request is in flight at a time, so a limit on this side could only add
	// waiting; the server's own (429 with Retry-After) is obeyed by rest.Request.
	config.QPS, config.RateLimiter = -1, nil
	config.Timeout = o.Timeout
	config.WarningHandler = rest.NoWarnings{} // they would be written across the screen
	config.WarningHandlerWithContext = nil
	config.AcceptContentTypes = protobufOrJSON
	config.ContentType = runtime.ContentTypeJSON
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
	return &Client{rest: r, http: h, o: o}, nil
}

const (
	protobufOrJSON = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
	metadataOnly   = runtime.ContentTypeProtobuf + ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1," +
		runtime.ContentTypeJSON + ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1," + protobufOrJSON
)

// statusCodec reads what the API server answers when it refuses. Everything else
// is decoded by this package, so no other type is registered: the full scheme of
// client-go costs start-up time and several MiB.
func statusCodec() runtime.NegotiatedSerializer {
	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	return serializer.NewCodecFactory(scheme).WithoutConversion()
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
	body, err := c.get(ctx, "/version")
	if err != nil {
		return "", fmt.Errorf("asking for the version: %w", err)
	}
	var info version.Info
	if err := json.Unmarshal(body, &info); err != nil || info.GitVersion == "" {
		return "", fmt.Errorf("asking for the version: %w", errNotKubernetes)
	}
	v := cleanText(info.GitVersion)
	c.version.Store(&v)
	return v, nil
}

// get returns the JSON of one object.
func (c *Client) get(ctx context.Context, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	r := c.rest.Get().AbsPath(path).SetHeader("Accept", runtime.ContentTypeJSON).Do(ctx)
	if err := r.Error(); err != nil { // DoRaw would not read the Status that says what is not there
		return nil, err
	}
	return r.Raw()
}
