package evidence

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"kpadvisor/advisor"
)

// changed returns the answers for a case after an edit of its objects.
func changed(t *testing.T, dir string, edit func(*unstructured.Unstructured)) Conclusion {
	t.Helper()
	f := &fakeServer{objects: loadManifests(t, "testdata/"+dir)}
	for _, u := range f.objects {
		edit(u)
	}
	return Conclude(f.read(t))
}

func set(t *testing.T, u *unstructured.Unstructured, kind string, value any, path ...string) {
	t.Helper()
	if u.GetKind() != kind {
		return
	}
	if err := unstructured.SetNestedField(u.Object, value, path...); err != nil {
		t.Fatal(err)
	}
}

// TestTwoPodsOnOneNode: during a rollout the pod that is being stopped still
// shows, and says nothing of what comes.
func TestTwoPodsOnOneNode(t *testing.T) {
	f := &fakeServer{objects: loadManifests(t, "testdata/talos")}
	for _, u := range f.objects {
		if u.GetKind() == "Pod" {
			leaving := u.DeepCopy()
			leaving.SetName("leaving")
			set(t, leaving, "Pod", "2026-11-02T00:00:00Z", "metadata", "deletionTimestamp")
			containers, _, _ := unstructured.NestedSlice(leaving.Object, "spec", "containers")
			containers[0].(map[string]any)["command"] = []any{"kube-proxy", "--proxy-mode=ipvs"}
			set(t, leaving, "Pod", containers, "spec", "containers")
			f.objects = append(f.objects, leaving)
		}
	}
	p := Conclude(f.read(t)).ByNode["talos-1"]
	if p.Mode.Value != advisor.NFTables {
		t.Errorf("mode %+v", p.Mode)
	}
	conflicts := 0
	for _, e := range p.Evidence {
		if e.Conflict {
			conflicts++
		}
	}
	if conflicts != 1 {
		t.Errorf("%d conflicts in %+v", conflicts, p.Evidence)
	}
}

func TestConfigMapTrouble(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*unstructured.Unstructured)
		why  advisor.Why
		says string
	}{
		"no such key": {func(u *unstructured.Unstructured) { set(t, u, "ConfigMap", map[string]any{"x": "y"}, "data") }, advisor.Unreadable, "the key is not there"},
		"gone":        {func(u *unstructured.Unstructured) { set(t, u, "ConfigMap", "renamed", "metadata", "name") }, advisor.Unreadable, "the ConfigMap is not there"},
		"too large": {func(u *unstructured.Unstructured) {
			set(t, u, "ConfigMap", strings.Repeat("# x\n", maxDocument), "data", "config.conf")
		}, advisor.Unreadable, "too large to be a KubeProxyConfiguration"},
		"no mode of kube-proxy": {func(u *unstructured.Unstructured) { set(t, u, "ConfigMap", "mode: \x1b[31mred", "data", "config.conf") }, advisor.Unreadable, ""},
		"unknown mode": {func(u *unstructured.Unstructured) {
			set(t, u, "ConfigMap", "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: ebpf", "data", "config.conf")
		}, advisor.Unreadable, refuses + ": its mode is none of kube-proxy's"},
		"no kind": {func(u *unstructured.Unstructured) { set(t, u, "ConfigMap", "mode: ipvs", "data", "config.conf") }, advisor.Unreadable, refuses + ": it has no apiVersion or no kind"},
	} {
		p := changed(t, "kubeadm", c.edit).ByNode["cp-1"]
		if p.Implementation.Value != advisor.KubeProxy || p.Mode.IsKnown() || p.Mode.Why != c.why {
			t.Errorf("%s: %+v", name, p)
		}
		if c.says != "" && p.Evidence[0].Says != c.says {
			t.Errorf("%s: %+v", name, p.Evidence)
		}
	}
}

