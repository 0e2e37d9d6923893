package evidence

import (
	"encoding/json"
	"strings"
	"time"
	"unique"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"kpadvisor/advisor"
)

// NodeSign is what matters of a Node.
type NodeSign struct {
	Name      string
	windows   bool
	version   string // the kubelet's, without suffix
	platform  advisor.Platform
	mark      string // what told the platform
	arguments unique.Handle[nodeArguments]
	labels    []unique.Handle[string] // "key=value"
	health    health
}

// ReduceNode keeps what matters of a Node.
func ReduceNode(n *corev1.Node) NodeSign {
	s := NodeSign{Name: n.Name, windows: n.Status.NodeInfo.OperatingSystem == "windows"}
	if n.Status.NodeInfo.OperatingSystem == "" {
		s.windows = n.Labels[corev1.LabelOSStable] == "windows"
	}
	if v, ok := parseVersion(n.Status.NodeInfo.KubeletVersion); ok {
		s.version = unique.Make(v).Value()
	}
	s.platform, s.mark = platformOf(n)
	s.health = healthOf(n)
	s.arguments = unique.Make(parseNodeArguments(n.Annotations))
	s.labels = make([]unique.Handle[string], 0, len(n.Labels))
	for k, v := range n.Labels {
		s.labels = append(s.labels, unique.Make(k+"="+v))
	}
	return s
}

// PodSign is what matters of a Pod.
type PodSign struct {
	node    string
	started time.Time // its container, not the pod: a restart reads the configuration again
	ready   bool
	leaving bool
	trouble string // why its container does not run or is not ready; empty if it is
	// lastRun is how long its container ran before it ended and was started again;
	// zero where it never did.
	lastRun time.Duration
	program unique.Handle[program]
}

// ReducePod keeps what matters of a Pod, and reports whether anything does.
func ReducePod(p *corev1.Pod) (PodSign, bool) {
	done := p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed
	if p.Spec.NodeName == "" || done {
		return PodSign{}, false
	}
	owner, name := ownerOf(&p.ObjectMeta)
	program, ok := reduceSpec(p.Namespace, owner, name, &p.Spec)
	if !ok {
		return PodSign{}, false
	}
	s := PodSign{node: p.Spec.NodeName, leaving: p.DeletionTimestamp != nil, program: program}
	s.readState(p, program.Value().container)
	return s, true
}

// DaemonSetSign is what matters of a DaemonSet.
type DaemonSetSign struct {
	key
	desired  int32
	parked   bool              // runs on no node, by its nodeSelector
	labels   map[string]string // of its pods
	selector string            // of its pods
	program  unique.Handle[program]
	place    placement
}

// ReduceDaemonSet keeps what matters of a DaemonSet, and reports whether
// anything does.
func ReduceDaemonSet(d *appsv1.DaemonSet) (DaemonSetSign, bool) {
	program, ok := reduceSpec(d.Namespace, daemonSetName(d.Namespace, d.Name), d.Name, &d.Spec.Template.Spec)
	if !ok {
		return DaemonSetSign{}, false
	}
	return DaemonSetSign{
		key:      key{d.Namespace, d.Name},
		desired:  d.Status.DesiredNumberScheduled,
		parked:   d.Status.DesiredNumberScheduled == 0 && d.Status.ObservedGeneration >= d.Generation,
		labels:   d.Spec.Template.Labels,
		selector: metav1.FormatLabelSelector(d.Spec.Selector),
		program:  program,
		place:    placementOf(&d.Spec.Template.Spec),
	}, true
}

// ConfigMapSign is what matters of a ConfigMap.
type ConfigMapSign struct {
	key
	data    map[string]string
	large   map[string]bool      // keys too large to be read
	changed map[string]time.Time // when a key was last written, at the latest
	created time.Time
	kubeadm bool // carries the label kubeadm gives it
}

