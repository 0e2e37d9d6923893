package incluster

import (
	"strconv"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"kpadvisor/jobs"
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

// Objects are the exact manifests of the run in the order in which they are
// created. What the cluster decides is not in them: the addresses of the echo
// Services, which stand as CLUSTER-IP-1, -2, ..., and the uid of the first Job, to
// which all that follows belongs.
func (s Spec) Objects() []jobs.Object { return s.objects(s.unknownAddresses()) }

func (s Spec) objects(echo []string) []jobs.Object {
	var out []jobs.Object
	if s.Make {
		out = append(out, s.OwnNamespace(jobs.Restricted, s.Until()))
	}
	if s.Service == nil {
		for first := 0; first < 2*s.each(); first += chunk {
			j := s.echoJob(first)
			out = append(out, jobs.Object{Kind: "Job", Name: j.Name, Object: j})
		}
		for i := range s.Services {
			o := s.echoService(i)
			out = append(out, jobs.Object{Kind: "Service", Name: o.Name, Object: o})
		}
	}
	for group := range s.Pair.Groups() {
		for first := 0; first < s.each(); first += chunk {
			j := s.probeJob(group, first, echo)
			out = append(out, jobs.Object{Kind: "Job", Name: j.Name, Object: j})
		}
	}
	return out
}

// Listed are the objects in words, see [jobs.Listed].
func (s Spec) Listed() []string { return jobs.Listed(s.Objects()) }

// Manifests are the objects as YAML, see [jobs.Manifests].
func (s Spec) Manifests() (string, error) { return jobs.Manifests(s.Objects()) }

// echoService is number i of the Services of the echo servers.
func (s Spec) echoService(i int) *corev1.Service {
	local := corev1.ServiceInternalTrafficPolicyLocal
	return &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: s.Meta(partEcho, i, s.Until()),
		Spec: corev1.ServiceSpec{
			Selector: map[string]string{jobs.LabelRun: s.Run, jobs.LabelPart: partEcho},
			Ports:    []corev1.ServicePort{{Name: "http", Port: 80, TargetPort: intstr.FromInt32(echoPort), Protocol: corev1.ProtocolTCP}},
			// Each node's clients get the server on their own node: the rules are passed,
			// the network between nodes is not.
			InternalTrafficPolicy: &local,
		},
	}
}

// chunk is how many nodes one Job is for: with few to a Job what is written grows with
// their number.
const chunk = 10

// work is what the pods of a chunk of a part's nodes do.
func (s Spec) work(part string, first int, nodes []string) jobs.Work {
	return jobs.Work{
		Part: part, Number: first / chunk, First: first, Nodes: nodes[first:min(first+chunk, len(nodes))],
		Deadline: s.Deadline(), Until: s.Until(),
	}
}

// echoJob runs a server on some of the nodes of both sides, from a first one on.
func (s Spec) echoJob(first int) *batchv1.Job {
	var nodes []string
	for _, g := range s.Pair.Groups() {
		nodes = append(nodes, g.Names()...)
	}
	w := s.work(partEcho, first, nodes)
	w.Deadline += 30 * time.Second
	w.Args = []string{"agent", "echo", "--listen=:" + strconv.Itoa(echoPort)}
	j := s.Job(w)
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
	w := s.work(probePart(g), first, g.Names())
	w.Args = []string{"agent", "--orders", s.orders(group, first, echo).String()}
	return s.Job(w)
}

// probePart is the part of a run that a side is.
func probePart(g Group) string { return partProbe + strings.ToLower(g.Name) }

// podPlace is which group and index a pod of the run has; false for a pod of the echo server.
func (s Spec) podPlace(p *jobs.Pod) (group, index int, ok bool) {
	part, index, ok := jobs.Place(p)
	for g, of := range s.Pair.Groups() {
		if probePart(of) == part {
			return g, index, ok && index < s.each()
		}
	}
	return 0, 0, false
}
