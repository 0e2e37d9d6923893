package apiserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"

	"kpadvisor/plain"
)

// Tunnel is a way into the network of a pod (port-forward): what listens on its loopback
// answers there. Nothing listens on this machine, so that nobody else can use it.
type Tunnel struct {
	conn httpstream.Connection
	stop func() bool // watching the context

	mu      sync.Mutex
	next    int
	refusal string
}

// Forward opens a tunnel to a pod, which ends with ctx. It asks as kubectl did first and
// every API server understands, by SPDY; where something between here and there does not
// let that pass, by a WebSocket as kubectl does now.
func (c *Client) Forward(ctx context.Context, namespace, pod string) (*Tunnel, error) {
	at, err := Resource{Version: "v1", Namespace: namespace, Kind: "pods"}.Path(pod, "portforward")
	if err != nil {
		return nil, err
	}
	conn, err := c.bySPDY(ctx, at)
	if errors.Is(err, errNoUpgrade) {
		var second error
		if conn, second = c.byWebSocket(ctx, at); second == nil {
			err = nil
		} else {
			err = fmt.Errorf("%w, nor does a WebSocket: %w", err, told(second))
		}
	}
	if err != nil {
		return nil, err
	}
	t := &Tunnel{conn: conn}
	t.stop = context.AfterFunc(ctx, func() { _ = conn.Close() }) // it was asked to end
	return t, nil
}

// errNoUpgrade is an answer that is neither a tunnel nor the API server's refusal.
var errNoUpgrade = errors.New("the connection does not become a tunnel")

// bySPDY upgrades a request. It passes all that other requests pass.
func (c *Client) bySPDY(ctx context.Context, at string) (httpstream.Connection, error) {
	request, err := http.NewRequestWithContext(within(ctx, allowance{}), http.MethodPost, c.rest.Post().AbsPath(at).URL().String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header.Set(httpstream.HeaderConnection, httpstream.HeaderUpgrade)
	request.Header.Set(httpstream.HeaderUpgrade, spdy.HeaderSpdy31)
	request.Header.Set(httpstream.HeaderProtocolVersion, portforward.PortForwardProtocolV1Name)
	transport, err := c.upgrading()
	if err != nil {
		return nil, err
	}
	answer, err := (&http.Client{Transport: transport, CheckRedirect: checkRedirect}).Do(request)
	if err != nil {
		return nil, told(err)
	}
	raw, ok := answer.Body.(io.ReadWriteCloser)
	if answer.StatusCode == http.StatusSwitchingProtocols && ok {
		conn, err := spdy.NewClientConnectionWithPings(&upgraded{ReadWriteCloser: raw}, pingPeriod)
		if err != nil {
			_ = raw.Close() // the other error says more
		}
		return conn, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body) // distrust bounds it
	if err != nil {
		return nil, told(err)
	}
	if status, err := statusIn(text); err == nil {
		return nil, status
	}
	return nil, fmt.Errorf("%w: %s", errNoUpgrade, answer.Status)
}

// pingPeriod keeps load balancers from ending a tunnel that is idle.
const pingPeriod = 5 * time.Second

// upgrading is a transport of HTTP/1.1, the only one that upgrades.
func (c *Client) upgrading() (http.RoundTripper, error) {
	config := rest.CopyConfig(c.config)
	config.NextProtos = []string{"http/1.1"}
	return rest.TransportFor(config)
}

// statusIn is the refusal of an API server.
func statusIn(text []byte) (*apierrors.StatusError, error) {
	s := &apierrors.StatusError{}
	if err := Into(text, &s.ErrStatus); err != nil {
		return nil, err
	}
	if s.ErrStatus.Kind != "Status" || s.ErrStatus.Code == 0 {
		return nil, ErrNotKubernetes
	}
	return s, nil
}

// byWebSocket is the same within a WebSocket. Its library takes no context and no bound:
// both come with the request.
func (c *Client) byWebSocket(ctx context.Context, at string) (httpstream.Connection, error) {
	config := rest.CopyConfig(c.config)
	config.WrapTransport = nil // these look at an answer's body, and there is none
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return during{next, ctx} })
	dialer, err := portforward.NewSPDYOverWebsocketDialerForStreaming(c.rest.Get().AbsPath(at).URL(), config)
	if err != nil {
		return nil, err
	}
	conn, _, err := dialer.Dial(portforward.PortForwardProtocolV1Name)
	return conn, err
}

