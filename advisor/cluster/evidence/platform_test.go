package evidence

import (
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"kpadvisor/advisor"
)

var update = flag.Bool("update", false, "rewrite testdata/*/expected.json")

// options of a case, in case.json.
type options struct {
	Denied map[string]advisor.Why `json:"denied,omitempty"`
}

// cases are the folders of testdata: a platform's manifests each.
func cases(t testing.TB) []string {
	t.Helper()
	dirs, err := filepath.Glob("testdata/*/nodes.yaml")
	if err != nil || len(dirs) < 50 {
		t.Fatalf("found %d cases: %v", len(dirs), err)
	}
	for i := range dirs {
		dirs[i] = filepath.Dir(dirs[i])
	}
	return dirs
}

func loadCase(t testing.TB, dir string) (*fakeServer, options) {
	t.Helper()
	var o options
	text, err := os.ReadFile(filepath.Join(dir, "case.json"))
	if err == nil {
		err = json.Unmarshal(text, &o)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return &fakeServer{objects: loadManifests(t, dir), denied: o.Denied}, o
}

func conclude(t testing.TB, f *fakeServer, o options) Conclusion {
	t.Helper()
	return Conclude(f.read(t))
}

func TestPlatforms(t *testing.T) {
	for _, dir := range cases(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			f, o := loadCase(t, dir)
			got, err := json.MarshalIndent(conclude(t, f, o), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			golden := filepath.Join(dir, "expected.json")
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != string(want) {
				t.Errorf("conclusion differs from %s (rewrite with -update):\n%s", golden, got)
			}
			for _, w := range f.asked {
				if !allowed(w) && w.Resource != "configmaps" {
					t.Errorf("Possible does not list %+v", w)
				}
			}
		})
	}
}

// summary is the answer for a node, for the table below.
type summary struct {
	node      string
	impl      advisor.Implementation
	mode      advisor.Mode
	defaulted bool
	stale     int
	version   string
	why       advisor.Why // of the mode, where it is unknown
}

