package evidence

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/advisor"
)

// daemonSetOf is a DaemonSet of one container, or of more.
func daemonSetOf(namespace, name string, containers ...corev1.Container) *appsv1.DaemonSet {
	return &appsv1.DaemonSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Generation: 1},
		Spec:       appsv1.DaemonSetSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{HostNetwork: true, Containers: containers}}},
		Status:     appsv1.DaemonSetStatus{DesiredNumberScheduled: 2, ObservedGeneration: 1},
	}
}

func container(name, image string, words ...string) corev1.Container {
	return corev1.Container{Name: name, Image: image, Args: words}
}

func withEnv(c corev1.Container, pairs ...string) corev1.Container {
	for i := 0; i+1 < len(pairs); i += 2 {
		c.Env = append(c.Env, corev1.EnvVar{Name: pairs[i], Value: pairs[i+1]})
	}
	return c
}

// TestComponents: each one by its own manifests, and no other.
func TestComponents(t *testing.T) {
	const cache, system = "registry.k8s.io/dns/k8s-dns-node-cache:1.26.4", "kube-system"
	for name, c := range map[string]struct {
		daemonSet *appsv1.DaemonSet
		want      []advisor.Component
	}{
		"Calico": {
			daemonSetOf(system, "calico-node", withEnv(container("calico-node", "docker.io/calico/node:v3.31.2"), "FELIX_NFTABLESMODE", "Disabled", "FELIX_IPTABLESBACKEND", "NFT")),
			[]advisor.Component{{Name: "Calico", Version: "v3.31.2", Setting: "FELIX_NFTABLESMODE Disabled, FELIX_IPTABLESBACKEND NFT", Source: "DaemonSet kube-system/calico-node"}},
		},
		"Canal": {
			daemonSetOf(system, "canal", container("calico-node", "calico/node:v3.28.0"), container("kube-flannel", "flannel/flannel:v0.25.1")),
			[]advisor.Component{
				{Name: "Calico", Version: "v3.28.0", Source: "DaemonSet kube-system/canal"},
				{Name: "Flannel", Version: "v0.25.1", Source: "DaemonSet kube-system/canal"},
			},
		},
		"Cilium": {
			daemonSetOf(system, "cilium", container("cilium-agent", "quay.io/cilium/cilium:v1.16.3@sha256:00", "--kube-proxy-replacement=false")),
			[]advisor.Component{{Name: "Cilium", Version: "v1.16.3", Setting: "kube-proxy-replacement false", Source: "DaemonSet kube-system/cilium"}},
		},
		"VPC CNI": {
			daemonSetOf(system, "aws-node",
				withEnv(container("aws-node", "602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon-k8s-cni:v1.18.1-eksbuild.3"), "ENABLE_POD_ENI", "true", "POD_SECURITY_GROUP_ENFORCING_MODE", "strict"),
				container("aws-eks-nodeagent", "x/aws-network-policy-agent:v1.1.2-eksbuild.1", "--enable-network-policy=true")),
			[]advisor.Component{{
				Name: "Amazon VPC CNI", Version: "v1.18.1", Source: "DaemonSet kube-system/aws-node",
				Setting: "ENABLE_POD_ENI true, POD_SECURITY_GROUP_ENFORCING_MODE strict, aws-eks-nodeagent v1.1.2 with --enable-network-policy",
			}},
		},
		"NodeLocal DNSCache for IPVS": {
			daemonSetOf(system, "node-local-dns", container("node-cache", cache, "-localip", "169.254.20.10", "-conf", "/etc/Corefile")),
			[]advisor.Component{{Name: "NodeLocal DNSCache", Version: "v1.26.4", Setting: "-localip link-local alone", Source: "DaemonSet kube-system/node-local-dns"}},
		},
		"NodeLocal DNSCache for iptables": {
			daemonSetOf(system, "nodelocaldns", container("node-cache", cache, "-localip=169.254.20.10,10.96.0.10", "-setupiptables=false")),
			[]advisor.Component{{Name: "NodeLocal DNSCache", Version: "v1.26.4", Setting: "-localip with a Service's address, -setupiptables=false", Source: "DaemonSet kube-system/nodelocaldns"}},
		},
		"NodeLocal DNSCache, dual stack": {
			daemonSetOf(system, "node-local-dns", container("node-cache", cache, "--localip", "169.254.20.10,fe80::a")),
			[]advisor.Component{{Name: "NodeLocal DNSCache", Version: "v1.26.4", Setting: "-localip link-local alone", Source: "DaemonSet kube-system/node-local-dns"}},
		},
		"kube-vip": {
			daemonSetOf(system, "kube-vip-ds", withEnv(container("kube-vip", "ghcr.io/kube-vip/kube-vip:v0.8.7", "manager"), "cp_enable", "true", "lb_enable", "false")),
			[]advisor.Component{{Name: "kube-vip", Version: "v0.8.7", Source: "DaemonSet kube-system/kube-vip-ds"}},
		},
		"kube-vip, by its flag": {
			daemonSetOf(system, "kube-vip-ds", container("vip", "ghcr.io/kube-vip/kube-vip:v0.4.0", "manager", "--enableLoadBalancer")),
			[]advisor.Component{{Name: "kube-vip", Version: "v0.4.0", Setting: "lb_enable", Source: "DaemonSet kube-system/kube-vip-ds"}},
		},
		"MetalLB": {
			daemonSetOf("metallb-system", "speaker", container("speaker", "quay.io/metallb/speaker:v0.14.9")),
			[]advisor.Component{{Name: "MetalLB", Version: "v0.14.9", Source: "DaemonSet metallb-system/speaker"}},
		},
		"keepalived": {
			daemonSetOf("acme", "vip", container("vip", "registry.example.org/team/kube-keepalived-vip:0.11")),
			[]advisor.Component{{Name: "keepalived", Version: "v0.11", Source: "a DaemonSet of another name"}},
		},
		"Weave": {
			daemonSetOf(system, "weave-net", container("weave", "weaveworks/weave-kube:2.8.1"), container("weave-npc", "weaveworks/weave-npc:2.8.1")),
			[]advisor.Component{{Name: "Weave Net", Version: "v2.8.1", Source: "DaemonSet kube-system/weave-net"}},
		},
		"kindnet": {
			daemonSetOf(system, "kindnet", container("kindnet-cni", "docker.io/kindest/kindnetd:v20241108-5c6d2daf")),
			[]advisor.Component{{Name: "kindnet", Source: "DaemonSet kube-system/kindnet"}},
		},
		"another one": {daemonSetOf("shop", "speaker", container("speaker-of-shop", "shop/speaker:v1.0.0")), nil},
	} {
		o := Objects{Components: ReduceComponentsOf(c.daemonSet)}
		if s, ok := ReduceDaemonSet(c.daemonSet); ok {
			o.DaemonSets = append(o.DaemonSets, s)
		}
		got := Conclude(o).Components
		if len(got) != len(c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %+v, want %+v", name, got[i], c.want[i])
			}
		}
	}
	parked := daemonSetOf(system, "cilium", container("cilium-agent", "cilium:v1.16.3"))
	parked.Status.DesiredNumberScheduled = 0
	if got := ReduceComponentsOf(parked); got != nil {
		t.Errorf("it runs nowhere: %+v", got)
	}
}

