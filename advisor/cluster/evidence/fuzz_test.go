package evidence

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"kpadvisor/advisor"
)

// within fails a fuzz case that takes too long: input comes from whoever may
// write to the cluster.
func within(t *testing.T, limit time.Duration) func() {
	begin := time.Now()
	return func() {
		if d := time.Since(begin); d > limit {
			t.Errorf("took %s", d)
		}
	}
}

// checkSettings: whatever was written, what comes out is a fact or a reason, and
// no text of the input but what was recognised.
func checkSettings(t *testing.T, s settings) {
	t.Helper()
	for _, mode := range append(advisor.Modes(), advisor.Kernelspace, "") {
		c := s.proxyConfig(mode, "here")
		if d, ok := c.MinSyncPeriod.Get(); ok && d <= 0 {
			t.Errorf("minSyncPeriod %s", d)
		}
		if s, ok := c.Scheduler.Get(); ok && len(s) > 8 {
			t.Errorf("scheduler %q", s)
		}
		if all, ok := c.NodePortAddresses.Get(); ok && len(all) == 0 {
			t.Error("known without an address")
		}
	}
	c := modeClue(program{}, s, "v1.33.0", false)
	if (c.mode == "") != c.blocked {
		t.Errorf("%+v is neither an answer nor a reason", c)
	}
	if c.mode == "" && s.mode != "" && len(s.mode) > 3 && strings.Contains(c.says, s.mode) && !strings.Contains("not a mode of kube-proxy", s.mode) {
		t.Errorf("%q is repeated", s.mode)
	}
}

func FuzzConfiguration(f *testing.F) {
	for _, s := range []string{
		"", "mode: ipvs", "mode: \"\"\nipvs:\n  scheduler: rr\n  strictARP: true\n  minSyncPeriod: 5s\n", `{"mode":"nftables","nftables":{"minSyncPeriod":"1s"}}`,
		"mode: [ipvs]", "mode: 1", "iptables: 3", "nodePortAddresses: [10.0.0.0/8, primary]\nmetricsBindAddress: '[::]:10249'\nconntrack: {tcpBeLiberal: true}",
		"a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]\n",
		strings.Repeat("[", 5000), "mode: ipvs\nmode: iptables", "MODE: ipvs", "\x1b]0;x\a: y", "? {a: b}\n: c",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer within(t, 5*time.Second)()
		if d, err := parseConfiguration(text); err == nil {
			checkSettings(t, d.settings())
		}
		if d, err := parseDocument(text); err == nil {
			d.proxyAll()
		}
	})
}

func FuzzArguments(f *testing.F) {
	for _, s := range []string{
		"kube-proxy\n--proxy-mode=ipvs", "/usr/local/bin/kube-proxy\n--config\n/a/b\n--proxy-mode\nipvs",
		"/go-runner\n--log-file=/var/log/kube-proxy.log\n/usr/local/bin/kube-proxy\n--proxy_mode=nftables",
		"/bin/sh\n-c\nexec kube-proxy --proxy-mode=ipvs 1>>/var/log/kube-proxy.log 2>&1",
		"/bin/bash\n-ec\nset -e; X=1 kube-proxy --proxy-mode=\"$MODE\" \\\n --ipvs-scheduler='rr' && sleep 1",
		"sh\n-c\nkube-proxy $(MODE) ${MODE} $$(MODE) '", "--proxy-mode\n", "kube-proxy\n--\n--proxy-mode=ipvs", "sh\n-c\n\"", "sh\n-c\n\\",
		"kube-proxy\n--nodeport-addresses=10.0.0.0/8\n--nodeport-addresses=10.1.0.0/16,primary\n--ipvs-strict-arp\n--conntrack-tcp-be-liberal=maybe",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer within(t, 5*time.Second)()
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system"}, Spec: corev1.PodSpec{
			NodeName: "n", HostNetwork: true,
			Containers: []corev1.Container{{
				Name: "kube-proxy", Command: strings.Split(text, "\n"),
				Env:          []corev1.EnvVar{{Name: "MODE", Value: "ipvs"}},
				VolumeMounts: []corev1.VolumeMount{{Name: "v", MountPath: "/a"}, {Name: "w", MountPath: "/a/b", SubPath: "c"}},
			}},
			Volumes: []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{}}}},
		}}
		s, ok := ReducePod(p)
		if !ok {
			t.Fatal("a container called kube-proxy is kube-proxy")
		}
		checkSettings(t, s.program.Value().settings)
	})
}