// during gives requests a context.
type during struct {
	next http.RoundTripper
	ctx  context.Context
}

// RoundTrip implements [http.RoundTripper].
func (d during) RoundTrip(r *http.Request) (*http.Response, error) {
	return d.next.RoundTrip(r.WithContext(d.ctx))
}

// Dial connects to a port of the pod's loopback. A port that nobody listens on is an error
// of the first read.
func (t *Tunnel) Dial(port int) (net.Conn, error) {
	t.mu.Lock()
	id := t.next
	t.next++
	t.mu.Unlock()
	headers := http.Header{}
	headers.Set(corev1.PortHeader, strconv.Itoa(port))
	headers.Set(corev1.PortForwardRequestIDHeader, strconv.Itoa(id))
	headers.Set(corev1.StreamType, corev1.StreamTypeError)
	problems, err := t.conn.CreateStream(headers)
	if err != nil {
		return nil, fmt.Errorf("opening a stream of the tunnel: %w", err)
	}
	_ = problems.Close() // this end says nothing on it
	headers.Set(corev1.StreamType, corev1.StreamTypeData)
	data, err := t.conn.CreateStream(headers)
	if err != nil {
		return nil, fmt.Errorf("opening a stream of the tunnel: %w", err)
	}
	c := &upgraded{ReadWriteCloser: data, told: make(chan struct{})}
	go func() {
		defer close(c.told)
		defer func() { _ = recover() }() // then there is no reason but that of the stream
		text, _ := io.ReadAll(io.LimitReader(problems, maxRefusal))
		_, _ = io.Copy(io.Discard, problems) // a frame that nobody takes holds up the others
		t.mu.Lock()
		defer t.mu.Unlock()
		if said := plain.Line(string(text), mostSaid); said != "" {
			t.refusal = said
		}
	}()
	c.end = func() { // what still comes would hold up the other streams
		_, _ = data.Reset(), problems.Reset()
		t.conn.RemoveStreams(problems, data)
	}
	return c, nil
}

// maxRefusal is how much is read of the reason why a connection did not come about.
const maxRefusal = 4 << 10

// Refusal is what the node said last of a connection that did not come about, once that
// has been read to its end; empty if it said nothing.
func (t *Tunnel) Refusal() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.refusal
}

// Close ends the tunnel and all its connections.
func (t *Tunnel) Close() error {
	t.stop()
	return t.conn.Close()
}

// upgraded is what an HTTP request or a stream has become, as a connection. It has no
// deadlines: who uses it has a context.
type upgraded struct {
	io.ReadWriteCloser
	told chan struct{} // closed once the node's reason is known; nil if it gives none
	end  func()
	once sync.Once
}

// Read implements [io.Reader]. The end waits for the reason of it.
func (u *upgraded) Read(p []byte) (int, error) {
	n, err := u.ReadWriteCloser.Read(p)
	if err != nil && u.told != nil {
		<-u.told
	}
	return n, err
}

// Close implements [io.Closer].
func (u *upgraded) Close() error {
	err := u.ReadWriteCloser.Close()
	if u.end != nil {
		u.once.Do(u.end)
	}
	return err
}

type tunnelAddr struct{}

func (tunnelAddr) Network() string { return "tunnel" }
func (tunnelAddr) String() string  { return "tunnel" }

// LocalAddr implements [net.Conn].
func (*upgraded) LocalAddr() net.Addr { return tunnelAddr{} }

// RemoteAddr implements [net.Conn].
func (*upgraded) RemoteAddr() net.Addr { return tunnelAddr{} }

// SetDeadline implements [net.Conn].
func (*upgraded) SetDeadline(time.Time) error { return nil }

// SetReadDeadline implements [net.Conn].
func (*upgraded) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline implements [net.Conn].
func (*upgraded) SetWriteDeadline(time.Time) error { return nil }