// TestFlannelSetting: its ConfigMap is asked for where the DaemonSet mounts it.
func TestFlannelSetting(t *testing.T) {
	d := daemonSetOf("kube-flannel", "kube-flannel-ds", container("kube-flannel", "ghcr.io/flannel-io/flannel:v0.27.0"))
	d.Spec.Template.Spec.Volumes = []corev1.Volume{{Name: "cfg", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
		LocalObjectReference: corev1.LocalObjectReference{Name: "kube-flannel-cfg"},
	}}}}
	o := Objects{Components: ReduceComponentsOf(d), Asked: map[Want]Answer{}}
	more := More(o)
	if len(more) == 0 || more[len(more)-1].Name != "kube-flannel-cfg" || more[len(more)-1].Namespace != "kube-flannel" || !allowed(more[len(more)-1]) {
		t.Fatalf("%+v", more)
	}
	for conf, want := range map[string]string{
		`{"Network": "10.244.0.0/16", "EnableNFTables": true}`: "EnableNFTables true",
		`{"Network": "10.244.0.0/16"}`:                         "EnableNFTables false",
		`{`:                                                    "",
		``:                                                     "",
	} {
		m, _ := ReduceConfigMap(&corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Namespace: "kube-flannel", Name: "kube-flannel-cfg"}, Data: map[string]string{"net-conf.json": conf},
		})
		o.ConfigMaps = []ConfigMapSign{m}
		if got := Conclude(o).Components; len(got) != 1 || got[0].Setting != want {
			t.Errorf("%s: %+v, want %q", conf, got, want)
		}
	}
}

