package evidence

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"kpadvisor/advisor"
)

type (
	// NodeSign is what matters of a Node.
	NodeSign struct{ Name string }
	// PodSign is what matters of a Pod.
	PodSign struct{ node string }
	// DaemonSetSign is what matters of a DaemonSet.
	DaemonSetSign struct{ namespace, name string }
	// ConfigMapSign is what matters of a ConfigMap.
	ConfigMapSign struct{ namespace, name string }
	// EventSign is what matters of an Event.
	EventSign struct{ node string }
	// CustomSign is what matters of a custom resource.
	CustomSign struct{ kind string }
)

// Wants returns the first round of reads.
func Wants() []Want { return nil }

// More returns the reads that the objects read so far call for and that were
// not asked yet; empty when there is nothing left to ask. Call it until then
// (at most three times).
func More(o Objects) []Want { return nil }

// Possible returns every read that Wants and More can ever ask for, for a
// ClusterRole. A ConfigMap whose name is not fixed is not in it.
func Possible() []Want { return nil }

// ReduceNode keeps what matters of a Node.
func ReduceNode(n *corev1.Node) NodeSign { return NodeSign{Name: n.Name} }

// ReducePod keeps what matters of a Pod, and reports whether anything does.
func ReducePod(p *corev1.Pod) (PodSign, bool) { return PodSign{}, false }

// ReduceDaemonSet keeps what matters of a DaemonSet, and reports whether anything does.
func ReduceDaemonSet(d *appsv1.DaemonSet) (DaemonSetSign, bool) { return DaemonSetSign{}, false }

// ReduceConfigMap keeps what matters of a ConfigMap. It reads managedFields: do not strip them.
func ReduceConfigMap(c *corev1.ConfigMap) (ConfigMapSign, bool) { return ConfigMapSign{}, false }

// ReduceEvent keeps what matters of an Event, and reports whether anything does.
func ReduceEvent(e *corev1.Event) (EventSign, bool) { return EventSign{}, false }

// ReduceUnstructured keeps what matters of a custom resource, and reports whether anything does.
func ReduceUnstructured(u *unstructured.Unstructured) (CustomSign, bool) { return CustomSign{}, false }

// Conclude says what runs on each node.
func Conclude(o Objects) Conclusion {
	c := Conclusion{ByNode: map[string]advisor.Proxy{}}
	for _, n := range o.Nodes {
		c.ByNode[n.Name] = advisor.Proxy{}
	}
	return c
}
