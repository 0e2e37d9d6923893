package incluster

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/client-go/rest"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster/clustertest"
	"kpadvisor/inspect/forward"
)

// TestPortForward: a user who may read the cluster and forward ports into kube-system, and
// nothing else, is told by each real kube-proxy which mode it runs, through real kubelets.
// Without that right there is a sentence and the Role to ask for, and with it no other
// request than those of the Role.
func TestPortForward(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	user := "forwarder"
	config := configOf(t, c.User(t, user))
	wide := strings.ReplaceAll(launch(t, config, "rbac").wait(0).stdout.String(), "name: kpadvisor", "name: "+user)
	kubectl(t, wide, "apply", "-f", "-")
	kubectl(t, "", "create", "clusterrolebinding", user, "--clusterrole="+user, "--user="+user)
	t.Cleanup(func() { kubectl(t, "", "delete", "clusterrolebinding/"+user, "clusterrole/"+user) })
	c.AwaitPermission(t, user, authorizationv1.SubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "list", Resource: "nodes"}})

	denied := launch(t, config, "audit", "--port-forward").wait(1)
	contains(t, "what is said without the right", denied.stderr.String(),
		"This user may not create pods/portforward in kube-system.", `Remedy: "kpadvisor rbac --port-forward -n kube-system" prints the Role to ask for.`)
	for _, r := range c.Requests(t, user) {
		if strings.Contains(r.URI, "portforward") {
			t.Errorf("asked for without the right: %s", r.URI)
		}
	}
	kubectl(t, launch(t, config, "rbac", "--port-forward", "-n", "kube-system").wait(0).stdout.String(), "apply", "-f", "-")
	kubectl(t, "", "-n", "kube-system", "create", "rolebinding", "kpadvisor-port-forward", "--role=kpadvisor-port-forward", "--user="+user)
	c.AwaitPermission(t, user, authorizationv1.SubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
		Verb: "create", Resource: "pods", Subresource: "portforward", Namespace: "kube-system",
	}})
	proved(t, config, "--port-forward")

	start := len(c.Requests(t, user))
	proved(t, config, "--port-forward=all")
	forwards := 0
	for _, r := range c.Requests(t, user)[start:] {
		switch {
		case strings.Contains(r.URI, "/portforward"):
			forwards++
		case r.Verb != "get" && r.Verb != "list" && !strings.HasPrefix(r.Resource, "selfsubject"):
			t.Errorf("%s %s", r.Verb, r.URI)
		}
	}
	if forwards < len(c.Nodes) {
		t.Errorf("%d tunnels to %d nodes", forwards, len(c.Nodes))
	}
	one := launch(t, config, "audit", "-o", "json", "--port-forward="+c.Nodes[1].Name+",not-there")
	facts := reported(t, one)
	if len(facts.NodeReports) != 1 || facts.NodeReports[0].Mode.Value != advisor.Mode(c.Nodes[1].Mode) {
		t.Errorf("%+v", facts.NodeReports)
	}
	contains(t, "what is said of a node that is not there", one.stderr.String(), "kube-proxy on not-there was not asked: no pod that uses the node's network runs there.")
}

func reported(t *testing.T, p *process) advisor.Facts {
	t.Helper()
	p.awaitEnd() // its code is of the advice
	var doc struct{ Facts advisor.Facts }
	if err := json.Unmarshal([]byte(p.stdout.String()), &doc); err != nil {
		t.Fatalf("%v: %s %s", err, p.stdout.String(), p.stderr.String())
	}
	return doc.Facts
}

// proved fails the test unless an audit has every node of the cluster prove its mode, its
// version, its settings and its syncs.
func proved(t *testing.T, config, how string) {
	t.Helper()
	var p *process
	var f advisor.Facts
	await(t, "the time that syncs wait, which is unknown below a second", func() bool { // other tests change Services
		p = launch(t, config, "audit", "-o", "json", how)
		f = reported(t, p)
		return !slices.ContainsFunc(f.NodeReports, func(r advisor.NodeReport) bool { return !r.Waiting.IsKnown() })
	})
	if len(f.NodeReports) != len(nodes.Nodes) {
		t.Fatalf("%d reports of %d nodes: %s", len(f.NodeReports), len(nodes.Nodes), p.stderr.String())
	}
	for _, r := range f.NodeReports {
		i := slices.IndexFunc(nodes.Nodes, func(n *clustertest.Node) bool { return n.Name == r.Node })
		if i < 0 || r.Mode.Value != advisor.Mode(nodes.Nodes[i].Mode) || !r.Placed || len(r.Syncs) == 0 ||
			!r.Version.IsKnown() || !r.Config.MinSyncPeriod.IsKnown() {
			t.Errorf("%+v", r)
		}
	}
	for _, g := range f.Groups {
		if g.Proxy.Proved != g.Nodes || len(g.Proxy.Differs) != 0 {
			t.Errorf("%d of %d proved, %+v", g.Proxy.Proved, g.Nodes, g.Proxy.Differs)
		}
	}
}

// TestForwardWays: what is between here and the API server may not let SPDY pass, and a
// port may have nobody who listens. Neither is silent, nor stops what else there is.
func TestForwardWays(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	transport, err := rest.TransportFor(c.Admin)
	if err != nil {
		t.Fatal(err)
	}
	server, err := url.Parse(c.Server)
	if err != nil {
		t.Fatal(err)
	}
	var refused, sockets atomic.Int64
	proxy := httputil.NewSingleHostReverseProxy(server)
	proxy.Transport = transport
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch upgrade := strings.ToLower(r.Header.Get("Upgrade")); {
		case strings.HasPrefix(upgrade, "spdy"):
			refused.Add(1)
			http.Error(w, "<html>bad request</html>", http.StatusBadRequest)
			return
		case upgrade == "websocket":
			sockets.Add(1)
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	var groups []forward.Group
	for _, n := range c.Nodes {
		groups = append(groups, forward.Group{Nodes: []string{n.Name}})
	}
	for name, config := range map[string]*rest.Config{"SPDY": c.Admin, "WebSocket": {Host: front.URL}} {
		client, err := forward.Connect(config)
		if err != nil {
			t.Fatal(err)
		}
		client.Each = atMost
		got, err := client.Ask(t.Context(), groups, false, func(int, int) {})
		if err != nil || len(got.Reports) != len(c.Nodes) || len(got.Said) != 0 {
			t.Fatalf("%s: %v, %q", name, err, got.Said)
		}
		for i, r := range got.Reports {
			if r.Mode.Value != advisor.Mode(c.Nodes[i].Mode) {
				t.Errorf("%s: %+v", name, r)
			}
		}
		_, err = client.Ask(t.Context(), []forward.Group{{Nodes: []string{c.Nodes[0].Name}, Port: 9}}, false, func(int, int) {})
		if err == nil || !strings.Contains(err.Error(), "nothing answers at 127.0.0.1:9") {
			t.Errorf("%s: %v", name, err)
		}
		_, err = client.Ask(t.Context(), []forward.Group{{Nodes: []string{c.Nodes[0].Name}, Port: 10250}}, false, func(int, int) {}) // its kubelet
		if err == nil || !strings.Contains(err.Error(), "answered with 400") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if refused.Load() == 0 || sockets.Load() == 0 {
		t.Errorf("%d refused, %d WebSockets", refused.Load(), sockets.Load())
	}
}