func TestComponentVersion(t *testing.T) {
	for image, want := range map[string]string{
		"calico/node:v3.28.1": "v3.28.1", "r:5000/x": "", "r:5000/x:1.2": "v1.2", "x:v1.18.1-eksbuild.3": "v1.18.1", "x:latest": "",
		"x@sha256:00": "", "x:v3.28.1@sha256:00": "v3.28.1", "x:v20241108-5c": "", "x:v1.2.3.4": "", "x:1..2": "", "": "", "x:v3.32.0-0.dev": "v3.32.0",
	} {
		if got := componentVersion(image); got != want {
			t.Errorf("%s: %q, want %q", image, got, want)
		}
	}
}

// TestBesideAndPartial: what runs beside a replacement, and what takes a part of
// kube-proxy's work.
func TestBesideAndPartial(t *testing.T) {
	for dir, want := range map[string]struct {
		node    string
		impl    advisor.Implementation
		mode    advisor.Mode // of kube-proxy, in force or beside
		beside  bool
		partial string
	}{
		"cilium-leftover":        {"n1", advisor.Cilium, advisor.IPTables, true, ""},
		"cilium-strict":          {"w-1", advisor.Cilium, "", false, ""},
		"calico-ebpf-one-node":   {"worker-1", advisor.CalicoEBPF, advisor.IPVS, true, ""},
		"cilium-probe-beside":    {"n1", advisor.KubeProxy, advisor.IPVS, false, "Cilium, kube-proxy-replacement probe"},
		"cilium-partial":         {"cp-1", advisor.KubeProxy, advisor.IPTables, false, "Cilium, kube-proxy-replacement partial"},
		"cilium-hybrid":          {"d1", advisor.KubeProxy, advisor.IPTables, false, "Cilium, kube-proxy-replacement false with bpf-lb-sock"},
		"cilium-without":         {"d1", advisor.KubeProxy, advisor.IPTables, false, ""},
		"antrea":                 {"cp-1", advisor.KubeProxy, advisor.IPTables, false, "AntreaProxy without proxyAll"},
		"antrea-proxyall-hashed": {"n1", advisor.AntreaProxy, "", false, ""},
		"terway-datapath-v2":     {"cn-hz.1", advisor.KubeProxy, advisor.IPVS, false, "Terway DataPath V2"},
		"terway-list":            {"cn-hz.1", advisor.KubeProxy, advisor.IPVS, false, "Terway DataPath V2"},
		"terway-veth":            {"cn-hz.1", advisor.KubeProxy, advisor.IPVS, false, ""},
		"kube-ovn":               {"n1", advisor.KubeProxy, advisor.IPVS, false, "Kube-OVN's load balancer"},
		"kube-ovn-unset":         {"n2", advisor.KubeProxy, advisor.IPVS, false, "Kube-OVN's load balancer"},
		"kube-ovn-off":           {"n1", advisor.KubeProxy, advisor.IPVS, false, ""},
	} {
		f, o := loadCase(t, "testdata/"+dir)
		p := conclude(t, f, o).ByNode[want.node]
		mode := p.Mode
		if want.beside {
			mode = p.Beside
		}
		if p.Implementation.Value != want.impl || mode.Value != want.mode || p.Beside.IsKnown() != want.beside || p.Partial != want.partial {
			t.Errorf("%s: %s, mode %+v, beside %+v, partial %q", dir, p.Implementation.Value, p.Mode, p.Beside, p.Partial)
		}
	}
	f := &fakeServer{objects: loadManifests(t, "testdata/cilium-leftover"), denied: map[string]advisor.Why{"configmaps/kube-proxy": advisor.Forbidden}}
	if p := Conclude(f.read(t)).ByNode["n1"]; p.Implementation.Value != advisor.Cilium || p.Beside.Why != advisor.Forbidden {
		t.Errorf("a kube-proxy of unknown mode is beside: %+v", p.Beside)
	}
}
