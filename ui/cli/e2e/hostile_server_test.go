package e2e

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
)

// hostile is an API server of one node and kube-proxy that plays a trick: where its
// handler takes a request, the honest answer is not given.
type hostile struct {
	*httptest.Server
	trick http.HandlerFunc
	at    string // what a path begins with or ends on, for the trick to be played; empty is all

	mu     sync.Mutex
	played int
}

const hostileToken = "secret-of-the-administrator"

func newHostile(t *testing.T, row trick) *hostile {
	t.Helper()
	h := &hostile{trick: row.serve, at: row.at}
	h.Server = httptest.NewUnstartedServer(h)
	h.EnableHTTP2 = !row.http1
	h.StartTLS()
	t.Cleanup(func() { h.CloseClientConnections(); h.Close() })
	return h
}

func (h *hostile) config() *rest.Config {
	return &rest.Config{
		Host: h.URL, BearerToken: hostileToken,
		TLSClientConfig: rest.TLSClientConfig{CAData: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.Certificate().Raw})},
	}
}

func (h *hostile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, h.at) || strings.HasSuffix(r.URL.Path, h.at) {
		h.mu.Lock()
		h.played++
		h.mu.Unlock()
		h.trick(w, r)
		return
	}
	honest(w, r)
}

// honest answers as a small cluster does.
func honest(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/version":
		writeJSON(w, map[string]string{"major": "1", "minor": "33", "gitVersion": "v1.33.4"})
	case strings.HasSuffix(r.URL.Path, "/nodes"):
		list(w, r, "NodeList", metav1.ListMeta{}, node("node-1"))
	case strings.HasSuffix(r.URL.Path, "/daemonsets"):
		list(w, r, "DaemonSetList", metav1.ListMeta{}, kubeProxy())
	case strings.HasPrefix(r.URL.Query().Get("labelSelector"), "k8s-app in (kube-proxy"):
		d := kubeProxy()
		p := &corev1.Pod{ObjectMeta: d.ObjectMeta, Spec: d.Spec.Template.Spec}
		p.Name, p.Spec.NodeName, p.Status.Phase = "kube-proxy-1", "node-1", corev1.PodRunning
		list(w, r, "PodList", metav1.ListMeta{}, p)
	default:
		list(w, r, "List", metav1.ListMeta{})
	}
}

func node(name string) *corev1.Node {
	n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}
	n.Status.NodeInfo = corev1.NodeSystemInfo{
		KernelVersion: "6.8.0", OSImage: "Ubuntu 24.04", OperatingSystem: "linux",
		Architecture: "amd64", KubeletVersion: "v1.33.4",
	}
	return n
}

func kubeProxy() *appsv1.DaemonSet {
	d := &appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{
		Name: "kube-proxy", Namespace: "kube-system", Labels: map[string]string{"k8s-app": "kube-proxy"},
	}}
	d.Spec.Template.Spec.Containers = []corev1.Container{{
		Name: "kube-proxy", Image: "kube-proxy:v1.33.4",
		Command:      []string{"/usr/local/bin/kube-proxy", "--config=/var/lib/kube-proxy/config.conf"},
		VolumeMounts: []corev1.VolumeMount{{Name: "kube-proxy", MountPath: "/var/lib/kube-proxy"}},
	}}
	d.Spec.Template.Spec.Volumes = []corev1.Volume{{Name: "kube-proxy", VolumeSource: corev1.VolumeSource{
		ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "kube-proxy"}},
	}}}
	d.Spec.Template.Spec.HostNetwork = true
	d.Spec.Selector = &metav1.LabelSelector{MatchLabels: d.Labels}
	d.Spec.Template.Labels = d.Labels
	d.Status.DesiredNumberScheduled, d.Status.NumberReady = 1, 1
	return d
}

// marshaler is an object that can be sent both ways.
type marshaler interface{ Marshal() ([]byte, error) }

// wantsProtobuf reports whether a request prefers protobuf.
func wantsProtobuf(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Accept"), runtime.ContentTypeProtobuf)
}

// list answers with a list, in the form that the request prefers.
func list(w http.ResponseWriter, r *http.Request, kind string, meta metav1.ListMeta, items ...marshaler) {
	if !wantsProtobuf(r) {
		writeJSON(w, map[string]any{"kind": kind, "apiVersion": "v1", "metadata": meta, "items": items})
		return
	}
	text, err := meta.Marshal()
	body := field(1, text)
	for _, o := range items {
		if err == nil {
			text, err = o.Marshal()
		}
		body = append(body, field(2, text)...)
	}
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", runtime.ContentTypeProtobuf)
	_, _ = w.Write(append([]byte("k8s\x00"), field(2, body)...)) // the client may be gone
}

// field is a field of a protobuf message.
func field(number byte, text []byte) []byte {
	out := []byte{number<<3 | 2}
	n := uint64(len(text))
	for ; n >= 0x80; n >>= 7 {
		out = append(out, byte(n)|0x80)
	}
	return append(append(out, byte(n)), text...)
}

func writeJSON(w http.ResponseWriter, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text) // the client may be gone
}

// raw answers with a status, a type and a text.
func raw(code int, kind, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(code)
		_, _ = io.WriteString(w, text) // the client may be gone
	}
}

// bomb answers with 4 GiB of a text, in 4 MiB of gzip, after a beginning.
func bomb(code int, begin string) http.HandlerFunc {
	head, charge := packed([]byte(begin)), packed(bytes.Repeat([]byte("a"), 16<<20))
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(code)
		_, err := w.Write(head)
		for i := 0; i < 256 && err == nil; i++ {
			_, err = w.Write(charge)
		}
	}
}

func packed(text []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(text) // to memory
	_ = z.Close()
	return out.Bytes()
}

// endless writes a text until the client goes, or n times.
func endless(begin string, n int, each func(i int) string, end string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, err := io.WriteString(w, begin)
		for i := 0; err == nil && i < n; i++ {
			_, err = io.WriteString(w, each(i))
		}
		_, _ = io.WriteString(w, end) // the client may be gone
	}
}

// pages answers with a node list whose token and node are told by a counter.
func pages(items func(i int) []marshaler, token func(i int) string) http.HandlerFunc {
	var mu sync.Mutex
	i := 0
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		i++
		list(w, r, "NodeList", metav1.ListMeta{Continue: token(i)}, items(i)...)
	}
}

func none(int) []marshaler  { return nil }
func one(i int) []marshaler { return []marshaler{node(fmt.Sprint("node-", i))} }
func many(i int) (out []marshaler) {
	for n := range 500 {
		out = append(out, node(fmt.Sprint("node-", i, "-", n)))
	}
	return out
}

func anew(i int) string      { return fmt.Sprint("token-", i) }
func same(int) string        { return "token" }
func alternate(i int) string { return fmt.Sprint("token-", i%2) }
func refuseAfter(v string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", v)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"TooManyRequests","code":429}`)
	}
}
