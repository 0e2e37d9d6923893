package jobs

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// The labels that every object of a run has (kubernetes.io: recommended labels).
const (
	LabelName      = "app.kubernetes.io/name"
	LabelRun       = "app.kubernetes.io/instance"
	LabelPart      = "app.kubernetes.io/component"
	LabelManagedBy = "app.kubernetes.io/managed-by"

	Program = "kpadvisor"
)

// Annotations of a run's objects.
const (
	noteUntil = Program + "/until" // RFC 3339
	noteBy    = Program + "/by"
	noteFirst = Program + "/first" // of a pod: which number the first pod of its Job has within the part
)

// The environment of a pod's container.
const (
	EnvNode  = "NODE_NAME"
	EnvIndex = "JOB_COMPLETION_INDEX" // set by the Job controller
)

// Container is the name of the only container of a pod.
const Container = "agent"

// timeToLive is how long the cluster keeps what has ended, if nobody removes it:
// long enough to read it after the session's machine was away.
const timeToLive = 10 * time.Minute

// Pods is what all pods of a run have in common, and who makes it, where.
type Pods struct {
	Run         string // its name: of its objects, and of the label that they all have
	Namespace   string
	Make        bool // the namespace is made by the run, and removed with it
	Image       string
	PullPolicy  string // IfNotPresent
	PullSecrets []string
	// PriorityClass of the pods, one that is there. A pod may say that it never preempts
	// only by such a class: without one, admission sets the policy and refuses another.
	PriorityClass string
	By            string // who makes the run, as the API server knows them; empty if not known
	Tolerate      []Toleration
}