// TestAnswers states what matters of the goldens where a reader can check it
// against the platform's documentation.
func TestAnswers(t *testing.T) {
	const kp = advisor.KubeProxy
	for dir, want := range map[string]struct {
		platform advisor.Platform
		nodes    []summary
	}{
		"kubeadm":      {advisor.Kubeadm, []summary{{"cp-1", kp, advisor.IPTables, true, 0, "v1.33.4", ""}}},
		"kubeadm-1.37": {advisor.Kubeadm, []summary{{"cp-1", kp, advisor.IPTables, false, 0, "v1.37.2", ""}}},
		"default-1.40": {advisor.Kubeadm, []summary{
			{"cp-1", kp, advisor.NFTables, true, 0, "v1.40.0", ""}, // by the kubelet: the image is a digest
			{"worker-1", kp, advisor.IPTables, true, 0, "v1.39.3", ""},
		}},
		"stale": {advisor.Kubeadm, []summary{
			{"old", kp, advisor.IPVS, false, 1, "v1.36.1", ""},             // its Event beats the ConfigMap changed since
			{"older-event", kp, advisor.NFTables, false, 1, "v1.36.1", ""}, // an Event of an earlier start proves nothing
			{"restarted", kp, advisor.NFTables, false, 0, "v1.36.1", ""},
		}},
		"forbidden-pods":      {advisor.Kubeadm, []summary{{"cp-1", "", "", false, 0, "v1.33.4", advisor.Forbidden}}},
		"forbidden-configmap": {advisor.Kubeadm, []summary{{"cp-1", kp, "", false, 0, "v1.33.4", advisor.Forbidden}}},
		"kind":                {advisor.Kind, []summary{{"kind-worker", kp, advisor.NFTables, false, 0, "v1.34.0", ""}}},
		"eks":                 {advisor.EKS, []summary{{"ip-10-0-1-10.eu-west-1.compute.internal", kp, advisor.IPVS, false, 0, "v1.30.0", ""}}},
		"eks-auto":            {advisor.EKSAuto, []summary{{"i-0aaaaaaaaaaaaaaa1", "", "", false, 0, "", advisor.Invisible}}},
		"eks-auto-mixed": {advisor.EKS, []summary{
			{"i-0aaaaaaaaaaaaaaa1", "", "", false, 0, "", advisor.Invisible},
			{"ip-10-0-1-11.eu-west-1.compute.internal", kp, advisor.IPVS, false, 0, "v1.30.0", ""},
		}},
		"aks":                  {advisor.AKS, []summary{{"aks-nodepool1-21936671-vmss000000", kp, advisor.IPTables, true, 0, "v1.29.7", ""}}},
		"aks-cilium":           {advisor.AKS, []summary{{"aks-nodepool1-21936671-vmss000000", advisor.Cilium, "", false, 0, "", ""}}},
		"gke-static":           {advisor.GKE, []summary{{"gke-cluster-1-default-pool-d2a4431c-68l8", kp, advisor.IPTables, true, 0, "v1.29.7", ""}}},
		"gke-daemonset":        {advisor.GKE, []summary{{"gke-cluster-1-default-pool-d2a4431c-68l8", kp, advisor.IPTables, true, 0, "v1.21.6", ""}}},
		"gke-dataplane-v2":     {advisor.GKE, []summary{{"gke-cluster-1-default-pool-d2a4431c-68l8", advisor.DataplaneV2, "", false, 0, "", ""}}},
		"gke-autopilot-hidden": {advisor.GKE, []summary{{"gk3-cluster-1-pool-2-0f6c5c54-x7k2", "", "", false, 0, "v1.29.7", advisor.Invisible}}},
		"k3s": {advisor.K3s, []summary{
			{"server-1", kp, advisor.IPTables, false, 0, "v1.30.4", ""},
			{"agent-1", kp, advisor.IPVS, false, 0, "v1.30.4", ""},
			{"agent-silent", "", "", false, 0, "v1.30.4", advisor.Invisible},
		}},
		"k3s-cilium":       {advisor.K3s, []summary{{"agent-1", advisor.Cilium, "", false, 0, "", ""}}},
		"k3s-disabled":     {advisor.K3s, []summary{{"server-1", "", "", false, 0, "v1.30.4", advisor.Invisible}}},
		"rke2":             {advisor.RKE2, []summary{{"rke-1", kp, advisor.IPTables, false, 0, "v1.30.4", ""}}},
		"rke2-cilium":      {advisor.RKE2, []summary{{"rke-1", advisor.Cilium, "", false, 0, "", ""}}},
		"openshift-ovn":    {advisor.OpenShift, []summary{{"worker-0", advisor.OVNKubernetes, "", false, 0, "", ""}}},
		"openshift-calico": {advisor.OpenShift, []summary{{"worker-0", kp, advisor.IPTables, false, 0, "v1.29.8", ""}}},
		"openshift-sdn":    {advisor.OpenShift, []summary{{"worker-0", kp, advisor.IPTables, true, 0, "v1.29.8", ""}}},
		"kops": {advisor.Kops, []summary{
			{"i-0ea9c3c46f95cf7f9", kp, advisor.IPVS, false, 0, "v1.28.11", ""},
			{"i-0ea9c3c46f95cf7fa", kp, advisor.IPTables, true, 0, "v1.28.11", ""},
		}},
		"talos":      {advisor.Talos, []summary{{"talos-1", kp, advisor.NFTables, false, 0, "v1.34.1", ""}}},
		"talos-file": {advisor.Talos, []summary{{"talos-1", kp, advisor.NFTables, false, 0, "v1.34.1", ""}}},
		"uk8s":       {advisor.UK8S, []summary{{"10.9.1.11", "", "", false, 0, "v1.26.7", advisor.Invisible}}},
		"uk8s-event": {advisor.UK8S, []summary{
			{"10.9.1.11", kp, advisor.IPVS, false, 0, "v1.37.1", ""},
			{"10.9.1.12", kp, advisor.IPTables, true, 0, "v1.37.1", ""},
		}},
		"openshift-sdn-unidling": {advisor.OpenShift, []summary{{"ocp-w1", kp, advisor.IPTables, false, 0, "v1.23.5", ""}}},
		"openshift-sdn-disabled": {advisor.OpenShift, []summary{{"ocp-w2", kp, advisor.IPTables, false, 0, "v1.23.5", ""}}},
		"hyperkube":              {advisor.AKS, []summary{{"k8s-agent-1", kp, advisor.IPVS, false, 0, "v1.14.8", ""}}},
		"rke2-differing": {advisor.RKE2, []summary{
			{"rke2-s1", kp, advisor.IPVS, false, 0, "v1.26.1", ""},
			{"rke2-a1", kp, advisor.IPTables, true, 0, "v1.26.1", ""},
			{"rke2-win", "", advisor.Kernelspace, false, 0, "v1.26.1", ""},
		}},
		"rke1":                     {advisor.RKE1, []summary{{"rke-1", "", "", false, 0, "v1.20.15", advisor.Invisible}}},
		"microk8s":                 {advisor.MicroK8s, []summary{{"mk1", "", "", false, 0, "v1.31.3", advisor.Invisible}}},
		"iks":                      {advisor.IKS, []summary{{"rke-1", "", "", false, 0, "v1.30.5", advisor.Invisible}}},
		"cce-r10":                  {advisor.CCE, []summary{{"192.168.0.11", "", "", false, 0, "v1.30.6", advisor.Invisible}}},
		"microshift":               {advisor.MicroShift, []summary{{"edge1", advisor.OVNKubernetes, "", false, 0, "", ""}}},
		"k3s-file":                 {advisor.K3s, []summary{{"k3s-1", kp, "", false, 0, "v1.29.3", advisor.Invisible}}},
		"script-mounted":           {"", []summary{{"n1", kp, "", false, 0, "v1.26.4", advisor.Invisible}}},
		"mode-from-variable":       {"", []summary{{"n1", kp, advisor.IPVS, false, 0, "v1.28.9", ""}}},
		"mode-from-variables":      {"", []summary{{"n1", kp, advisor.IPVS, false, 0, "v1.28.9", ""}}},
		"mode-from-variables-gone": {"", []summary{{"n1", kp, "", false, 0, "v1.28.9", advisor.Unreadable}}},
		"static-without-labels":    {"", []summary{{"n1", kp, advisor.IPVS, false, 0, "v1.27.16", ""}}},
		"tenant-beside-static":     {"", []summary{{"n1", kp, advisor.IPVS, false, 0, "v1.27.16", ""}}},
		"tenant-beside-daemonset":  {advisor.AKS, []summary{{"k8s-agent-2", kp, advisor.IPVS, false, 0, "v1.14.8", ""}}},
		"tenant-alone":             {advisor.AKS, []summary{{"k8s-agent-1", "", "", false, 0, "v1.14.8", advisor.Invisible}}},
		"ondelete-half": {"", []summary{
			{"n1", kp, advisor.NFTables, false, 0, "v1.34.2", ""},
			{"n2", kp, advisor.IPVS, false, 0, "v1.34.2", ""},
		}},
		"ack":              {advisor.ACK, []summary{{"cn-beijing.172.16.0.10", kp, advisor.IPVS, false, 0, "v1.31.1", ""}}},
		"tke":              {advisor.TKE, []summary{{"10.10.21.35", kp, advisor.IPVS, false, 0, "v1.30.4", ""}}},
		"tke-parked":       {advisor.TKE, []summary{{"10.10.21.36", advisor.Cilium, "", false, 0, "", ""}}},
		"tke-parked-alone": {advisor.TKE, []summary{{"10.10.21.35", "", "", false, 0, "v1.30.4", advisor.Invisible}}},
		"cce":              {advisor.CCE, []summary{{"192.168.13.187", "", "", false, 0, "v1.29.2", advisor.Invisible}}},
		"cilium-beside":    {advisor.Kubeadm, []summary{{"cp-1", advisor.Cilium, "", false, 0, "", ""}}},
		"cilium-false":     {advisor.Kubeadm, []summary{{"cp-1", kp, advisor.IPVS, false, 0, "v1.33.4", ""}}},
		"cilium-partial":   {advisor.Kubeadm, []summary{{"cp-1", kp, advisor.IPTables, true, 0, "v1.33.4", ""}}},
		"cilium-forbidden": {advisor.Kubeadm, []summary{{"cp-1", "", "", false, 0, "v1.33.4", advisor.Forbidden}}},
		"cilium-strict":    {advisor.Kubeadm, []summary{{"w-1", advisor.Cilium, "", false, 0, "", ""}}},
		"cilium-probe":     {"", []summary{{"w-1", "", "", false, 0, "v1.20.4", advisor.Invisible}}},
		"cilium-nodeconfig": {advisor.Kubeadm, []summary{
			{"migrated", advisor.Cilium, "", false, 0, "", ""},
			{"waiting", kp, advisor.IPVS, false, 0, "v1.33.4", ""},
		}},
		"cilium-some-nodes": {advisor.Kubeadm, []summary{
			{"with", advisor.Cilium, "", false, 0, "", ""},
			{"without", kp, advisor.IPTables, false, 0, "v1.33.4", ""},
		}},
		"calico-ebpf":             {advisor.Kubeadm, []summary{{"cp-1", advisor.CalicoEBPF, "", false, 0, "", ""}}},
		"calico-ebpf-env":         {advisor.Kubeadm, []summary{{"cp-1", advisor.CalicoEBPF, "", false, 0, "", ""}}},
		"calico-installation-bpf": {advisor.Kubeadm, []summary{{"cp-1", advisor.CalicoEBPF, "", false, 0, "", ""}}},
		"calico-ebpf-one-node": {advisor.Kubeadm, []summary{
			{"cp-1", kp, advisor.IPVS, false, 0, "v1.33.4", ""},
			{"worker-1", advisor.CalicoEBPF, "", false, 0, "", ""},
		}},
		"calico-iptables": {advisor.Kubeadm, []summary{{"cp-1", kp, advisor.IPVS, false, 0, "v1.33.4", ""}}},
		"calico-vpp":      {advisor.Kubeadm, []summary{{"cp-1", advisor.CalicoVPP, "", false, 0, "", ""}}},
		"antrea-proxyall": {advisor.Kubeadm, []summary{{"cp-1", advisor.AntreaProxy, "", false, 0, "", ""}}},
		"antrea":          {advisor.Kubeadm, []summary{{"cp-1", kp, advisor.IPTables, false, 0, "v1.33.4", ""}}},
		"kube-router":     {advisor.Kubeadm, []summary{{"cp-1", advisor.KubeRouter, "", false, 0, "", ""}}},
		"kube-router-bgp": {advisor.Kubeadm, []summary{{"cp-1", kp, advisor.IPVS, false, 0, "v1.33.4", ""}}},
		"ovn-kubernetes":  {advisor.Kubeadm, []summary{{"cp-1", advisor.OVNKubernetes, "", false, 0, "", ""}}},
		"windows": {advisor.Kubeadm, []summary{
			{"cp-1", kp, advisor.IPTables, false, 0, "v1.30.3", ""},
			{"win-1", kp, advisor.Kernelspace, false, 0, "v1.30.3", ""},
			{"win-2", "", advisor.Kernelspace, false, 0, "v1.30.3", ""},
		}},
		"own-making": {"", []summary{
			{"node-start-sh", kp, "", false, 0, "v1.33.4", advisor.Invisible},
			{"host-file", kp, "", false, 0, "v1.33.4", advisor.Invisible},
			{"bad-file", kp, "", false, 0, "v1.33.4", advisor.Unreadable},
		}},
	} {
		t.Run(dir, func(t *testing.T) {
			f, o := loadCase(t, filepath.Join("testdata", dir))
			got := conclude(t, f, o)
			if got.Platform.Value != want.platform {
				t.Errorf("platform %+v, want %s", got.Platform, want.platform)
			}
			for _, w := range want.nodes {
				p, ok := got.ByNode[w.node]
				if !ok {
					t.Errorf("%s: not concluded", w.node)
				}
				is := summary{w.node, p.Implementation.Value, p.Mode.Value, p.Defaulted, p.Stale, p.Version.Value, p.Mode.Why}
				if is != w {
					t.Errorf("got  %+v\nwant %+v\n%+v", is, w, p.Evidence)
				}
			}
		})
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	for _, dir := range cases(t) {
		f, o := loadCase(t, dir)
		want := conclude(t, f, o)
		for seed := range uint64(5) {
			rand.New(rand.NewPCG(seed, 1)).Shuffle(len(f.objects), func(i, j int) {
				f.objects[i], f.objects[j] = f.objects[j], f.objects[i]
			})
			if got := conclude(t, f, o); !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: another order, another conclusion", dir)
			}
		}
		f.objects = append(f.objects, f.objects...)
		if got := conclude(t, f, o); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: objects seen twice change the conclusion", dir)
		}
	}
}

