package cluster

import (
	"bytes"
	"net/http"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster/evidence"
	"kpadvisor/apiserver"
)

// proxySpec is kube-proxy's pod as kubeadm makes it.
func proxySpec(node string) corev1.PodSpec {
	return corev1.PodSpec{
		NodeName: node, HostNetwork: true,
		Containers: []corev1.Container{{
			Name: "kube-proxy", Image: "registry.k8s.io/kube-proxy:v1.33.4",
			Command:      []string{"/usr/local/bin/kube-proxy", "--config=/var/lib/kube-proxy/config.conf"},
			VolumeMounts: []corev1.VolumeMount{{Name: "kube-proxy", MountPath: "/var/lib/kube-proxy"}},
		}},
		Volumes: []corev1.Volume{{Name: "kube-proxy", VolumeSource: corev1.VolumeSource{
			ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "kube-proxy"}},
		}}},
	}
}

// kubeadm seeds two nodes with kube-proxy in IPVS mode and a third node without.
func kubeadm(t *testing.T) *fakeAPI {
	f := newFakeAPI(t)
	labels := map[string]string{"k8s-app": "kube-proxy"}
	f.add("/apis/apps/v1/daemonsets", &appsv1.DaemonSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "kube-proxy"},
		Spec:       appsv1.DaemonSetSpec{Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: proxySpec("")}},
		Status:     appsv1.DaemonSetStatus{DesiredNumberScheduled: 2},
	})
	for _, node := range []string{"a", "b"} {
		f.add("/api/v1/nodes", nodeNamed(node, "5.15.0-105-generic"))
		f.add("/api/v1/pods", &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: "kube-system", Name: "kube-proxy-" + node, Labels: labels,
				OwnerReferences: []metav1.OwnerReference{{Kind: "DaemonSet", Name: "kube-proxy", Controller: ptr(true)}},
			},
			Spec: proxySpec(node), Status: corev1.PodStatus{Phase: corev1.PodRunning},
		})
	}
	f.add("/api/v1/pods", &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "cart"}, Spec: corev1.PodSpec{NodeName: "a"}})
	f.add("/api/v1/nodes", nodeNamed("c", "5.15.0-105-generic"))
	f.add("/api/v1/namespaces/kube-system/configmaps", &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "kube-proxy"},
		Data:       map[string]string{"config.conf": "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: ipvs\n"},
	})
	return f
}

func modes(f advisor.Facts) map[advisor.Mode]int {
	m := map[advisor.Mode]int{}
	for _, g := range f.Groups {
		mode, _ := g.Proxy.Mode.Get()
		m[mode] += g.Nodes
	}
	return m
}

// TestProxies reads the objects that tell the mode, and says which it could not.
func TestProxies(t *testing.T) {
	const configMaps = "/api/v1/namespaces/kube-system/configmaps"
	for _, tt := range []struct {
		name    string
		set     func(*fakeAPI)
		o       Options
		modes   map[advisor.Mode]int
		missing advisor.Missing // zero for none
	}{
		{"all there", func(*fakeAPI) {}, Options{}, map[advisor.Mode]int{advisor.IPVS: 2, "": 1}, advisor.Missing{}},
		{"no ConfigMap", func(f *fakeAPI) { delete(f.objects, configMaps) }, Options{}, map[advisor.Mode]int{"": 3}, advisor.Missing{}},
		{
			"ConfigMap forbidden", func(f *fakeAPI) { f.refuse[configMaps+"/kube-proxy"] = http.StatusForbidden },
			Options{},
			map[advisor.Mode]int{"": 3},
			advisor.Missing{What: "ConfigMap kube-system/kube-proxy", Why: advisor.Forbidden},
		},
		{
			"pods forbidden", func(f *fakeAPI) { f.refuse["/api/v1/pods"] = http.StatusForbidden },
			Options{},
			nil,
			advisor.Missing{What: "kube-proxy pods outside kube-system", Why: advisor.Forbidden},
		},
		{
			"events not served", func(f *fakeAPI) { f.refuse["/api/v1/namespaces/default/events"] = http.StatusNotFound },
			Options{},
			map[advisor.Mode]int{advisor.IPVS: 2, "": 1},
			advisor.Missing{},
		},
		{
			"nodes forbidden: what the pods say is kept", func(f *fakeAPI) { f.refuse["/api/v1/nodes"] = http.StatusForbidden },
			Options{},
			map[advisor.Mode]int{advisor.IPVS: 2},
			advisor.Missing{What: "Nodes", Why: advisor.Forbidden},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := kubeadm(t)
			tt.set(f)
			r := survey(t, f, tt.o)
			if r.Err != nil {
				t.Fatal(r.Err)
			}
			got := modes(r.Facts)
			for mode, n := range tt.modes {
				if got[mode] != n {
					t.Errorf("modes %v, want %v: %+v", got, tt.modes, r.Facts.Groups)
				}
			}
			missing := r.Facts.Coverage.Missing
			switch {
			case tt.missing.What == "" && len(missing) > 0:
				t.Errorf("missing %+v, want nothing", missing)
			case tt.missing.What != "" && (len(missing) != 1 || missing[0].What != tt.missing.What || missing[0].Why != tt.missing.Why || missing[0].Hides == ""):
				t.Errorf("missing %+v, want only %+v", missing, tt.missing)
			}
		})
	}
}

