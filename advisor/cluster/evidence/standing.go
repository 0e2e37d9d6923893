package evidence

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Standing is how a node stands in the cluster, beside what its proxy is.
type Standing struct {
	Managed string // as advisor.NodeGroup.Managed
	Leaving string // why it is on its way out, without a date: "NotReady", "cordoned"
	// Since is when it stopped to be ready, where that is why it leaves.
	Since  time.Time
	Spared string // as advisor.NodeGroup.Spared
}

// goneAfter is how long a node is not ready before it counts as on its way out.
// A reboot takes minutes; the cluster autoscaler gives a node up after 20 of them
// (its --scale-down-unready-time), and without one it stays NotReady for ever.
const goneAfter = time.Hour

// notReadyLeaving and cordoned are reasons to leave.
const (
	notReadyLeaving = "NotReady"
	cordoned        = "cordoned"
)

// health is what a Node says of its own state.
type health struct {
	managed       string
	notReady      bool
	notReadySince time.Time // zero where it does not say
	departing     string    // announced, whatever its condition
	taints        []corev1.Taint
}

// healthOf reduces a Node to it.
func healthOf(n *corev1.Node) health {
	h := health{managed: managedBy(n), departing: departing(n)}
	for i := range n.Status.Conditions {
		c := &n.Status.Conditions[i]
		if c.Type == corev1.NodeReady && c.Status != corev1.ConditionTrue {
			h.notReady, h.notReadySince = true, c.LastTransitionTime.UTC()
		}
	}
	for i := range n.Spec.Taints {
		if t := n.Spec.Taints[i]; t.Effect != corev1.TaintEffectPreferNoSchedule {
			h.taints = append(h.taints, corev1.Taint{Key: t.Key, Value: t.Value, Effect: t.Effect})
		}
	}
	return h
}

// departing says what announces that a node goes: it is being deleted; whoever
// is about to remove it put a taint on it (kubernetes/autoscaler
// cluster-autoscaler/utils/taints; kubernetes-sigs/karpenter apis/v1/taints.go;
// out-of-service is an administrator's, kubernetes.io/docs node shutdowns); or it
// takes no more pods, which is how a drain begins.
func departing(n *corev1.Node) string {
	if n.DeletionTimestamp != nil {
		return "being deleted"
	}
	for i := range n.Spec.Taints {
		switch t := &n.Spec.Taints[i]; t.Key {
		case "ToBeDeletedByClusterAutoscaler", "karpenter.sh/disrupted":
			return "being removed by the autoscaler"
		case corev1.TaintNodeOutOfService:
			return "out of service"
		}
	}
	if n.Spec.Unschedulable {
		return cordoned
	}
	return ""
}

// Standing is what is known of a node without any other object; now is the time
// of the read, and without one nothing has lasted long.
func (n NodeSign) Standing(now time.Time) Standing {
	s := Standing{Managed: n.health.managed, Leaving: n.health.departing}
	since := n.health.notReadySince
	if n.health.notReady && !since.IsZero() && !now.IsZero() && now.Sub(since) > goneAfter {
		s.Leaving, s.Since = notReadyLeaving, since
	}
	return s
}
