package cli

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"kpadvisor/advisor"
	"kpadvisor/advisor/node"
	"kpadvisor/inspect/forward/forwardtest"
	"kpadvisor/jobs/jobstest"
	"kpadvisor/ui/tui/ask"
)

// nodeSays is a report of a node in IPVS mode.
func nodeSays(t *testing.T, name string) string {
	t.Helper()
	var b bytes.Buffer
	w := node.NewWriter(&b)
	w.Section("hostname", []byte(name), nil)
	w.Section("kube-proxy.mode", []byte("ipvs"), nil)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// askerOn is an asker of a cluster of two groups, in whose pods a report is written.
func askerOn(t *testing.T, denied ...string) (asker, *jobstest.API, advisor.NodeGroup) {
	t.Helper()
	f := jobstest.New(t, func(p *jobstest.Pod) {
		p.Write(time.Now(), nodeSays(t, p.Node))
		p.API.SetPod(p.Name, func(s *corev1.PodStatus) {
			s.Phase = corev1.PodSucceeded
			s.ContainerStatuses[0].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}
		})
	})
	f.Denied = denied
	var facts advisor.Facts
	for _, names := range [][]string{{"a-1", "a-2"}, {"b-1"}} {
		facts.Groups = append(facts.Groups, advisor.NodeGroup{Nodes: len(names), OS: "linux", Members: names})
		for _, name := range names {
			n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"kubernetes.io/os": "linux"}}}
			n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
			n.Status.NodeInfo.OperatingSystem = "linux"
			f.Put("/api/v1/nodes/"+name, "Node", n)
		}
	}
	l := live{
		reading:    func() advisor.Reading { return advisor.Reading{Facts: facts, Done: true} },
		podsConfig: podsConfig{&rest.Config{Host: f.URL, BearerToken: jobstest.Token}, "default"},
	}
	return asker{&app{program: "kpadvisor"}, &l, func(string) {}}, f, facts.Groups[0]
}

