package forward

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// fakeCluster is an API server with pods of nodes, and behind them what answers at the
// loopback of each. It refuses what the real one refuses.
type fakeCluster struct {
	t       *testing.T
	pods    map[string][]corev1.Pod            // by node
	servers map[string]map[string]http.Handler // by node and port; no server: nobody listens
	denied  map[string]bool                    // namespaces

	mu    sync.Mutex
	asked []string
}

// hostPod is a pod that uses its node's network.
func hostPod(namespace, name string) corev1.Pod {
	p := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	p.Spec.HostNetwork, p.Status.Phase = true, corev1.PodRunning
	return p
}

// ServeHTTP implements [http.Handler].
func (f *fakeCluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked = append(f.asked, r.Method+" "+r.URL.Path)
	f.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case strings.HasSuffix(r.URL.Path, "/selfsubjectaccessreviews"):
		var review authorizationv1.SelfSubjectAccessReview
		_ = json.NewDecoder(r.Body).Decode(&review)
		a := review.Spec.ResourceAttributes
		review.Status.Allowed = a.Verb == "create" && a.Resource == "pods" && a.Subresource == "portforward" && !f.denied[a.Namespace]
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(review)
	case r.Method == http.MethodGet && r.URL.Path == "/api/v1/pods":
		selector := r.URL.Query().Get("fieldSelector")
		list := corev1.PodList{TypeMeta: metav1.TypeMeta{Kind: "PodList", APIVersion: "v1"}}
		for node, pods := range f.pods {
			for _, p := range pods {
				if p.Spec.NodeName = node; strings.Contains(selector, "spec.nodeName="+node+",") {
					list.Items = append(list.Items, p)
				}
			}
		}
		_ = json.NewEncoder(w).Encode(list)
	case r.Method == http.MethodPost && len(path) == 7 && path[6] == "portforward":
		f.forward(w, r, path[3], path[5])
	default:
		http.NotFound(w, r)
	}
}

// nodeOf is the node of a pod, and whether there is one.
func (f *fakeCluster) nodeOf(namespace, name string) (string, bool) {
	for node, pods := range f.pods {
		for _, p := range pods {
			if p.Namespace == namespace && p.Name == name {
				return node, true
			}
		}
	}
	return "", false
}

// forward is what a kubelet does: a stream for data and one for errors, by connection.
func (f *fakeCluster) forward(w http.ResponseWriter, r *http.Request, namespace, name string) {
	node, known := f.nodeOf(namespace, name)
	if !known || f.denied[namespace] {
		w.WriteHeader(http.StatusForbidden)
		_ = json.NewEncoder(w).Encode(metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure", Reason: metav1.StatusReasonForbidden, Code: 403, Message: "forbidden"})
		return
	}
	if _, err := httpstream.Handshake(r, w, []string{"portforward.k8s.io"}); err != nil {
		f.t.Error(err)
		return
	}
	streams := make(chan httpstream.Stream, 16)
	conn := spdy.NewResponseUpgrader().UpgradeResponse(w, r, func(s httpstream.Stream, _ <-chan struct{}) error {
		streams <- s
		return nil
	})
	if conn == nil {
		f.t.Error("not upgraded")
		return
	}
	defer conn.Close()
	problems := map[string]httpstream.Stream{}
	for {
		select {
		case s := <-streams:
			id := s.Headers().Get(corev1.PortForwardRequestIDHeader)
			if s.Headers().Get(corev1.StreamType) == corev1.StreamTypeError {
				problems[id] = s
			} else {
				f.serve(node, s, problems[id])
			}
		case <-conn.CloseChan():
			return
		}
	}
}

func (f *fakeCluster) serve(node string, data, problem httpstream.Stream) {
	port := data.Headers().Get(corev1.PortHeader)
	h := f.servers[node][port]
	if h == nil {
		fmt.Fprintf(problem, "an error occurred forwarding %[1]s -> %[1]s: dial tcp4 127.0.0.1:%[1]s: connect: connection refused", port)
		_, _ = problem.Close(), data.Close()
		return
	}
	here, there := net.Pipe()
	l := &oneListener{conn: make(chan net.Conn, 1), done: make(chan struct{})}
	l.conn <- there
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(l) }()
	go func() {
		_, _ = io.Copy(here, data)
		_ = here.Close()
	}()
	go func() {
		_, _ = io.Copy(data, here)
		_, _ = problem.Close(), data.Close()
		_, _ = server.Close(), l.Close()
	}()
}

