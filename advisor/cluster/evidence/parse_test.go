package evidence

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/advisor"
)

func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		command []string
		env     map[string]string
		want    []string // kube-proxy's arguments
	}{
		{[]string{"kube-proxy", "--v=2"}, nil, []string{"--v=2"}},
		{[]string{"/go-runner", "--also-stdout", "/usr/local/bin/kube-proxy", "--v=2"}, nil, []string{"--v=2"}},
		{[]string{"/bin/sh", "-c", "exec kube-proxy --v=2 1>>/var/log/x 2>&1"}, nil, []string{"--v=2", "1>>/var/log/x", "2>&1"}},
		{[]string{"/bin/bash", "-xec", "set -e\nmkdir x; kube-proxy '--a b' \\\n  --c=\"d e\" || exit 1"}, nil, []string{"--a b", "--c=d e"}},
		{[]string{"sh", "-c", "kube-proxy --m=$MODE --n=${OTHER}"}, map[string]string{"MODE": "ipvs"}, []string{"--m=ipvs", "--n=" + unknown}},
		{[]string{"kube-proxy", "--m=$(MODE)", "--n=$(OTHER)", "--o=$$(MODE)", "$"}, map[string]string{"MODE": "ipvs"}, []string{"--m=ipvs", "--n=$(OTHER)", "--o=$(MODE)", "$"}},
		{[]string{"sh", "--login", "kube-proxy", "--v=2"}, nil, []string{"--v=2"}},
		{[]string{"C:/k/kube-proxy.exe", "--v=2"}, nil, []string{"--v=2"}},
		{[]string{"sleep", "kube-proxies", "x"}, nil, nil},
		{[]string{strings.Repeat("x", maxCommand), "kube-proxy", "--late"}, nil, nil},
	} {
		container := &corev1.Container{Command: c.command}
		for k, v := range c.env {
			container.Env = append(container.Env, corev1.EnvVar{Name: k, Value: v})
		}
		got, _ := argumentsOf("kube-proxy", commandLine(container))
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.command, got, c.want)
		}
	}
}

func TestArguments(t *testing.T) {
	for _, c := range []struct {
		words string
		want  settings
		file  string
	}{
		{"--proxy-mode=ipvs", settings{mode: "ipvs"}, ""},
		{"--proxy-mode ipvs --v 2", settings{mode: "ipvs"}, ""},
		{"--proxy_mode=ipvs --proxy-mode=nftables", settings{mode: "nftables"}, ""}, // the last one wins
		{"--config /a/b --proxy-mode", settings{}, "/a/b"},
		{"--proxy-config=/a", settings{}, "/a"},
		{"-- --proxy-mode=ipvs", settings{}, ""},
		{"proxy-mode=ipvs -proxy-mode=ipvs", settings{}, ""},
		{"--ipvs-strict-arp --conntrack-tcp-be-liberal=true", settings{strictARP: "true", tcpBeLiberal: "true"}, ""},
		{"--nodeport-addresses=a,b --nodeport-addresses=c", settings{nodePortAddresses: "a,b,c"}, ""},
		{"--iptables-min-sync-period=10s --ipvs-min-sync-period=5s", settings{iptablesMinSync: "10s", nftablesMinSync: "10s", ipvsMinSync: "5s"}, ""},
	} {
		got, file := parseArguments(strings.Fields(c.words))
		if got != c.want || file != c.file {
			t.Errorf("%s: %+v %q, want %+v %q", c.words, got, file, c.want, c.file)
		}
	}
}

func TestOddSettings(t *testing.T) {
	for address, want := range map[string]advisor.Fact[bool]{
		"":                advisor.KnownFrom(false, "x"),
		"127.0.0.1:10249": advisor.KnownFrom(false, "x"),
		"[::1]:10249":     advisor.KnownFrom(false, "x"),
		"127.0.0.1":       advisor.KnownFrom(false, "x"),
		"::":              advisor.KnownFrom(true, "x"),
		":10249":          advisor.KnownFrom(true, "x"),
		"10.0.0.1:10249":  advisor.KnownFrom(true, "x"),
		"$(NODE_IP)":      advisor.UnknownFor[bool](advisor.Unreadable, "x is not an address"),
	} {
		if got := reachable(address, "x"); got != want {
			t.Errorf("%s: %+v", address, got)
		}
	}
	if f := scheduler("rr; rm", "x"); f.Why != advisor.Unreadable {
		t.Errorf("%+v", f)
	}
	if f := nodePortAddresses("10.0.0.1", "x"); f.Why != advisor.Unreadable {
		t.Errorf("%+v", f)
	}
}