func TestUnrelatedObjectsDoNotMatter(t *testing.T) {
	unrelated := loadManifests(t, "testdata/unrelated.d")
	for _, dir := range cases(t) {
		f, o := loadCase(t, dir)
		want := conclude(t, f, o)
		f.objects = append(slices.Clone(unrelated), f.objects...)
		if got := conclude(t, f, o); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: an unrelated object changes the conclusion", dir)
		}
	}
}

// TestDeniedReads: a read that fails may hide an answer. It never makes one, and
// never turns one into another.
func TestDeniedReads(t *testing.T) {
	for _, dir := range cases(t) {
		f, _ := loadCase(t, dir)
		before := conclude(t, f, options{})
		asked := slices.Clone(f.asked)
		for _, w := range asked {
			denied := map[string]advisor.Why{w.Resource: advisor.Forbidden}
			if w.Name != "" {
				denied = map[string]advisor.Why{w.Resource + "/" + w.Name: advisor.Forbidden}
			}
			maps.Copy(denied, f.denied)
			after := conclude(t, &fakeServer{objects: f.objects, denied: denied}, options{})
			for node, p := range after.ByNode {
				checkDenied(t, filepath.Base(dir)+" without "+w.What, node, before.ByNode[node], p)
			}
		}
	}
}

func checkDenied(t *testing.T, what, node string, before, after advisor.Proxy) {
	t.Helper()
	if i, known := after.Implementation.Get(); known && before.Implementation.State != advisor.Known {
		t.Errorf("%s: %s: implementation %s from a denied read", what, node, i)
	} else if known && i != before.Implementation.Value {
		t.Errorf("%s: %s: implementation %s became %s", what, node, before.Implementation.Value, i)
	}
	m, known := after.Mode.Get()
	if !known || m == advisor.Kernelspace {
		return
	}
	switch {
	case before.Mode.State != advisor.Known:
		t.Errorf("%s: %s: mode %s from a denied read", what, node, m)
	case m != before.Mode.Value && after.Stale == 0:
		t.Errorf("%s: %s: mode %s became %s", what, node, before.Mode.Value, m)
	}
}

