package evidence

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kpadvisor/advisor"
)

// mark is a sign of a platform on its nodes: one of the fields is set.
type mark struct {
	platform   advisor.Platform
	label      string // a label's key, or its beginning if it ends in "/"
	value      string // of that label, any if empty
	provider   string // beginning of spec.providerID
	kubelet    string // part of the kubelet's version; "#" stands for a number in it
	image      string // beginning of the OS image
	annotation string
}

// marks are in order of precedence: what says more of a node comes first.
func marks() []mark {
	return []mark{
		{platform: advisor.Kind, provider: "kind://"},
		{platform: advisor.K3s, kubelet: "+k3s"},
		{platform: advisor.RKE2, kubelet: "+rke2"},
		{platform: advisor.OpenShift, label: "node.openshift.io/os_id"},
		{platform: advisor.Talos, image: "Talos"},
		{platform: advisor.Kops, label: "kops.k8s.io/"},
		{platform: advisor.EKSAuto, label: "eks.amazonaws.com/compute-type", value: "auto"},
		{platform: advisor.EKS, label: "eks.amazonaws.com/"},
		{platform: advisor.EKS, kubelet: "-eks-"},
		{platform: advisor.EKS, provider: "eks-hybrid://"},
		{platform: advisor.AKS, label: "kubernetes.azure.com/"},
		{platform: advisor.GKE, label: "cloud.google.com/gke-nodepool"},
		{platform: advisor.GKE, kubelet: "-gke."},
		{platform: advisor.ACK, label: "alibabacloud.com/"},
		{platform: advisor.ACK, kubelet: "-aliyun."},
		{platform: advisor.TKE, label: "cloud.tencent.com/node-instance-id"},
		{platform: advisor.TKE, kubelet: "-tke."},
		{platform: advisor.CCE, label: "cce.cloud.com/"},
		{platform: advisor.CCE, kubelet: "-CCE"},
		{platform: advisor.CCE, kubelet: "-r#-"}, // v1.29.2-r0-29.0.6.1, v1.30.6-r10-30.0.6.10
		{platform: advisor.CCE, kubelet: "-r#."}, // v1.19.10-r1.0.0-source-121-gb9675686c54267
		{platform: advisor.IKS, label: "ibm-cloud.kubernetes.io/"},
		{platform: advisor.IKS, kubelet: "+IKS"},
		{platform: advisor.MicroK8s, label: "microk8s.io/cluster"},
		{platform: advisor.RKE1, annotation: "rke.cattle.io/external-ip"},
		{platform: advisor.RKE1, annotation: "rke.cattle.io/internal-ip"},
		{platform: advisor.UK8S, provider: "UCloud://"},
		{platform: advisor.UK8S, label: "node.uk8s.ucloud.cn/"},
		{platform: advisor.Kubeadm, annotation: "kubeadm.alpha.kubernetes.io/cri-socket"},
	}
}

// on returns how a node shows the mark, empty if it does not.
func (m mark) on(n *corev1.Node) string {
	switch {
	case m.provider != "":
		if strings.HasPrefix(n.Spec.ProviderID, m.provider) {
			return "node spec.providerID " + m.provider
		}
	case m.kubelet != "":
		if containsNumbered(n.Status.NodeInfo.KubeletVersion, m.kubelet) {
			return "kubelet version with " + strings.ReplaceAll(m.kubelet, "#", "N")
		}
	case m.image != "":
		if strings.HasPrefix(n.Status.NodeInfo.OSImage, m.image) {
			return "node OS image " + m.image
		}
	case m.annotation != "":
		if _, ok := n.Annotations[m.annotation]; ok {
			return "node annotation " + m.annotation
		}
	case strings.HasSuffix(m.label, "/"):
		for k := range n.Labels {
			if strings.HasPrefix(k, m.label) {
				return "node labels " + m.label
			}
		}
	default:
		if v, ok := n.Labels[m.label]; ok && (m.value == "" || v == m.value) {
			return "node label " + m.label
		}
	}
	return ""
}

// containsNumbered reports whether s contains part, where a "#" in part is one
// digit or more.
func containsNumbered(s, part string) bool {
	before, after, numbered := strings.Cut(part, "#")
	if !numbered {
		return strings.Contains(s, part)
	}
	for rest := s; ; {
		_, found, ok := strings.Cut(rest, before)
		if !ok {
			return false
		}
		tail := strings.TrimLeft(found, "0123456789")
		if tail != found && strings.HasPrefix(tail, after) {
			return true
		}
		rest = found
	}
}

