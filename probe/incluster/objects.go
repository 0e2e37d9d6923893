package incluster

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"
)

// The labels that every object of a run has (kubernetes.io: recommended labels).
const (
	labelName      = "app.kubernetes.io/name"
	labelRun       = "app.kubernetes.io/instance"
	labelPart      = "app.kubernetes.io/component"
	labelManagedBy = "app.kubernetes.io/managed-by"

	program = "kpadvisor"
)

// The parts of a run. Those of the probes are followed by the group.
const (
	partEcho  = "echo"
	partProbe = "probe-"
)

const echoPort = 8080

// unknownAddresses stand for those of the echo Services in manifests that are only
// looked at: the cluster assigns them.
func (s Spec) unknownAddresses() []string { return s.anyServices("CLUSTER-IP-%d:80") }

// Object is one manifest: a Namespace, a Job or a Service.
type Object struct {
	Kind   string
	Name   string
	Object metav1.Object // *corev1.Namespace, *batchv1.Job or *corev1.Service
}

// Objects are the exact manifests of the run in the order in which they are
// created. What the cluster decides is not in them: the addresses of the echo
// Services, which stand as CLUSTER-IP-1, -2, ..., and the uid of the first Job, to
// which all that follows belongs.
func (s Spec) Objects() []Object { return s.objects(s.unknownAddresses()) }

func (s Spec) objects(echo []string) []Object {
	var out []Object
	if s.Make {
		out = append(out, Object{"Namespace", s.Namespace, s.namespace()})
	}
	if s.Service == nil {
		for first := 0; first < 2*s.each(); first += chunk {
			j := s.echoJob(first)
			out = append(out, Object{"Job", j.Name, j})
		}
		for i := range s.Services {
			o := s.echoService(i)
			out = append(out, Object{"Service", o.Name, o})
		}
	}
	for group := range s.Pair.Groups() {
		for first := 0; first < s.each(); first += chunk {
			j := s.probeJob(group, first, echo)
			out = append(out, Object{"Job", j.Name, j})
		}
	}
	return out
}

// Listed are the objects in the order in which they are created, those of a kind that
// follow each other in one line: "Job x", "16 Services, x to x-16".
func (s Spec) Listed() []string {
	var out []string
	all := s.Objects()
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

// Manifests are the objects as YAML, ready for kubectl where nothing in them
// depends on the cluster.
func (s Spec) Manifests() (string, error) {
	var b bytes.Buffer
	for i, o := range s.Objects() {
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

// name is that of the number i, from 0, of the objects of a part.
func (s Spec) name(part string, i int) string {
	name := program + "-" + s.Run + "-" + part
	if i > 0 {
		name += "-" + strconv.Itoa(i+1)
	}
	return name
}

func (s Spec) labels(part string) map[string]string {
	return map[string]string{labelName: program, labelManagedBy: program, labelRun: s.Run, labelPart: part}
}

func (s Spec) meta(part string, i int) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: s.name(part, i), Namespace: s.Namespace, Labels: s.labels(part), Annotations: s.owner()}
}

// owner says whose run it is and until when it may be under way, so that nobody
// removes it before that (Leftovers).
func (s Spec) owner() map[string]string {
	out := map[string]string{noteUntil: s.Until().UTC().Format(time.RFC3339)}
	if s.By != "" {
		out[noteBy] = s.By
	}
	return out
}

// Annotations of a run's objects.
const (
	noteUntil = program + "/until" // RFC 3339
	noteBy    = program + "/by"
	noteFirst = program + "/first" // of a pod: which number the first pod of its Job has within the part
)

func (s Spec) namespace() *corev1.Namespace {
	n := &corev1.Namespace{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}}
	n.Name, n.Labels = s.Namespace, s.labels("namespace")
	delete(n.Labels, labelPart)
	n.Annotations = s.owner()
	n.Labels["pod-security.kubernetes.io/enforce"] = "restricted"
	return n
}

// echoService is number i of the Services of the echo servers.
func (s Spec) echoService(i int) *corev1.Service {
	local := corev1.ServiceInternalTrafficPolicyLocal
	return &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: s.meta(partEcho, i),
		Spec: corev1.ServiceSpec{
			Selector: map[string]string{labelRun: s.Run, labelPart: partEcho},
			Ports:    []corev1.ServicePort{{Name: "http", Port: 80, TargetPort: intstr.FromInt32(echoPort), Protocol: corev1.ProtocolTCP}},
			// Each node's clients get the server on their own node: the rules are passed,
			// the network between nodes is not.
			InternalTrafficPolicy: &local,
		},
	}
}