// IsName reports whether a namespace, a Service or part of a name may be called
// that (RFC 1123 label).
func IsName(s string) bool {
	return len(s) <= 63 && regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`).MatchString(s)
}

// Validate says in one sentence what is wrong.
func (p Pods) Validate() error {
	switch {
	case !IsName(p.Run) || len(p.Run) > 20:
		return fmt.Errorf("the run's name %q is not at most 20 of a-z, 0-9 and -", p.Run)
	case !IsName(p.Namespace):
		return fmt.Errorf("%q is no name of a namespace", p.Namespace)
	case p.Image == "" || strings.ContainsAny(p.Image, " \t\r\n"):
		return errors.New("no image is named")
	}
	return nil
}

// Name is that of the number i, from 0, of the objects of a part.
func (p Pods) Name(part string, i int) string {
	name := Program + "-" + p.Run + "-" + part
	if i > 0 {
		name += "-" + strconv.Itoa(i+1)
	}
	return name
}

// Selector selects what belongs to the run.
func (p Pods) Selector() string { return LabelManagedBy + "=" + Program + "," + LabelRun + "=" + p.Run }

// Labels are those of an object of a part.
func (p Pods) Labels(part string) map[string]string {
	return map[string]string{LabelName: Program, LabelManagedBy: Program, LabelRun: p.Run, LabelPart: part}
}

// Meta is that of the number i of a part's objects, of a run that has ended by a time.
func (p Pods) Meta(part string, i int, until time.Time) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: p.Name(part, i), Namespace: p.Namespace, Labels: p.Labels(part), Annotations: p.owner(until)}
}

// owner says whose run it is and until when it may be under way, so that nobody
// removes it before that (Leftovers).
func (p Pods) owner(until time.Time) map[string]string {
	out := map[string]string{noteUntil: until.UTC().Format(time.RFC3339)}
	if p.By != "" {
		out[noteBy] = p.By
	}
	return out
}

// OwnNamespace is the namespace that a run makes for itself, which admits pods of a level
// of the Pod Security Standards.
func (p Pods) OwnNamespace(level string, until time.Time) Object {
	n := &corev1.Namespace{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}}
	n.Name, n.Labels = p.Namespace, p.Labels("namespace")
	delete(n.Labels, LabelPart)
	n.Annotations = p.owner(until)
	n.Labels[LabelEnforce] = level
	return Object{"Namespace", n.Name, n}
}

// Work is what the pods of one Job do, and where.
type Work struct {
	Part     string
	Number   int      // of the Job within the part, from 0
	First    int      // which of the part's nodes is the first of this Job
	Nodes    []string // of this Job
	Args     []string
	Deadline time.Duration // after its creation
	Until    time.Time     // by then the run has ended
}

// Job runs one pod on each of some nodes, once. A pod carries the names of all nodes of its
// Job, so that with one Job for very many what is written grows with their square.
func (p Pods) Job(w Work) *batchv1.Job {
	n, indexed := int32(len(w.Nodes)), batchv1.IndexedCompletion
	seconds, ttl, none := int64(w.Deadline.Seconds()), int32(timeToLive.Seconds()), int32(0)
	j := &batchv1.Job{TypeMeta: metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"}, ObjectMeta: p.Meta(w.Part, w.Number, w.Until)}
	j.Spec = batchv1.JobSpec{
		Completions: &n, Parallelism: &n, CompletionMode: &indexed,
		ActiveDeadlineSeconds: &seconds, TTLSecondsAfterFinished: &ttl,
		// A pod that failed is not made again: half a run is no run.
		BackoffLimit: &none,
		Template:     corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: p.Labels(w.Part)}, Spec: p.pod(w.Part, w.Nodes, w.Args)},
	}
	if n > 1 { // ... but one of many does not end the others
		j.Spec.BackoffLimit, j.Spec.BackoffLimitPerIndex = nil, &none
	}
	// A service mesh would stand in the way of what is measured, and keep the pod alive.
	j.Spec.Template.Labels["sidecar.istio.io/inject"] = "false"
	j.Spec.Template.Labels["istio.io/dataplane-mode"] = "none" // ambient
	j.Spec.Template.Annotations = map[string]string{"linkerd.io/inject": "disabled", noteFirst: strconv.Itoa(w.First)}
	return j
}

// pod is what every pod of a run is: restricted by the Pod Security Standards,
// without a token, bounded, one to a node.
func (p Pods) pod(part string, nodes, args []string) corev1.PodSpec {
	yes, no := true, false
	user, grace := int64(65532), int64(5)
	out := corev1.PodSpec{
		RestartPolicy: corev1.RestartPolicyNever, TerminationGracePeriodSeconds: &grace, PriorityClassName: p.PriorityClass,
		AutomountServiceAccountToken: &no, EnableServiceLinks: &no,
		SecurityContext: &corev1.PodSecurityContext{
			RunAsNonRoot: &yes, RunAsUser: &user, RunAsGroup: &user,
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		Affinity: placement(nodes, map[string]string{LabelRun: p.Run, LabelPart: part}),
		Containers: []corev1.Container{{
			Name: Container, Image: p.Image, ImagePullPolicy: corev1.PullPolicy(p.PullPolicy), Args: args,
			Env: []corev1.EnvVar{
				{Name: EnvNode, ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "spec.nodeName"}}},
			},
			SecurityContext: &corev1.SecurityContext{
				AllowPrivilegeEscalation: &no, ReadOnlyRootFilesystem: &yes, Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			},
			Resources: corev1.ResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("100m"), corev1.ResourceMemory: resource.MustParse("64Mi")},
				// A limit that stopped the clock would be measured: the agent says if it did.
				Limits: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1"), corev1.ResourceMemory: resource.MustParse("256Mi")},
			},
		}},
	}
	for _, name := range p.PullSecrets {
		out.ImagePullSecrets = append(out.ImagePullSecrets, corev1.LocalObjectReference{Name: name})
	}
	for _, t := range p.Tolerate {
		out.Tolerations = append(out.Tolerations, t.object())
	}
	return out
}

// placement lets the pods onto these nodes alone, and no two onto one.
func placement(nodes []string, labels map[string]string) *corev1.Affinity {
	var terms []corev1.NodeSelectorTerm
	for _, node := range nodes { // by name, not by a label that may say something else
		terms = append(terms, corev1.NodeSelectorTerm{MatchFields: []corev1.NodeSelectorRequirement{{
			Key: "metadata.name", Operator: corev1.NodeSelectorOpIn, Values: []string{node},
		}}})
	}
	a := &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
		RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: terms},
	}}
	if len(nodes) > 1 {
		a.PodAntiAffinity = &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{
			TopologyKey: corev1.LabelHostname, LabelSelector: &metav1.LabelSelector{MatchLabels: labels},
		}}}
	}
	return a
}

// Place is which of a part's nodes a pod of the run was made for.
func Place(p *Pod) (part string, index int, ok bool) {
	index, err := strconv.Atoi(p.Metadata.Annotations[batchv1.JobCompletionIndexAnnotation])
	first, wrong := strconv.Atoi(p.Metadata.Annotations[noteFirst])
	return p.Metadata.Labels[LabelPart], first + index, err == nil && wrong == nil && index >= 0 && first >= 0
}

// Object is one manifest: a Namespace, a Job or a Service.
type Object struct {
	Kind   string
	Name   string
	Object metav1.Object // *corev1.Namespace, *batchv1.Job or *corev1.Service
}

// Listed are objects in the order in which they are created, those of a kind that
// follow each other in one line: "Job x", "16 Services, x to x-16".
func Listed(all []Object) []string {
	var out []string
	for i, end := 0, 0; i < len(all); i = end {
		for end = i; end < len(all) && all[end].Kind == all[i].Kind; {
			end++
		}
		text := all[i].Kind + " " + all[i].Name
		if n := end - i; n > 1 {
			text = fmt.Sprintf("%d %ss, %s to %s", n, all[i].Kind, all[i].Name, all[end-1].Name)
		}
		out = append(out, text)
	}
	return out
}

// Manifests are objects as YAML, ready for kubectl where nothing in them depends on the
// cluster.
func Manifests(all []Object) (string, error) {
	var b bytes.Buffer
	for i, o := range all {
		if i > 0 {
			b.WriteString("---\n")
		}
		text, err := yaml.Marshal(o.Object)
		if err != nil {
			return "", fmt.Errorf("could not write a manifest: %w", err)
		}
		for line := range strings.Lines(string(text)) {
			// What the API machinery writes for fields that are not set says nothing.
			if t := strings.TrimSpace(line); t == "status: {}" || t == "creationTimestamp: null" || t == "loadBalancer: {}" || line == "status:\n" {
				continue
			}
			b.WriteString(line)
		}
	}
	return b.String(), nil
}