// TestRecreatedConfigMap: without managedFields, a ConfigMap younger than the
// process cannot be the one it read.
func TestRecreatedConfigMap(t *testing.T) {
	for created, want := range map[string]int{"2026-11-05T00:00:00Z": 1, "2026-10-05T00:00:00Z": 0} {
		c := changed(t, "kubeadm", func(u *unstructured.Unstructured) {
			if u.GetKind() == "ConfigMap" {
				u.SetManagedFields(nil)
				set(t, u, "ConfigMap", created, "metadata", "creationTimestamp")
			}
		})
		if p := c.ByNode["cp-1"]; p.Stale != want {
			t.Errorf("%s: %+v", created, p)
		}
	}
}

func TestUnsetWithoutVersion(t *testing.T) {
	f := &fakeServer{objects: loadManifests(t, "testdata/default-1.40"), denied: map[string]advisor.Why{"nodes": advisor.Forbidden}}
	p := Conclude(f.read(t)).ByNode["cp-1"]
	if p.Mode.IsKnown() || p.Version.IsKnown() || p.Implementation.Value != advisor.KubeProxy {
		t.Errorf("%+v", p)
	}
}

func TestK3sTrouble(t *testing.T) {
	for args, want := range map[string]advisor.Why{
		`["server","--kube-proxy-arg","config=/etc/proxy.yaml"]`: advisor.Invisible,
		`{`: advisor.Unreadable,
		`["server","--kube-proxy-arg","proxy-mode=ebpf"]`: advisor.Unreadable,
	} {
		p := changed(t, "k3s-disabled", func(u *unstructured.Unstructured) {
			set(t, u, "Node", args, "metadata", "annotations", "k3s.io/node-args")
		}).ByNode["server-1"]
		if p.Mode.IsKnown() || p.Mode.Why != want {
			t.Errorf("%s: %+v", args, p.Mode)
		}
	}
	f := &fakeServer{objects: loadManifests(t, "testdata/k3s")}
	o := f.read(t)
	o.Asked[nodesWant()] = Answer{Why: advisor.Bounded} // the server may be among the rest
	if p := Conclude(o).ByNode["agent-1"]; p.Mode.IsKnown() || p.Mode.Why != advisor.Bounded {
		t.Errorf("%+v", p.Mode)
	}
}

// TestAgentOptions: the values of what may replace kube-proxy, beside a
// kube-proxy in mode ipvs.
func TestAgentOptions(t *testing.T) {
	const antrea, cilium, calico, router = "antrea", "cilium-false", "calico-iptables", "kube-router-bgp"
	for _, c := range []struct {
		dir, resource, kind, name string
		value                     any
		path                      []string
		want                      advisor.Implementation
	}{
		{antrea, "", "ConfigMap", "antrea-config", "# all defaults\n", []string{"data", "antrea-agent.conf"}, advisor.KubeProxy},
		{antrea, "", "ConfigMap", "antrea-config", "antreaProxy: {proxyAll: true, enable: false}", []string{"data", "antrea-agent.conf"}, advisor.KubeProxy},
		{antrea, "", "ConfigMap", "antrea-config", "antreaProxy: {proxyAll: true}", []string{"data", "antrea-agent.conf"}, advisor.AntreaProxy},
		{antrea, "", "ConfigMap", "antrea-config", "{", []string{"data", "antrea-agent.conf"}, ""},
		{cilium, "", "ConfigMap", "cilium-config", "probe", []string{"data", "kube-proxy-replacement"}, advisor.KubeProxy},
		{cilium, "", "ConfigMap", "cilium-config", "disabled", []string{"data", "kube-proxy-replacement"}, advisor.KubeProxy},
		{cilium, "", "ConfigMap", "cilium-config", "", []string{"data", "kube-proxy-replacement"}, advisor.KubeProxy},
		{cilium, "", "ConfigMap", "cilium-config", "\x1b[1m", []string{"data", "kube-proxy-replacement"}, advisor.KubeProxy},
		{cilium, "", "ConfigMap", "cilium-config", "strict", []string{"data", "kube-proxy-replacement"}, advisor.Cilium},
		{calico, "", "FelixConfiguration", "default", true, []string{"spec", "bpfEnabled"}, advisor.CalicoEBPF},
		{calico, "", "FelixConfiguration", "default", "?", []string{"spec", "bpfEnabled"}, advisor.KubeProxy},
	} {
		p := changed(t, c.dir, func(u *unstructured.Unstructured) {
			if u.GetName() == c.name {
				set(t, u, c.kind, c.value, c.path...)
			}
		}).ByNode["cp-1"]
		if p.Implementation.Value != c.want {
			t.Errorf("%s %v: %+v", c.dir, c.value, p.Implementation)
		}
	}
	p := changed(t, router, func(u *unstructured.Unstructured) {
		if strings.HasPrefix(u.GetName(), "kube-router") {
			path := []string{"spec", "containers"}
			if u.GetKind() == "DaemonSet" {
				path = []string{"spec", "template", "spec", "containers"}
			}
			set(t, u, u.GetKind(), []any{map[string]any{"name": "kube-router", "image": "x"}}, path...)
		}
	}).ByNode["cp-1"]
	if p.Implementation.Value != advisor.KubeRouter {
		t.Errorf("--run-service-proxy is true by default: %+v", p.Implementation)
	}
}