func TestVersions(t *testing.T) {
	for image, want := range map[string]string{
		"registry.k8s.io/kube-proxy:v1.33.4":                                                     "v1.33.4",
		"602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/kube-proxy:v1.30.0-eksbuild.3":         "v1.30.0",
		"602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/kube-proxy:v1.30.0-minimal-eksbuild.3": "v1.30.0",
		"gke.gcr.io/kube-proxy-amd64:v1.29.7-gke.100":                                            "v1.29.7",
		"acs/kube-proxy:v1.31.1-aliyun.1":                                                        "v1.31.1",
		"tkeimages/kube-proxy:v1.30.4-tke.2":                                                     "v1.30.4",
		"rancher/hardened-kubernetes:v1.30.4-rke2r1-build20240815":                               "v1.30.4",
		"projects.registry.vmware.com/tkg/kube-proxy:v1.28.7_vmware.1":                           "v1.28.7",
		"registry:5000/kube-proxy:1.20.4@sha256:" + strings.Repeat("0", 64):                      "v1.20.4",
		"registry:5000/kube-proxy":                                                               "", "kube-proxy@sha256:00": "", "kube-proxy:latest": "", "kube-proxy:v2.0.0": "", "kube-proxy:v1.3": "v1.3", "kube-proxy:1.08.2": "", "": "",
	} {
		if got, _ := imageVersion(image); got != want {
			t.Errorf("%s: %s, want %s", image, got, want)
		}
	}
	for version, want := range map[string]advisor.Mode{"v1.25.3": "iptables", "v1.39.9": "iptables", "v1.40.0": "nftables", "v1.104.0": "nftables", "": "", "v1.x": ""} {
		if got, _ := defaultMode(version); got != want {
			t.Errorf("%s: %s, want %s", version, got, want)
		}
	}
}

func TestFindFile(t *testing.T) {
	volumes := []corev1.Volume{
		{Name: "whole", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: "whole"},
		}}},
		{Name: "renamed", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: "renamed"}, Items: []corev1.KeyToPath{{Key: "key", Path: "sub/file"}},
		}}},
		{Name: "projected", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
			{Secret: &corev1.SecretProjection{}},
			{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "other"}, Items: []corev1.KeyToPath{{Key: "a", Path: "b"}}}},
			{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "inner"}}},
		}}}},
		{Name: "host", VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/etc"}}},
	}
	c := &corev1.Container{VolumeMounts: []corev1.VolumeMount{
		{Name: "host", MountPath: "/"},
		{Name: "whole", MountPath: "/etc/proxy/"},
		{Name: "renamed", MountPath: "/etc/proxy/deep"},
		{Name: "projected", MountPath: "/p"},
		{Name: "whole", MountPath: "/single.conf", SubPath: "config.conf"},
		{Name: "gone", MountPath: "/gone"},
	}}
	for file, want := range map[string]fileRef{
		"/etc/proxy/config.conf":   {true, key{"ns", "whole"}, "config.conf"},
		"/etc/proxy/../proxy/x":    {true, key{"ns", "whole"}, "x"},
		"/etc/proxy/deep/sub/file": {true, key{"ns", "renamed"}, "key"},
		"/etc/proxy/deep/none":     {given: true},
		"/p/b":                     {true, key{"ns", "other"}, "a"},
		"/p/c":                     {true, key{"ns", "inner"}, "c"},
		"/single.conf":             {true, key{"ns", "whole"}, "config.conf"},
		"/host.conf":               {given: true},
		"/gone/x":                  {given: true},
		"relative":                 {given: true},
	} {
		if got := findFile("ns", &corev1.PodSpec{Volumes: volumes}, c, file); got != want {
			t.Errorf("%s: %+v, want %+v", file, got, want)
		}
	}
}