// ReduceConfigMap keeps what matters of a ConfigMap, and reports whether
// anything does. It reads managedFields, so do not strip them before.
func ReduceConfigMap(c *corev1.ConfigMap) (ConfigMapSign, bool) {
	s := ConfigMapSign{
		key:     key{c.Namespace, c.Name},
		data:    make(map[string]string, len(c.Data)),
		changed: map[string]time.Time{},
		created: c.CreationTimestamp.UTC(),
		kubeadm: c.Labels["app"] == "kube-proxy" && c.Name == "kube-proxy",
	}
	for k, v := range c.Data {
		switch {
		case strings.Contains(k, "kubeconfig"): // could hold a credential
		case s.key == eniConfig() && k != "10-terway.conf": // eni_conf may hold one
		case len(v) > maxDocument:
			s.data[k] = "" // there, and unreadable
			if s.large == nil {
				s.large = map[string]bool{}
			}
			s.large[k] = true
		default:
			s.data[k] = v
		}
	}
	for i := range c.ManagedFields {
		m := &c.ManagedFields[i]
		if m.Time == nil || m.FieldsV1 == nil {
			continue
		}
		for _, k := range ownedKeys(m.FieldsV1.GetRawBytes()) {
			if t := m.Time.UTC(); t.After(s.changed[k]) {
				s.changed[k] = t
			}
		}
	}
	return s, len(s.data) > 0
}

// ownedKeys returns the keys of data that a manager set.
func ownedKeys(fields []byte) []string {
	var f struct {
		Data map[string]json.RawMessage `json:"f:data"`
	}
	if json.Unmarshal(fields, &f) != nil {
		return nil
	}
	var keys []string
	for k := range f.Data {
		if k, ok := strings.CutPrefix(k, "f:"); ok {
			keys = append(keys, k)
		}
	}
	return keys
}

// EventSign is what matters of an Event.
type EventSign struct {
	node   string
	reason string
	at     time.Time
}

// The Events by which kube-proxy says its mode at its start
// (cmd/kube-proxy/app/server_linux.go).
const (
	ipvsEvent    = "IPVSDeprecation"      // 1.35 and newer: the mode is ipvs
	defaultEvent = "KubeProxyDefaultMode" // 1.37 and newer: the mode is unset
)

// ReduceEvent keeps what matters of an Event, and reports whether anything does.
func ReduceEvent(e *corev1.Event) (EventSign, bool) {
	if e.InvolvedObject.Kind != "Node" {
		return EventSign{}, false
	}
	s := EventSign{node: e.InvolvedObject.Name}
	switch e.Reason {
	case ipvsEvent:
		s.reason = ipvsEvent
	case defaultEvent:
		s.reason = defaultEvent
	default:
		return EventSign{}, false
	}
	times := []time.Time{e.CreationTimestamp.Time, e.FirstTimestamp.Time, e.LastTimestamp.Time, e.EventTime.Time}
	if e.Series != nil {
		times = append(times, e.Series.LastObservedTime.Time)
	}
	for _, t := range times {
		if t.After(s.at) {
			s.at = t.UTC()
		}
	}
	return s, true
}

// CustomSign is what matters of a custom resource.
type CustomSign struct {
	resource string // as in a Want
	key
	spec map[string]any
}

// ReduceUnstructured keeps what matters of a custom resource, and reports
// whether anything does.
func ReduceUnstructured(u *unstructured.Unstructured) (CustomSign, bool) {
	var resource string
	var fields []string
	switch gk := u.GroupVersionKind().GroupKind(); {
	case gk.Kind == "CiliumNodeConfig" && gk.Group == "cilium.io":
		resource, fields = "ciliumnodeconfigs", []string{"nodeSelector", "defaults"}
	case gk.Kind == "FelixConfiguration", gk.Kind == "":
		// Calico's own API server leaves the kind out of the items of a list;
		// the other resources are listed by CRDs, which do not.
		resource, fields = "felixconfigurations", []string{"bpfEnabled", "nftablesMode"}
	case gk.Kind == "Installation" && gk.Group == "operator.tigera.io":
		resource, fields = "installations", []string{"calicoNetwork"}
	case gk.Kind == "Network" && gk.Group == "operator.openshift.io":
		resource, fields = "networks", []string{"defaultNetwork", "deployKubeProxy"}
	default:
		return CustomSign{}, false
	}
	all, _ := u.Object["spec"].(map[string]any)
	spec := make(map[string]any, len(fields))
	for _, f := range fields {
		if v, ok := all[f]; ok {
			spec[f] = v
		}
	}
	return CustomSign{resource, key{u.GetNamespace(), u.GetName()}, spec}, true
}