// oneListener accepts one connection.
type oneListener struct {
	conn chan net.Conn
	done chan struct{}
	once sync.Once
}

func (l *oneListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conn:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}
func (l *oneListener) Close() error   { l.once.Do(func() { close(l.done) }); return nil }
func (l *oneListener) Addr() net.Addr { return &net.TCPAddr{} }

// kubeProxy answers as one in a mode does.
func kubeProxy(mode string) http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("/proxyMode", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, mode) })
	m.HandleFunc("/configz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"kubeproxy.config.k8s.io":{"mode":%q,"iptables":{"minSyncPeriod":"1s"},"hostnameOverride":"other"}}`, mode)
	})
	m.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "# TYPE kubernetes_build_info gauge\nkubernetes_build_info{git_version=\"v1.33.4\"} 1\n"+
			"# TYPE kubeproxy_sync_proxy_rules_last_timestamp_seconds gauge\nkubeproxy_sync_proxy_rules_last_timestamp_seconds 100\n"+
			"# TYPE kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds gauge\nkubeproxy_sync_proxy_rules_last_queued_timestamp_seconds 90\n")
	})
	return m
}

func start(t *testing.T, f *fakeCluster) *Client {
	t.Helper()
	f.t = t
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	c, err := Connect(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func silent(int, int) {}

// TestAsk: one node of each group speaks for itself; another takes its place where it does
// not answer, and what could not be asked is said.
func TestAsk(t *testing.T) {
	plainPod := hostPod("shop", "cart")
	plainPod.Spec.HostNetwork = false
	at := func(h http.Handler) map[string]http.Handler { return map[string]http.Handler{"10249": h} }
	f := &fakeCluster{
		pods: map[string][]corev1.Pod{
			"a": {hostPod("monitoring", "exporter-a"), hostPod("kube-system", "kube-proxy-a")}, "b": {plainPod}, "c": {hostPod("cni", "agent-c")},
			"d": {hostPod("kube-system", "cilium-d")}, "e": {hostPod("kube-system", "kube-proxy-e")},
		},
		servers: map[string]map[string]http.Handler{"a": at(kubeProxy("iptables")), "c": at(kubeProxy("nftables")), "e": {"10333": kubeProxy("ipvs")}},
	}
	c := start(t, f)
	got, err := c.Ask(t.Context(), []Group{{Nodes: []string{"a", "e"}}, {Nodes: []string{"b", "c"}}, {Nodes: []string{"d"}}, {Nodes: []string{"e"}, Port: 10333}}, false, silent)
	if err != nil || len(got.Reports) != 3 || len(got.Said) != 1 || !strings.Contains(got.Said[0], "kube-proxy on d was not asked: nothing answers at 127.0.0.1:10249") {
		t.Fatalf("%v, %q, %+v", err, got.Said, got.Reports)
	}
	for i, want := range []struct{ node, mode string }{{"a", "iptables"}, {"c", "nftables"}, {"e", "ipvs"}} {
		r := got.Reports[i]
		if r.Node != want.node || r.Mode.Value != advisor.Mode(want.mode) || r.Version.Value != "v1.33.4" || r.Waiting.Or(-1) != 0 {
			t.Errorf("%+v", r)
		}
	}
	if got.Reports[0].Config.MinSyncPeriod.Value != time.Second {
		t.Errorf("%+v", got.Reports[0].Config)
	}
	for _, asked := range f.asked {
		if strings.Contains(asked, "exporter-a") {
			t.Errorf("%s, and kube-proxy's own pod is there", asked)
		}
	}
	all, err := c.Ask(t.Context(), []Group{{Nodes: []string{"a", "b", "c", "d"}}}, true, silent)
	if err != nil || len(all.Reports) != 2 || len(all.Said) != 2 {
		t.Errorf("%v, %q, %d reports", err, all.Said, len(all.Reports))
	}
}

// TestRights: without the right nothing is forwarded, and there is one sentence and the
// Role. Where it is had in one namespace, that is the way.
func TestRights(t *testing.T) {
	f := &fakeCluster{
		pods:    map[string][]corev1.Pod{"a": {hostPod("kube-system", "kube-proxy-a"), hostPod("monitoring", "exporter-a")}},
		servers: map[string]map[string]http.Handler{"a": {"10249": kubeProxy("ipvs")}},
		denied:  map[string]bool{"kube-system": true, "monitoring": true},
	}
	c := start(t, f)
	_, err := c.Ask(t.Context(), []Group{{Nodes: []string{"a"}}}, false, silent)
	p, _ := err.(*plain.Error)
	if p == nil || p.Sentence != "This user may not create pods/portforward in kube-system." || p.Remedy != `"kpadvisor rbac --port-forward -n kube-system" prints the Role to ask for.` {
		t.Errorf("%v", err)
	}
	for _, asked := range f.asked {
		if strings.Contains(asked, "portforward") {
			t.Errorf("%s without the right", asked)
		}
	}
	delete(f.denied, "monitoring")
	if got, err := c.Ask(t.Context(), []Group{{Nodes: []string{"a"}}}, false, silent); err != nil || len(got.Reports) != 1 {
		t.Errorf("%v, %+v", err, got)
	}
	if _, err := c.Ask(t.Context(), nil, true, silent); err == nil {
		t.Error("no node is no error")
	}
}

// TestHostile: whatever answers at a node, the others are asked, and it is said in words.
func TestHostile(t *testing.T) {
	endless := func(w http.ResponseWriter, r *http.Request) {
		var err error
		for err == nil && r.Context().Err() == nil {
			_, err = w.Write([]byte(strings.Repeat("kubeproxy_sync_x 1\n", 4_000)))
		}
	}
	for name, c := range map[string]struct {
		h    http.HandlerFunc
		says string
	}{
		"HTML": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>\x1b[31m") }, "is no kube-proxy"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
		}, "/proxyMode was not answered"},
		"not found": {http.NotFound, "/proxyMode was answered with 404"},
		"a lie":     {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "turbo\n") }, "is no kube-proxy"},
		"never":     {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "did not answer within"},
		"for ever":  {endless, "it is larger than"},
		"a hung up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "/proxyMode was not answered"},
	} {
		f := &fakeCluster{
			pods:    map[string][]corev1.Pod{"a": {hostPod("kube-system", "x")}, "b": {hostPod("kube-system", "y")}},
			servers: map[string]map[string]http.Handler{"a": {"10249": c.h}, "b": {"10249": kubeProxy("ipvs")}},
		}
		client := start(t, f)
		client.Each = time.Minute
		if name == "never" {
			client.Each = 2 * time.Second
		}
		got, err := client.Ask(t.Context(), []Group{{Nodes: []string{"a"}}, {Nodes: []string{"b"}}}, false, silent)
		if name == "never" && len(got.Reports) == 0 { // a slow machine
			continue
		}
		if err != nil || len(got.Reports) != 1 || len(got.Said) != 1 || !strings.Contains(got.Said[0], c.says) || strings.Contains(got.Said[0], "\x1b") {
			t.Errorf("%s: %v, %q, %d reports", name, err, got.Said, len(got.Reports))
		}
	}
}

// TestInterrupted: asking ends with its context.
func TestInterrupted(t *testing.T) {
	f := &fakeCluster{
		pods: map[string][]corev1.Pod{"a": {hostPod("kube-system", "x")}},
	}
	reached := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	f.servers = map[string]map[string]http.Handler{"a": {"10249": http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(reached)
		<-r.Context().Done()
	})}}
	go func() {
		<-reached
		cancel()
	}()
	if _, err := start(t, f).Ask(ctx, []Group{{Nodes: []string{"a"}}}, false, silent); err == nil {
		t.Error("it ended well")
	}
}