func TestNodeArguments(t *testing.T) {
	for text, want := range map[string]nodeArguments{
		`["server"]`: {server: true},
		`["agent","--kube-proxy-arg","proxy-mode=ipvs","--v","2"]`: {settings: settings{mode: "ipvs"}},
		`["agent","--kube-proxy-arg=proxy-mode=ipvs"]`:             {settings: settings{mode: "ipvs"}},
		`["agent","--kube-proxy-arg","--proxy-mode=ipvs"]`:         {settings: settings{mode: "ipvs"}},
		`["server","--disable-kube-proxy"]`:                        {server: true, noProxy: true},
		`["server","--disable-kube-proxy","--x"]`:                  {server: true, noProxy: true},
		`["server","--disable-kube-proxy=false"]`:                  {server: true},
		`["server","--disable-kube-proxy","false"]`:                {server: true},
		`["server","--kube-proxy-arg","config=/etc/proxy.yaml"]`:   {server: true, file: true},
		`"server"`: {unreadable: true}, ``: {unreadable: true},
	} {
		want.annotation = "rke2.io/node-args"
		if got := parseNodeArguments(map[string]string{"rke2.io/node-args": text}); got != want {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	for got, want := range map[string]string{
		configMapName("kube-system", "kube-proxy"):           "ConfigMap kube-system/kube-proxy",
		configMapName("kube-system", "kube-proxy-config-0a"): "ConfigMap kube-system/kube-proxy-config-<hash>",
		configMapName("cilium", "cilium-config"):             "ConfigMap cilium/cilium-config",
		configMapName("kube-system", "acme"):                 "a ConfigMap of another name",
		configMapName("acme", "kube-proxy"):                  "a ConfigMap of another name",
		daemonSetName("acme", "kube-proxy"):                  "a DaemonSet of another name",
		fileName("config"):                                   "key config",
		fileName("acme"):                                     "a key of another name",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for kind, want := range map[string]string{"Node": "static pod", "ReplicaSet": "a pod of another controller", "": "a pod without a controller"} {
		o := &metav1.ObjectMeta{}
		if yes := true; kind != "" {
			o.OwnerReferences = []metav1.OwnerReference{{Kind: kind, Controller: &yes}}
		}
		if got, _ := ownerOf(o); got != want {
			t.Errorf("%s: %s", kind, got)
		}
	}
}

// TestPlatformMarks: each mark of the table on its own.
func TestPlatformMarks(t *testing.T) {
	for _, m := range marks() {
		n := &corev1.Node{}
		n.Spec.ProviderID = m.provider
		n.Status.NodeInfo.OSImage = m.image
		n.Status.NodeInfo.KubeletVersion = "v1.30.0" + strings.ReplaceAll(m.kubelet, "#", "12") + "1"
		n.Annotations = map[string]string{m.annotation: ""}
		n.Labels = map[string]string{strings.TrimSuffix(m.label, "/") + strings.Repeat("/x", strings.Count(m.label, "/")-strings.Count(strings.TrimSuffix(m.label, "/"), "/")): m.value}
		if got, mark := platformOf(n); got != m.platform || mark == "" {
			t.Errorf("%+v: %s by %q", m, got, mark)
		}
	}
	for kubelet, want := range map[string]advisor.Platform{
		"v1.30.6-r10-30.0.6.10": advisor.CCE, "v1.19.16-r20": "", "v1.19.10-r1.0.0-source-121-gb9675686c54267": advisor.CCE, "v1.30.1-r2-30.0.8": advisor.CCE,
		"v1.30.1-r-30": "", "v1.30.1-rc.1": "", "v1.30.1-rr5-": "", "v1.28.3-r-r7-": advisor.CCE, "v1.30.5+IKS": advisor.IKS,
	} {
		n := &corev1.Node{}
		n.Status.NodeInfo.KubeletVersion = kubelet
		if got, _ := platformOf(n); got != want {
			t.Errorf("%s: %q, want %q", kubelet, got, want)
		}
	}
	if got, mark := platformOf(&corev1.Node{}); got != "" || mark != "" {
		t.Errorf("%s by %q", got, mark)
	}
}