// chunk is how many nodes one Job is for. A pod carries the names of all nodes of its
// Job, so that with one Job for all of them what is written would grow with their
// square; with few to a Job it grows with their number.
const chunk = 10

// echoJob runs a server on some of the nodes of both sides, from a first one on.
func (s Spec) echoJob(first int) *batchv1.Job {
	var nodes []string
	for _, g := range s.Pair.Groups() {
		nodes = append(nodes, g.Names()...)
	}
	j := s.job(partEcho, first, nodes, s.Deadline()+30*time.Second, []string{"agent", "echo", "--listen=:" + strconv.Itoa(echoPort)})
	c := &j.Spec.Template.Spec.Containers[0]
	c.Ports = []corev1.ContainerPort{{Name: "http", ContainerPort: echoPort, Protocol: corev1.ProtocolTCP}}
	c.ReadinessProbe = &corev1.Probe{
		ProbeHandler:  corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(echoPort)}},
		PeriodSeconds: 1,
	}
	return j
}

// probeJob measures on some nodes of one side, from a first one on.
func (s Spec) probeJob(group, first int, echo []string) *batchv1.Job {
	g := s.Pair.Groups()[group]
	return s.job(probePart(g), first, g.Names(), s.Deadline(), []string{"agent", "--orders", s.orders(group, first, echo).String()})
}

// probePart is the part of a run that a side is.
func probePart(g Group) string { return partProbe + strings.ToLower(g.Name) }

// job runs one pod on each of a chunk of the nodes, once.
func (s Spec) job(part string, first int, nodes []string, deadline time.Duration, args []string) *batchv1.Job {
	nodes = nodes[first:min(first+chunk, len(nodes))]
	n, indexed := int32(len(nodes)), batchv1.IndexedCompletion
	seconds, ttl, none := int64(deadline.Seconds()), int32(timeToLive.Seconds()), int32(0)
	j := &batchv1.Job{TypeMeta: metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"}, ObjectMeta: s.meta(part, first/chunk)}
	j.Spec = batchv1.JobSpec{
		Completions: &n, Parallelism: &n, CompletionMode: &indexed,
		ActiveDeadlineSeconds: &seconds, TTLSecondsAfterFinished: &ttl,
		// A pod that failed is not made again: half a run is no run.
		BackoffLimit: &none,
		Template:     corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: s.labels(part)}, Spec: s.pod(part, nodes, args)},
	}
	if n > 1 { // ... but one of many does not end the others
		j.Spec.BackoffLimit, j.Spec.BackoffLimitPerIndex = nil, &none
	}
	// A service mesh would stand in the way of what is measured, and keep the pod alive.
	j.Spec.Template.Labels["sidecar.istio.io/inject"] = "false"
	j.Spec.Template.Labels["istio.io/dataplane-mode"] = "none" // ambient
	j.Spec.Template.Annotations = map[string]string{"linkerd.io/inject": "disabled", noteFirst: strconv.Itoa(first)}
	return j
}

// pod is what every pod of a run is: restricted by the Pod Security Standards,
// without a token, bounded, one to a node.
func (s Spec) pod(part string, nodes, args []string) corev1.PodSpec {
	yes, no := true, false
	user, grace := int64(65532), int64(5)
	p := corev1.PodSpec{
		RestartPolicy: corev1.RestartPolicyNever, TerminationGracePeriodSeconds: &grace, PriorityClassName: s.PriorityClass,
		AutomountServiceAccountToken: &no, EnableServiceLinks: &no,
		SecurityContext: &corev1.PodSecurityContext{
			RunAsNonRoot: &yes, RunAsUser: &user, RunAsGroup: &user,
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		Affinity: placement(nodes, map[string]string{labelRun: s.Run, labelPart: part}),
		Containers: []corev1.Container{{
			Name: "agent", Image: s.Image, ImagePullPolicy: corev1.PullPolicy(s.PullPolicy), Args: args,
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
	for _, name := range s.PullSecrets {
		p.ImagePullSecrets = append(p.ImagePullSecrets, corev1.LocalObjectReference{Name: name})
	}
	for _, t := range s.Tolerate {
		p.Tolerations = append(p.Tolerations, t.object())
	}
	return p
}

// The environment of an agent's container.
const (
	EnvNode  = "NODE_NAME"
	EnvIndex = "JOB_COMPLETION_INDEX" // set by the Job controller
)

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
