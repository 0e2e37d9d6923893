package apiserver

import (
	"fmt"
	"net/http"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"
)

// Options say how to ask. The zero value is the usual.
type Options struct {
	Timeout  time.Duration // of a request that is no stream, its retries and its whole body included; 0 means the config's, or 30 s if it has none
	PageSize int64         // objects of a list that one request asks for; 0 means 500
	MaxPages int           // requests for one list before ErrBounded; 0 means no bound
	Protobuf bool          // lists may come as protobuf
}

const (
	// DefaultTimeout is that of each request whose config has none.
	DefaultTimeout  = 30 * time.Second
	defaultPageSize = 500
)

// maxHeaders bounds the header of an answer, in bytes. net/http's own bound of 10 MiB
// lets two million empty fields through.
const maxHeaders = 128 << 10

// Client asks one API server. It is safe for concurrent use.
type Client struct {
	rest   *rest.RESTClient
	http   *http.Client
	config *rest.Config // with distrust
	o      Options
	most   uint64 // bytes that may live while it reads
}

// Connect prepares a client of the API server that config names. It sends nothing. The
// error is that of a config that cannot work.
func Connect(config *rest.Config, o Options) (*Client, error) {
	if o.Timeout <= 0 {
		o.Timeout = config.Timeout
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.PageSize <= 0 {
		o.PageSize = defaultPageSize
	}
	config = rest.CopyConfig(config)
	// Few requests are in flight at a time, so a limit on this side could only add
	// waiting; the server's own (429 with Retry-After) is obeyed by rest.Request.
	config.QPS, config.RateLimiter = -1, nil
	config.Timeout = 0 // a stream lasts; every other request has a context that ends
	config.WarningHandler, config.WarningHandlerWithContext = rest.NoWarnings{}, nil
	config.ContentType, config.AcceptContentTypes = runtime.ContentTypeJSON, runtime.ContentTypeJSON
	if o.Protobuf {
		config.AcceptContentTypes = protobufOrJSON
	}
	config.NegotiatedSerializer = statusCodec()
	if config.UserAgent == "" {
		config.UserAgent = rest.DefaultKubernetesUserAgent()
	}
	if config.Proxy == nil {
		config.Proxy = http.ProxyFromEnvironment // said aloud, client-go makes a transport of our own
	}
	proxy := config.Proxy
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		boundHeaders(next)
		return &distrust{next: viaProxy{next, proxy}, pace: usualPace()}
	})
	transport, err := rest.TransportFor(config)
	if err != nil {
		return nil, fmt.Errorf("preparing the connection: %w", err)
	}
	h := &http.Client{Transport: transport, CheckRedirect: checkRedirect}
	r, err := rest.UnversionedRESTClientForConfigAndClient(config, h)
	if err != nil {
		return nil, fmt.Errorf("preparing the connection: %w", err)
	}
	return &Client{rest: r, http: h, config: config, o: o, most: live() + maxHeap}, nil
}

// boundHeaders bounds the headers of a transport that nobody uses yet.
func boundHeaders(rt http.RoundTripper) {
	for rt != nil {
		if t, ok := rt.(*http.Transport); ok && t != http.DefaultTransport {
			t.MaxResponseHeaderBytes = maxHeaders
			return
		}
		w, ok := rt.(utilnet.RoundTripperWrapper)
		if !ok {
			return
		}
		rt = w.WrappedRoundTripper()
	}
}

// Timeout is that of a request that is no stream.
func (c *Client) Timeout() time.Duration { return c.o.Timeout }

// CloseIdle closes the connections that no request uses.
func (c *Client) CloseIdle() { c.http.CloseIdleConnections() }

const (
	protobufOrJSON = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
	metadataJSON   = runtime.ContentTypeJSON + ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
	metadataOnly   = runtime.ContentTypeProtobuf + ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1," + metadataJSON + ","
)

// statusCodec reads what the API server answers when it refuses. Everything else
// is decoded elsewhere, so no other type is registered: the full scheme of client-go
// costs start-up time and several MiB.
func statusCodec() runtime.NegotiatedSerializer {
	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	return serializer.NewCodecFactory(scheme).WithoutConversion()
}
