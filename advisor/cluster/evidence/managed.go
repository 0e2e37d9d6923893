package evidence

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// managedKind is a kind of node on which nobody can choose a kube-proxy mode,
// and what tells it.
type managedKind struct {
	name        string
	label       [2]string // key and value; a value of "*" is any
	annotation  [2]string
	taint       string // key
	kubelet     string // contained in the kubelet's version
	kubeletHead string // what that begins with
}

// managedKinds: their kubelet is a program that hands pods to something else, or
// their kube-proxy is a part of the node that its owner cannot reach. Sources:
//
//   - Fargate and EKS Auto Mode: awsdocs/amazon-eks-user-guide, the label
//     eks.amazonaws.com/compute-type, which their taints and the node affinity of
//     EKS' own DaemonSets go by ("hybrid" and "hyperpod" are ordinary nodes).
//   - TKE super nodes: Tencent Cloud's documentation of the node selector
//     node.kubernetes.io/instance-type=eklet and of the taint.
//   - OKE virtual nodes: the label that opencost's provider for Oracle goes by.
//   - Liqo: docs.liqo.io, advanced scheduling; the virtual node is a cluster.
//   - vCluster: loft-sh/vcluster pkg/controllers/resources/nodes, placeholders.
//   - KWOK: kwok.sigs.k8s.io, user guide (fake nodes run no container at all).
//   - KubeEdge: its edgecore reports itself as "v1.23.17-kubeedge-v1.13.4". The
//     label node-role.kubernetes.io/edge alone is no sign: people give it to
//     their ingress nodes.
//   - virtual-kubelet, hence ACI, ECI, ACS, CCI and others: the label and taint of
//     virtual-kubelet/virtual-kubelet cmd, kept by its forks; AKS' version is
//     "v1.25.0-vk-azure-aci-1.6.2".
//
// The first that fits names the node, so that those which also look like a
// virtual-kubelet come before it.
func managedKinds() []managedKind {
	const compute = "eks.amazonaws.com/compute-type"
	return []managedKind{
		{name: "Fargate", label: [2]string{compute, "fargate"}},
		{name: "EKS Auto Mode", label: [2]string{compute, "auto"}},
		{name: "TKE super node", label: [2]string{corev1.LabelInstanceTypeStable, "eklet"}},
		{name: "TKE super node", taint: "eks.tke.cloud.tencent.com/eklet"},
		{name: "OKE virtual node", label: [2]string{"node-role.kubernetes.io/virtual-node", "*"}},
		{name: "Liqo virtual node", label: [2]string{"liqo.io/type", "virtual-node"}},
		{name: "vCluster placeholder", label: [2]string{"vcluster.loft.sh/fake-node", "true"}},
		{name: "KWOK", annotation: [2]string{"kwok.x-k8s.io/node", "fake"}},
		{name: "KWOK", label: [2]string{"type", "kwok"}},
		{name: "KWOK", kubeletHead: "kwok-"},
		{name: "KubeEdge edge node", kubelet: "-kubeedge-"},
		{name: "virtual-kubelet", label: [2]string{"type", "virtual-kubelet"}},
		{name: "virtual-kubelet", taint: "virtual-kubelet.io/provider"},
		{name: "virtual-kubelet", kubelet: "-vk-"},
		{name: "virtual-kubelet", kubeletHead: "vk-"},
	}
}

// managedBy names what runs a node whose kube-proxy nobody can configure; empty
// for an ordinary node.
func managedBy(n *corev1.Node) string {
	version := n.Status.NodeInfo.KubeletVersion
	has := func(all map[string]string, want [2]string) bool {
		v, ok := all[want[0]]
		return want[0] != "" && ok && (want[1] == "*" || v == want[1])
	}
	for _, k := range managedKinds() {
		switch {
		case has(n.Labels, k.label), has(n.Annotations, k.annotation):
			return k.name
		case k.kubelet != "" && strings.Contains(version, k.kubelet):
			return k.name
		case k.kubeletHead != "" && strings.HasPrefix(version, k.kubeletHead):
			return k.name
		}
		for i := range n.Spec.Taints {
			if k.taint != "" && n.Spec.Taints[i].Key == k.taint {
				return k.name
			}
		}
	}
	return ""
}