// TestAgentFlag: cilium-agent's own flag beats its ConfigMap.
func TestAgentFlag(t *testing.T) {
	p := changed(t, "cilium-false", func(u *unstructured.Unstructured) {
		if !strings.HasPrefix(u.GetName(), "cilium") || u.GetKind() == "ConfigMap" {
			return
		}
		path := []string{"spec", "containers"}
		if u.GetKind() == "DaemonSet" {
			path = []string{"spec", "template", "spec", "containers"}
		}
		set(t, u, u.GetKind(), []any{map[string]any{"name": "cilium-agent", "args": []any{"--kube-proxy-replacement=strict"}}}, path...)
	}).ByNode["cp-1"]
	if p.Implementation.Value != advisor.Cilium {
		t.Errorf("%+v", p)
	}
}

// TestNotServed: custom resources no longer or not yet served in the version
// asked first are looked for in the other.
func TestNotServed(t *testing.T) {
	for dir, versions := range map[string][2]string{
		"cilium-nodeconfig":    {"cilium.io/v2", "cilium.io/v2alpha1"},
		"calico-ebpf-one-node": {"crd.projectcalico.org/v1", "projectcalico.org/v3"},
	} {
		before := changed(t, dir, func(*unstructured.Unstructured) {})
		after := changed(t, dir, func(u *unstructured.Unstructured) {
			if u.GetAPIVersion() == versions[0] {
				u.SetAPIVersion(versions[1])
			}
		})
		for node, p := range before.ByNode {
			if got := after.ByNode[node].Implementation; got != p.Implementation {
				t.Errorf("%s %s: %+v, was %+v", dir, node, got, p.Implementation)
			}
		}
	}
}

// TestItemsWithoutKind: an aggregated API server leaves it out of a list.
func TestItemsWithoutKind(t *testing.T) {
	s, ok := ReduceUnstructured(&unstructured.Unstructured{Object: map[string]any{
		"metadata": map[string]any{"name": "default"}, "spec": map[string]any{"bpfEnabled": true},
	}})
	if !ok || s.resource != "felixconfigurations" || s.spec["bpfEnabled"] != true {
		t.Errorf("%+v", s)
	}
	if _, ok := ReduceUnstructured(&unstructured.Unstructured{Object: map[string]any{"kind": "Pod"}}); ok {
		t.Error("a Pod is no custom resource")
	}
}

// TestOtherLabels: a kube-proxy DaemonSet whose pods carry none of the usual
// labels is found by its container.
func TestOtherLabels(t *testing.T) {
	f := &fakeServer{objects: loadManifests(t, "testdata/own-making")}
	o := f.read(t)
	var extra []Want
	for w := range o.Asked {
		if w.Resource == "pods" && w.LabelSelector == "app=acme-proxy" {
			extra = append(extra, w)
		}
	}
	if len(extra) != 1 || extra[0].Namespace != "kube-system" || strings.Contains(extra[0].What, "acme") {
		t.Errorf("%+v", extra)
	}
}