// TestEvidenceNamesNobody: what a user named or wrote must not get into
// evidence, sources and details.
func TestEvidenceNamesNobody(t *testing.T) {
	for _, dir := range cases(t) {
		f, o := loadCase(t, dir)
		c := conclude(t, f, o)
		names := []string{"acme", "example.org", "team/proxy"}
		for _, u := range f.objects {
			if u.GetKind() == "Node" || u.GetKind() == "Pod" {
				names = append(names, u.GetName())
			}
		}
		for _, p := range c.ByNode {
			p.Config.NodePortAddresses.Value = nil
			text, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range names {
				if len(n) > 5 && strings.Contains(string(text), n) {
					t.Errorf("%s: %q is named: %s", dir, n, text)
				}
			}
		}
	}
}

func TestNothingRead(t *testing.T) {
	c := Conclude(Objects{})
	if len(c.ByNode) != 0 || c.Platform.State != advisor.Unknown {
		t.Errorf("%+v", c)
	}
	f := &fakeServer{objects: loadManifests(t, "testdata/kubeadm")}
	o := f.read(t)
	o.Asked = nil
	for node, p := range Conclude(o).ByNode {
		if p.Mode.IsKnown() || p.Implementation.IsKnown() {
			t.Errorf("%s: known without one answer: %+v", node, p)
		}
	}
}

func TestNodesDenied(t *testing.T) {
	for dir, platform := range map[string]advisor.Platform{
		"gke-dataplane-v2": advisor.GKE, "ack": advisor.ACK, "openshift-calico": advisor.OpenShift,
		"openshift-ovn": advisor.OpenShift, "kubeadm": advisor.Kubeadm, "rke2": "",
	} {
		f := &fakeServer{objects: loadManifests(t, "testdata/"+dir), denied: map[string]advisor.Why{"nodes": advisor.Forbidden}}
		c := conclude(t, f, options{})
		if c.Platform.Value != platform {
			t.Errorf("%s: %+v", dir, c.Platform)
		}
	}
}