// TestAskByPods: the pods of a request are those of the nodes that it names, are shown
// before they are made, and are gone once their reports are there.
func TestAskByPods(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		scope ask.Scope
		nodes []string
	}{"one": {ask.OneNode, []string{"a-1"}}, "all": {ask.AllNodes, []string{"a-1", "a-2"}}, "each": {ask.EachGroup, []string{"a-1", "b-1"}}} {
		a, f, group := askerOn(t)
		plan, err := a.Plan(t.Context(), ask.Request{Way: ask.Pods, Group: group, Scope: c.scope, Image: "registry.example/kpadvisor:v1", For: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		if len(plan.Objects) != len(c.nodes) || plan.Count != len(c.nodes) || plan.Denied != "" || len(plan.Heavy) > 0 || !strings.Contains(plan.Manifests, "hostNetwork: true") {
			t.Errorf("%s: %+v", name, plan)
		}
		if left := f.Left(); len(left) > 0 {
			t.Errorf("%s: a plan made %q", name, left)
		}
		answer, err := plan.Asking.Ask(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range answer.Reports {
			got = append(got, r.Node)
		}
		if !slices.Equal(got, c.nodes) || len(f.Left()) > 0 {
			t.Errorf("%s: reports of %q, left %q", name, got, f.Left())
		}
		if p := plan.Asking.Progress(); p.Done != len(c.nodes) || p.Of != len(c.nodes) {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// TestAskRefuses: what cannot be asked says why before anything is made, and what a pod may
// do as root wants a second word.
func TestAskRefuses(t *testing.T) {
	t.Parallel()
	a, f, group := askerOn(t, "create jobs")
	r := ask.Request{Way: ask.Pods, Group: group, Image: "x", For: time.Minute}
	plan, err := a.Plan(t.Context(), r)
	if err != nil || !strings.Contains(plan.Denied, "create jobs") || !strings.Contains(plan.Denied, `"kpadvisor rbac --inspect -n default"`) {
		t.Errorf("%q, %v", plan.Denied, err)
	}
	f.Denied = nil
	r.Depth = ask.Deep
	if plan, err = a.Plan(t.Context(), r); err != nil || len(plan.Heavy) != 1 {
		t.Errorf("%q, %v", plan.Heavy, err)
	}
	r.Namespace = "nowhere"
	if _, err = a.Plan(t.Context(), r); err == nil {
		t.Error("a namespace that is not there admits pods")
	}
	if _, err = a.Plan(t.Context(), ask.Request{Way: ask.Pods, Image: "x", Group: advisor.NodeGroup{Nodes: 3}}); err == nil || !strings.Contains(err.Error(), "not known") {
		t.Errorf("%v", err)
	}
	a.live.reading = func() advisor.Reading { return advisor.Reading{} }
	if _, err = a.Plan(t.Context(), r); err == nil || !strings.Contains(err.Error(), "still being read") {
		t.Errorf("%v", err)
	}
	if left := f.Left(); len(left) > 0 {
		t.Errorf("left %q", left)
	}
}

// TestAskByFile: a report that came back is read, under the name that was typed, and the
// flag that reads it again is one that the shell takes.
func TestAskByFile(t *testing.T) {
	t.Parallel()
	a := asker{app: &app{program: "kpadvisor"}}
	file := filepath.Join(t.TempDir(), "my node.txt")
	if err := os.WriteFile(file, []byte(nodeSays(t, "a-1")), 0o600); err != nil {
		t.Fatal(err)
	}
	for node, want := range map[string]string{"": "a-1", "a-2": "a-2"} {
		got, err := a.File(t.Context(), file, node)
		if err != nil || len(got.Reports) != 1 || got.Reports[0].Node != want || got.Reports[0].Mode.Or("") != advisor.IPVS {
			t.Errorf("%q: %+v, %v", node, got, err)
		}
		if given := strings.TrimPrefix(want+"="+file, map[bool]string{true: want + "="}[node == ""]); got.Again != "--node-report '"+given+"'" {
			t.Errorf("%q: %s", node, got.Again)
		}
	}
	for _, bad := range []string{"/does/not/exist", os.DevNull} {
		if _, err := a.File(t.Context(), bad, ""); err == nil || !strings.Contains(err.Error(), "node-script") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if got := a.Commands("a-1; rm"); got[0] != "kpadvisor node-script | ssh 'root@a-1; rm' sh > 'a-1; rm.txt'" {
		t.Errorf("%q", got)
	}
	if got := a.Ways(); !slices.Equal(got, []ask.Way{ask.Script}) {
		t.Errorf("without a cluster there is %v", got)
	}
}

// TestAskOverNetwork: kube-proxies are asked through port-forward, and a Prometheus server,
// once each, and the flag that does the same again has no password in it. What the API
// server refuses is known beforehand.
func TestAskOverNetwork(t *testing.T) {
	t.Parallel()
	f := &forwardtest.Cluster{T: t, Denied: map[string]bool{}, Pods: map[string][]corev1.Pod{}, Servers: map[string]map[string]http.Handler{}}
	var facts advisor.Facts
	for _, names := range [][]string{{"a-1", "a-2"}, {"b-1"}} {
		facts.Groups = append(facts.Groups, advisor.NodeGroup{Nodes: len(names), OS: "linux", Members: names})
		for _, name := range names {
			f.Pods[name] = []corev1.Pod{forwardtest.HostPod("kube-system", "kube-proxy-"+name)}
			f.Servers[name] = map[string]http.Handler{"10249": forwardtest.KubeProxy("ipvs")}
		}
	}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	l := live{
		reading:    func() advisor.Reading { return advisor.Reading{Facts: facts, Done: true} },
		addresses:  func() map[netip.Addr]string { return map[netip.Addr]string{netip.MustParseAddr("10.0.0.1"): "a-1"} },
		podsConfig: podsConfig{&rest.Config{Host: server.URL}, "default"},
	}
	a := asker{&app{program: "kpadvisor"}, &l, func(string) {}}
	for again, c := range map[string]struct {
		scope ask.Scope
		nodes []string
	}{
		"--port-forward=a-1": {ask.OneNode, []string{"a-1"}}, "--port-forward=a-1,a-2": {ask.AllNodes, []string{"a-1", "a-2"}},
		"--port-forward": {ask.EachGroup, []string{"a-1", "b-1"}},
	} {
		plan, err := a.Plan(t.Context(), ask.Request{Way: ask.Forward, Group: facts.Groups[0], Scope: c.scope})
		if err != nil || plan.Denied != "" || plan.Count != 0 || len(plan.Rights) != 1 || len(plan.Does) != 2 {
			t.Fatalf("%v, %+v", err, plan)
		}
		got, err := plan.Asking.Ask(t.Context())
		var names []string
		for _, r := range got.Reports {
			names = append(names, r.Node)
		}
		if err != nil || !slices.Equal(names, c.nodes) || got.Again != again || len(got.Said) != 0 || plan.Asking.Progress().Done != len(c.nodes) {
			t.Errorf("%s: %v, %+v, %+v", again, err, got, plan.Asking.Progress())
		}
	}
	f.Denied["kube-system"] = true
	plan, err := a.Plan(t.Context(), ask.Request{Way: ask.Forward, Group: facts.Groups[0]})
	if err != nil || plan.Denied != `create pods/portforward in kube-system. "kpadvisor rbac --port-forward -n kube-system" prints the Role to ask for.` {
		t.Errorf("%v, %q", err, plan.Denied)
	}

	kept := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		series := ""
		if strings.Contains(r.URL.Query().Get("query"), "kubeproxy_sync_proxy_rules_last_timestamp_seconds{") {
			series = `{"metric":{"instance":"10.0.0.1:10249"},"value":[1790000000,"1790000000"]},{"metric":{"instance":"b-1"},"value":[1790000000,"1790000000"]}`
		}
		_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"vector","result":[` + series + `]}}`))
	}))
	t.Cleanup(kept.Close)
	plan, err = a.Plan(t.Context(), ask.Request{Way: ask.Prometheus, Group: facts.Groups[0], URL: strings.Replace(kept.URL, "://", "://me:hunter2@", 1)})
	if err != nil || len(plan.Rights) != 0 || strings.Contains(strings.Join(plan.Does, " "), "hunter2") {
		t.Fatalf("%v, %+v", err, plan)
	}
	got, err := plan.Asking.Ask(t.Context())
	if err != nil || len(got.Reports) != 1 || got.Reports[0].Node != "a-1" || len(got.Said) != 0 || got.Again != "--prometheus "+kept.URL {
		t.Errorf("%v, %+v", err, got)
	}
	if _, err := a.Plan(t.Context(), ask.Request{Way: ask.Prometheus, Group: facts.Groups[0], URL: "http://me:hunter2@192.0.2.1"}); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}
