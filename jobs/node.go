package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kpadvisor/apiserver"
	"kpadvisor/plain"
)

// Node is a node as far as it matters to pods that run there.
type Node struct {
	Name         string
	Mode         string // of its kube-proxy: iptables, ipvs, nftables; empty if not known
	Proxy        string // version of its kube-proxy; empty if not known
	Kernel       string // uname -r
	Kubelet      string // its version
	OS, Arch     string
	InstanceType string // label node.kubernetes.io/instance-type; empty if it has none
	Zone         string // label topology.kubernetes.io/zone; empty if it has none
	Unfit        string // why no pod of a run would run on it; empty if one would
	Taints       []string
}

// Tolerated is the node without the taints that the pods will tolerate; one that
// is left makes it unfit.
func (n Node) Tolerated(all []Toleration) Node {
	if n.Unfit != "" {
		return n
	}
	for _, taint := range n.Taints {
		if !slices.ContainsFunc(all, func(t Toleration) bool { return t.Tolerates(taint) }) {
			n.Unfit = "taint " + taint
			break
		}
	}
	return n
}

// mostNodes is twice what Kubernetes is made for.
const mostNodes = 10_000

// Nodes reads all nodes. Their modes are not in the API: the caller adds them.
func (c *Client) Nodes(ctx context.Context) ([]Node, error) {
	var out []Node
	_, err := Each(ctx, c, apiserver.List{Resource: Collection("Node", ""), Most: mostNodes}, func(o *corev1.Node) { out = append(out, nodeOf(o)) })
	if err != nil {
		return nil, fmt.Errorf("reading the nodes: %w", err)
	}
	return out, nil
}

func nodeOf(o *corev1.Node) Node {
	i := o.Status.NodeInfo
	n := Node{
		Name: plain.Line(o.Name, MostText), Kernel: plain.Line(i.KernelVersion, MostText), Kubelet: plain.Line(i.KubeletVersion, MostText), OS: plain.Line(i.OperatingSystem, MostText), Arch: plain.Line(i.Architecture, MostText),
		InstanceType: plain.Line(o.Labels[corev1.LabelInstanceTypeStable], MostText), Zone: plain.Line(o.Labels[corev1.LabelTopologyZone], MostText),
	}
	for _, t := range o.Spec.Taints {
		if t.Effect != corev1.TaintEffectPreferNoSchedule {
			n.Taints = append(n.Taints, Toleration{t.Key, t.Value, string(t.Effect)}.String())
		}
	}
	switch ready := Readiness(o); {
	case i.OperatingSystem != "" && i.OperatingSystem != "linux":
		n.Unfit = "it runs " + n.OS
	case ready != "":
		n.Unfit = ready
	case o.Spec.Unschedulable:
		n.Unfit = "it is cordoned"
	}
	return n
}

// Readiness says in the node's own words why it is not ready; empty if it is.
func Readiness(o *corev1.Node) string {
	for _, c := range o.Status.Conditions {
		if c.Type == corev1.NodeReady && c.Status != corev1.ConditionTrue {
			return plain.Line(strings.TrimSuffix("NotReady: "+c.Message, ": "), MostText)
		}
	}
	return ""
}
