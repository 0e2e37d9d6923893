package evidence

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

// placement is on which nodes a DaemonSet wants pods, as its controller decides
// (k/k pkg/controller/daemon, NodeShouldRunDaemonPod): nodeSelector, required
// node affinity and taints count, and neither resources nor preferences.
type placement struct {
	selector    map[string]string
	terms       []corev1.NodeSelectorTerm // of the required node affinity; nil without
	tolerations []corev1.Toleration
}

func placementOf(spec *corev1.PodSpec) placement {
	p := placement{selector: spec.NodeSelector, tolerations: slices.Clone(spec.Tolerations)}
	if a := spec.Affinity; a != nil && a.NodeAffinity != nil {
		if required := a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution; required != nil {
			p.terms = required.NodeSelectorTerms
		}
	}
	// What the controller adds to every pod of a DaemonSet (k/k
	// pkg/controller/daemon/util, AddOrUpdateDaemonPodTolerations; the last one for
	// pods in the node's network, which all of these are).
	for _, key := range []string{
		corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable, corev1.TaintNodeDiskPressure,
		corev1.TaintNodeMemoryPressure, corev1.TaintNodePIDPressure, corev1.TaintNodeUnschedulable,
		corev1.TaintNodeNetworkUnavailable,
	} {
		p.tolerations = append(p.tolerations, corev1.Toleration{Key: key, Operator: corev1.TolerationOpExists})
	}
	return p
}

// spares says why no pod goes to a node; empty if one does.
func (p placement) spares(n NodeSign) string {
	own := n.labelSet()
	fits := func(t corev1.NodeSelectorTerm) bool { return matches(t, n.Name, own) }
	switch {
	case !labels.SelectorFromSet(p.selector).Matches(own):
		return "the nodeSelector of kube-proxy's DaemonSet"
	case p.terms != nil && !slices.ContainsFunc(p.terms, fits):
		return "the node affinity of kube-proxy's DaemonSet"
	}
	for i := range n.health.taints {
		t := &n.health.taints[i]
		if !slices.ContainsFunc(p.tolerations, func(o corev1.Toleration) bool { return tolerates(o, t) }) {
			return taintedBy + t.ToString()
		}
	}
	return ""
}

// taintedBy begins what Spared says of a taint; its key and value are the
// cluster's own words, and follow.
const taintedBy = "its taint "

// tolerates: an operator that compares numbers is behind a gate and hides nothing.
func tolerates(o corev1.Toleration, t *corev1.Taint) bool {
	switch {
	case o.Effect != "" && o.Effect != t.Effect, o.Key != "" && o.Key != t.Key:
		return false
	case o.Operator == "" || o.Operator == corev1.TolerationOpEqual:
		return o.Value == t.Value
	}
	return true
}

// matches reports whether a node fits a term. A term without requirements fits
// none, and one that cannot be understood is taken to fit: it then spares nobody.
func matches(t corev1.NodeSelectorTerm, name string, own labels.Set) bool {
	if len(t.MatchExpressions) == 0 && len(t.MatchFields) == 0 {
		return false
	}
	for _, e := range t.MatchExpressions {
		r, err := labels.NewRequirement(e.Key, operator(e.Operator), e.Values)
		if err == nil && !r.Matches(own) {
			return false
		}
	}
	for _, e := range t.MatchFields { // metadata.name is the only one there is
		if slices.Contains(e.Values, name) != (e.Operator == corev1.NodeSelectorOpIn) {
			return false
		}
	}
	return true
}

func operator(o corev1.NodeSelectorOperator) selection.Operator {
	switch o {
	case corev1.NodeSelectorOpIn:
		return selection.In
	case corev1.NodeSelectorOpNotIn:
		return selection.NotIn
	case corev1.NodeSelectorOpExists:
		return selection.Exists
	case corev1.NodeSelectorOpDoesNotExist:
		return selection.DoesNotExist
	case corev1.NodeSelectorOpGt:
		return selection.GreaterThan
	case corev1.NodeSelectorOpLt:
		return selection.LessThan
	}
	return selection.Operator(o)
}
