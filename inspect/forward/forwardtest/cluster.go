// Package forwardtest is an API server for tests of what is asked through port-forward.
package forwardtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"
)

// Cluster is an API server with pods of nodes, and behind them what answers at the
// loopback of each. It refuses what the real one refuses.
type Cluster struct {
	T       testing.TB
	Pods    map[string][]corev1.Pod            // by node
	Servers map[string]map[string]http.Handler // by node and port; no server: nobody listens
	Denied  map[string]bool                    // namespaces

	mu    sync.Mutex
	asked []string
}

// Asked are the requests that came, as "GET /api/v1/pods".
func (f *Cluster) Asked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.asked)
}

// HostPod is a pod that uses its node's network.
func HostPod(namespace, name string) corev1.Pod {
	p := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	p.Spec.HostNetwork, p.Status.Phase = true, corev1.PodRunning
	return p
}

// ServeHTTP implements [http.Handler].
func (f *Cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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
		review.Status.Allowed = a.Verb == "create" && a.Resource == "pods" && a.Subresource == "portforward" &&
			!f.Denied[a.Namespace]
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(review)
	case r.Method == http.MethodGet && r.URL.Path == "/api/v1/pods":
		selector := r.URL.Query().Get("fieldSelector")
		list := corev1.PodList{TypeMeta: metav1.TypeMeta{Kind: "PodList", APIVersion: "v1"}}
		for node, pods := range f.Pods {
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
func (f *Cluster) nodeOf(namespace, name string) (string, bool) {
	for node, pods := range f.Pods {
		for _, p := range pods {
			if p.Namespace == namespace && p.Name == name {
				return node, true
			}
		}
	}
	return "", false
}

// forward is what a kubelet does: a stream for data and one for errors, by connection.
func (f *Cluster) forward(w http.ResponseWriter, r *http.Request, namespace, name string) {
	node, known := f.nodeOf(namespace, name)
	if !known || f.Denied[namespace] {
		w.WriteHeader(http.StatusForbidden)
		_ = json.NewEncoder(w).
			Encode(metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure", Reason: metav1.StatusReasonForbidden, Code: 403, Message: "forbidden"})
		return
	}
	if _, err := httpstream.Handshake(r, w, []string{"portforward.k8s.io"}); err != nil {
		f.T.Error(err)
		return
	}
	streams := make(chan httpstream.Stream, 16)
	conn := spdy.NewResponseUpgrader().UpgradeResponse(w, r, func(s httpstream.Stream, _ <-chan struct{}) error {
		streams <- s
		return nil
	})
	if conn == nil {
		f.T.Error("not upgraded")
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

func (f *Cluster) serve(node string, data, problem httpstream.Stream) {
	port := data.Headers().Get(corev1.PortHeader)
	h := f.Servers[node][port]
	if h == nil {
		fmt.Fprintf(
			problem,
			"an error occurred forwarding %[1]s -> %[1]s: dial tcp4 127.0.0.1:%[1]s: connect: connection refused",
			port,
		)
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

// KubeProxy answers as one in a mode does.
func KubeProxy(mode string) http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("/proxyMode", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, mode) })
	m.HandleFunc("/configz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(
			w,
			`{"kubeproxy.config.k8s.io":{"mode":%q,"iptables":{"minSyncPeriod":"1s"},"hostnameOverride":"other"}}`,
			mode,
		)
	})
	m.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "# TYPE kubernetes_build_info gauge\nkubernetes_build_info{git_version=\"v1.33.4\"} 1\n"+
			"# TYPE kubeproxy_sync_proxy_rules_last_timestamp_seconds gauge\nkubeproxy_sync_proxy_rules_last_timestamp_seconds 100\n"+
			"# TYPE kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds gauge\nkubeproxy_sync_proxy_rules_last_queued_timestamp_seconds 90\n")
	})
	return m
}