// TestComponents: what stands beside kube-proxy comes from DaemonSets and from
// static pods, each once.
func TestComponents(t *testing.T) {
	f := kubeadm(t)
	labels := map[string]string{"k8s-app": "calico-node"}
	spec := corev1.PodSpec{HostNetwork: true, Containers: []corev1.Container{{Name: "calico-node", Image: "quay.io/calico/node:v3.29.3"}}}
	f.add("/apis/apps/v1/daemonsets", &appsv1.DaemonSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "calico-node"},
		Spec:       appsv1.DaemonSetSpec{Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: corev1.PodTemplateSpec{Spec: spec}},
		Status:     appsv1.DaemonSetStatus{DesiredNumberScheduled: 3},
	})
	for _, node := range []string{"a", "b"} {
		f.add("/api/v1/namespaces/kube-system/pods", &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "kube-vip-" + node, OwnerReferences: []metav1.OwnerReference{{Kind: "Node", Name: node, Controller: ptr(true)}}},
			Spec: corev1.PodSpec{NodeName: node, HostNetwork: true, Containers: []corev1.Container{{
				Name: "kube-vip", Image: "ghcr.io/kube-vip/kube-vip:v0.8.7", Env: []corev1.EnvVar{{Name: "lb_enable", Value: "true"}},
			}}},
		})
	}
	want := []advisor.Component{
		{Name: advisor.ComponentCalico, Version: "v3.29.3", Source: "DaemonSet kube-system/calico-node"},
		{Name: advisor.ComponentKubeVIP, Version: "v0.8.7", Setting: "lb_enable", Source: "static pod"},
	}
	if got := survey(t, f, Options{}).Facts.Components; !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestCustomResources: integers stay integers, as package evidence expects.
func TestCustomResources(t *testing.T) {
	body := `{"kind": "FelixConfigurationList", "metadata": {}, "items": [{"kind": "FelixConfiguration", "spec": {"bpfEnabled": true, "n": 3}}]}`
	n := 0
	_, err := apiserver.DecodeList(bytes.NewReader([]byte(body)), func(c *custom) {
		n++
		spec, _ := c.object["spec"].(map[string]any)
		if spec["bpfEnabled"] != true || spec["n"] != int64(3) {
			t.Errorf("decoded %+v", c.object)
		}
	})
	if err != nil || n != 1 {
		t.Errorf("%d objects, %v", n, err)
	}
}

// TestWantsHavePaths: what the evidence may ask for is asked for where it is served.
func TestWantsHavePaths(t *testing.T) {
	for _, w := range evidence.Possible() {
		l := listOf(w)
		want := "/apis/" + w.Group + "/" + w.Version
		if w.Group == "" {
			want = "/api/v1"
		}
		if w.Namespace != "" {
			want += "/namespaces/" + w.Namespace
		}
		at, err := l.Path()
		if err != nil {
			t.Fatal(err)
		}
		if at != want+"/"+w.Resource || l.Labels != w.LabelSelector || l.Fields != w.FieldSelector {
			t.Errorf("%+v is asked for as %+v", w, l)
		}
	}
}