// platformOf returns the platform of a node and what told it.
func platformOf(n *corev1.Node) (advisor.Platform, string) {
	for _, m := range marks() {
		if seen := m.on(n); seen != "" {
			return m.platform, seen
		}
	}
	return "", ""
}

// concludePlatform takes the platform of most nodes, and falls back on objects
// that only one platform has.
func (v *view) concludePlatform() advisor.Fact[advisor.Platform] {
	count := map[advisor.Platform]int{}
	source := map[advisor.Platform]string{}
	for _, n := range v.nodes {
		if n.platform == "" {
			continue
		}
		count[n.platform]++
		if s := source[n.platform]; s == "" || n.mark < s {
			source[n.platform] = n.mark
		}
	}
	if source, ok := v.isMicroShift(); ok { // its nodes bear OpenShift's marks, or none
		return advisor.KnownFrom(advisor.MicroShift, source)
	}
	if len(count) > 0 {
		most := slices.SortedFunc(maps.Keys(count), func(a, b advisor.Platform) int {
			return cmp.Or(count[b]-count[a], cmp.Compare(a, b))
		})[0]
		return advisor.KnownFrom(most, source[most])
	}
	for _, d := range v.daemonSets {
		switch d.key {
		case key{"kube-system", "anetd"}:
			return advisor.KnownFrom(advisor.GKE, daemonSetName(d.namespace, d.name))
		case key{"kube-system", "kube-proxy-worker"}:
			return advisor.KnownFrom(advisor.ACK, daemonSetName(d.namespace, d.name))
		case key{"openshift-kube-proxy", "openshift-kube-proxy"}, key{"openshift-ovn-kubernetes", "ovnkube-node"}:
			return advisor.KnownFrom(advisor.OpenShift, daemonSetName(d.namespace, d.name))
		}
	}
	if c, ok := v.configMaps[key{"kube-system", "kube-proxy"}]; ok && c.kubeadm {
		return advisor.KnownFrom(advisor.Kubeadm, "ConfigMap kube-system/kube-proxy, label app")
	}
	if why, missing := v.unread(nodesWant()); missing {
		return advisor.UnknownFor[advisor.Platform](why, "nodes were not read")
	}
	return advisor.AbsentFrom[advisor.Platform]("nodes: no platform's mark")
}

// isMicroShift reports whether the node's part of OVN-Kubernetes is in
// OpenShift's ovnkube-master, which no OpenShift cluster has.
func (v *view) isMicroShift() (string, bool) {
	for _, d := range v.daemonSets {
		if p := d.program.Value(); d.namespace == "openshift-ovn-kubernetes" && p.role == ovnRole && p.option == singleNode {
			return p.owner, true
		}
	}
	return "", false
}

// invisible says why a platform shows no kube-proxy pod on a node.
func invisible(p advisor.Platform) string {
	switch p {
	case advisor.UK8S:
		return "UK8S runs kube-proxy as a systemd unit on the node; its mode is in the cloud API (ListUK8SClusterNodeV2, KubeProxy.Mode)"
	case advisor.CCE:
		return "CCE shows no kube-proxy pod; the mode was chosen when the cluster was created"
	case advisor.EKSAuto:
		return "EKS Auto Mode runs kube-proxy as part of the node, without a pod"
	case advisor.EKS:
		return "no kube-proxy pod on this EKS node"
	case advisor.GKE:
		return "no kube-proxy and no anetd pod is visible on this GKE node"
	case advisor.K3s:
		return "k3s runs kube-proxy inside its own process, and this node does not say with which arguments"
	case advisor.MicroK8s:
		return "MicroK8s runs kube-proxy inside kubelite, without a pod; its arguments are in " +
			"/var/snap/microk8s/current/args/kube-proxy on the node"
	case advisor.RKE1:
		return "RKE1 runs kube-proxy as a container outside Kubernetes; its arguments are in docker inspect kube-proxy on the node"
	case advisor.IKS:
		return "IBM Cloud Kubernetes Service shows no kube-proxy pod; its arguments are in the process list of the node"
	case "":
		return "no kube-proxy pod and no replacement is visible on this node"
	}
	return "no kube-proxy pod and no replacement is visible on this " + string(p) + " node"
}