// FuzzScript: a script never gives a mode that is neither in it nor in a variable.
func FuzzScript(f *testing.F) {
	for _, s := range []string{
		"# it's\nexec kube-proxy --proxy-mode=ipvs", "kube-proxy --proxy-mode=$MODE", "kube-proxy --proxy-mode=${MODE:-ipvs} \"$@\"", "MODE=ipvs; kube-proxy --proxy-mode=$MODE",
		"cat <<EOF\n'\nEOF\nkube-proxy --proxy-mode=ipvs", "kube-proxy `x` $(y (z)) ${", "if a; then kube-proxy --proxy-mode=a; else kube-proxy; fi", "\\", "'", "\"", "$", "${", "$(", "`", "a=$MODE kube-proxy $FLAGS #",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer within(t, 5*time.Second)()
		c := &corev1.Container{
			Name: "kube-proxy", Command: []string{"sh", "-c", text, "sh", "--proxy-mode=nftables"},
			Env: []corev1.EnvVar{{Name: "MODE", Value: "ipvs"}, {Name: "FLAGS", Value: "--proxy-mode=iptables --v=2"}},
		}
		p, ok := proxyProgram("kube-system", &corev1.PodSpec{}, c, commandLine(c))
		if !ok {
			t.Fatal("a container called kube-proxy is kube-proxy")
		}
		mode, known := parseMode(p.settings.mode)
		if known && mode == advisor.IPVS && !strings.Contains(text, "MODE") && !strings.Contains(strings.NewReplacer("'", "", "\"", "", "\\\n", "", "\\", "").Replace(text), "ipvs") {
			t.Errorf("%q gives %s", text, mode)
		}
		checkSettings(t, p.settings)
	})
}

func FuzzNodeArguments(f *testing.F) {
	for _, s := range []string{
		`["server"]`, `["agent","--kube-proxy-arg","proxy-mode=ipvs"]`, `["server","--kube-proxy-arg=proxy-mode=ipvs","--disable-kube-proxy"]`,
		`["server","--disable-kube-proxy","false","--kube-proxy-arg","--proxy-mode=nftables"]`, `["--kube-proxy-arg"]`, `{}`, `null`, `[1]`, `[`, `["server","--kube-proxy-arg","config=/etc/x"]`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer within(t, 5*time.Second)()
		a := parseNodeArguments(map[string]string{"k3s.io/node-args": text})
		if a.unreadable && (a.noProxy || a.settings != settings{}) {
			t.Errorf("unreadable and read: %+v", a)
		}
		checkSettings(t, a.settings)
	})
}

func FuzzVersion(f *testing.F) {
	for _, s := range []string{
		"registry.k8s.io/kube-proxy:v1.33.4", "v1.30.0-eksbuild.3", "r:5000/kube-proxy", "r:5000/kube-proxy:v1.29.7-gke.100@sha256:00",
		"kube-proxy:v1.31.1-aliyun.1", "kube-proxy:v1.30.4-tke.2", "kube-proxy:1.28.7_vmware.1", "kube-proxy:latest", "v1.999999999999.1", "v1..", "1.000000.0", ":", "@", "v2.0.0",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, parse := range []func(string) (string, bool){imageVersion, parseVersion} {
			v, ok := parse(text)
			if !ok {
				continue
			}
			if again, ok := parseVersion(v); !ok || again != v || len(v) > len("v1.999.999") {
				t.Errorf("%q gives %q, which gives %q", text, v, again)
			}
			if _, ok := defaultMode(v); !ok {
				t.Errorf("%q has no default mode", v)
			}
		}
	})
}

