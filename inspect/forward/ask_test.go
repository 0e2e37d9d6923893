package forward

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"

	"kpadvisor/advisor"
	"kpadvisor/inspect/forward/forwardtest"
	"kpadvisor/plain"
)

func start(t *testing.T, f *forwardtest.Cluster) *Client {
	t.Helper()
	f.T = t
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
	plainPod := forwardtest.HostPod("shop", "cart")
	plainPod.Spec.HostNetwork = false
	at := func(h http.Handler) map[string]http.Handler { return map[string]http.Handler{"10249": h} }
	f := &forwardtest.Cluster{
		Pods: map[string][]corev1.Pod{
			"a": {
				forwardtest.HostPod("monitoring", "exporter-a"),
				forwardtest.HostPod("kube-system", "kube-proxy-a"),
			},
			"b": {plainPod},
			"c": {forwardtest.HostPod("cni", "agent-c")},
			"d": {forwardtest.HostPod("kube-system", "cilium-d")},
			"e": {forwardtest.HostPod("kube-system", "kube-proxy-e")},
		},
		Servers: map[string]map[string]http.Handler{
			"a": at(forwardtest.KubeProxy("iptables")),
			"c": at(forwardtest.KubeProxy("nftables")),
			"e": {"10333": forwardtest.KubeProxy("ipvs")},
		},
	}
	c := start(t, f)
	got, err := c.Ask(
		t.Context(),
		[]Group{
			{Nodes: []string{"a", "e"}},
			{Nodes: []string{"b", "c"}},
			{Nodes: []string{"d"}},
			{Nodes: []string{"e"}, Port: 10333},
		},
		false,
		silent,
	)
	if err != nil || len(got.Reports) != 3 || len(got.Said) != 1 ||
		!strings.Contains(got.Said[0], "kube-proxy on d was not asked: nothing answers at 127.0.0.1:10249") {
		t.Fatalf("%v, %q, %+v", err, got.Said, got.Reports)
	}
	for i, want := range []struct{ node, mode string }{{"a", "iptables"}, {"c", "nftables"}, {"e", "ipvs"}} {
		r := got.Reports[i]
		if r.Node != want.node || r.Mode.Value != advisor.Mode(want.mode) || r.Version.Value != "v1.33.4" ||
			r.Waiting.Or(-1) != 0 {
			t.Errorf("%+v", r)
		}
	}
	if got.Reports[0].Config.MinSyncPeriod.Value != time.Second {
		t.Errorf("%+v", got.Reports[0].Config)
	}
	for _, asked := range f.Asked() {
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
	f := &forwardtest.Cluster{
		Pods: map[string][]corev1.Pod{
			"a": {forwardtest.HostPod("kube-system", "kube-proxy-a"), forwardtest.HostPod("monitoring", "exporter-a")},
		},
		Servers: map[string]map[string]http.Handler{"a": {"10249": forwardtest.KubeProxy("ipvs")}},
		Denied:  map[string]bool{"kube-system": true, "monitoring": true},
	}
	c := start(t, f)
	_, err := c.Ask(t.Context(), []Group{{Nodes: []string{"a"}}}, false, silent)
	var p *plain.Error
	errors.As(err, &p)
	if p == nil || p.Sentence != "This user may not create pods/portforward in kube-system." ||
		p.Remedy != `"kpadvisor rbac --port-forward -n kube-system" prints the Role to ask for.` {
		t.Errorf("%v", err)
	}
	for _, asked := range f.Asked() {
		if strings.Contains(asked, "portforward") {
			t.Errorf("%s without the right", asked)
		}
	}
	delete(f.Denied, "monitoring")
	if got, err := c.Ask(
		t.Context(),
		[]Group{{Nodes: []string{"a"}}},
		false,
		silent,
	); err != nil ||
		len(got.Reports) != 1 {
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
		f := &forwardtest.Cluster{
			Pods: map[string][]corev1.Pod{
				"a": {forwardtest.HostPod("kube-system", "x")},
				"b": {forwardtest.HostPod("kube-system", "y")},
			},
			Servers: map[string]map[string]http.Handler{"a": {"10249": c.h}, "b": {"10249": forwardtest.KubeProxy("ipvs")}},
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
		if err != nil || len(got.Reports) != 1 || len(got.Said) != 1 || !strings.Contains(got.Said[0], c.says) ||
			strings.Contains(got.Said[0], "\x1b") {
			t.Errorf("%s: %v, %q, %d reports", name, err, got.Said, len(got.Reports))
		}
	}
}

// TestInterrupted: asking ends with its context.
func TestInterrupted(t *testing.T) {
	f := &forwardtest.Cluster{
		Pods: map[string][]corev1.Pod{"a": {forwardtest.HostPod("kube-system", "x")}},
	}
	reached := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	f.Servers = map[string]map[string]http.Handler{
		"a": {"10249": http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(reached)
			<-r.Context().Done()
		})},
	}
	go func() {
		<-reached
		cancel()
	}()
	if _, err := start(t, f).Ask(ctx, []Group{{Nodes: []string{"a"}}}, false, silent); err == nil {
		t.Error("it ended well")
	}
}