func FuzzCilium(f *testing.F) {
	for _, s := range []string{"true", "strict", "false", "disabled", "partial", "probe", "", "TRUE", "\x1b[31m"} {
		f.Add(s, "io.cilium/x", "In", "y")
	}
	f.Fuzz(func(t *testing.T, value, label, operator, with string) {
		o := Objects{Asked: map[Want]Answer{}}
		for _, w := range Possible() {
			o.Asked[w] = Answer{}
		}
		cilium := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system"}, Spec: corev1.PodSpec{
			NodeName: "n", HostNetwork: true, Containers: []corev1.Container{{Name: "cilium-agent"}},
		}}
		s, _ := ReducePod(cilium)
		o.Pods = append(o.Pods, s)
		c, _ := ReduceConfigMap(&corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "cilium-config"},
			Data:       map[string]string{"kube-proxy-replacement": value},
		})
		o.ConfigMaps = append(o.ConfigMaps, c)
		custom, _ := ReduceUnstructured(&unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "cilium.io/v2", "kind": "CiliumNodeConfig",
			"metadata": map[string]any{"namespace": "kube-system", "name": "x"},
			"spec": map[string]any{
				"nodeSelector": map[string]any{"matchExpressions": []any{map[string]any{"key": label, "operator": operator, "values": []any{with}}}},
				"defaults":     map[string]any{"kube-proxy-replacement": with},
			},
		}})
		o.Customs = append(o.Customs, custom)
		p := Conclude(o).ByNode["n"]
		for _, e := range p.Evidence {
			if strings.ContainsFunc(e.Says, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Errorf("evidence says %q", e.Says)
			}
		}
		if p.Implementation.IsKnown() && value != "true" && value != "strict" && with != "true" && with != "strict" {
			t.Errorf("%q and %q give %+v", value, with, p.Implementation)
		}
	})
}

func FuzzOwnedKeys(f *testing.F) {
	f.Add(`{"f:data":{".":{},"f:config.conf":{}}}`)
	f.Add(`{"f:data":[]}`)
	f.Add(`x`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, k := range ownedKeys([]byte(text)) {
			if !strings.Contains(text, "f:data") {
				t.Errorf("%q from %q", k, text)
			}
		}
	})
}

// FuzzCustom feeds the custom resources with any shape of spec.
func FuzzCustom(f *testing.F) {
	for _, s := range []string{
		"defaultNetwork: {type: OVNKubernetes}\ndeployKubeProxy: true", "defaultNetwork: []", "bpfEnabled: true", "bpfEnabled: x",
		"calicoNetwork: {linuxDataplane: BPF}", "calicoNetwork: 1", "nodeSelector: {matchLabels: 1}\ndefaults: {kube-proxy-replacement: 'true'}", "defaults: []",
	} {
		f.Add(s)
	}
	server := &fakeServer{objects: loadManifests(f, "testdata/cilium-false")}
	calico := &fakeServer{objects: loadManifests(f, "testdata/calico-iptables")}
	f.Fuzz(func(t *testing.T, text string) {
		defer within(t, 5*time.Second)()
		var spec any
		if len(text) > 4096 || yaml.Unmarshal([]byte(text), &spec) != nil {
			return
		}
		for kind, version := range map[string]string{
			"CiliumNodeConfig": "cilium.io/v2", "FelixConfiguration": "crd.projectcalico.org/v1",
			"Installation": "operator.tigera.io/v1", "Network": "operator.openshift.io/v1",
		} {
			for _, s := range []*fakeServer{server, calico} {
				u := &unstructured.Unstructured{Object: map[string]any{
					"apiVersion": version, "kind": kind, "spec": spec,
					"metadata": map[string]any{"name": "default", "namespace": "kube-system"},
				}}
				with := &fakeServer{objects: append(s.objects[:len(s.objects):len(s.objects)], u)}
				for _, p := range Conclude(with.read(t)).ByNode {
					if !p.Implementation.IsKnown() && p.Implementation.Why == "" {
						t.Errorf("%s: neither known nor a reason: %+v", kind, p)
					}
				}
			}
		}
	})
}
