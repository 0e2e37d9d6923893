package inspect

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"kpadvisor/inspect/agent"
	"kpadvisor/jobs"
)

// The defaults and bounds of an inspection.
const (
	DefaultFor   = time.Minute
	DefaultStart = 2 * time.Minute // until a pod runs
	MostNodes    = 1000
	// MostUnasked is how many nodes may be read without a second word: a pod starts on
	// each, and the API server, the scheduler and the registry feel it.
	MostUnasked = 20
)

// atOnce is how many nodes are read at a time; the others wait until these are done.
const atOnce = 50

// slack is how much longer than it should a pod may take.
const slack = time.Minute

const part = "inspect"

// Spec is an inspection, as it was decided on. The zero value of a field that has a
// default is that default.
type Spec struct {
	jobs.Pods
	Nodes       []string      // a pod on each
	Connections bool          // count the connections of all processes of the node
	Deep        bool          // follow conntrack and count rules, as root with NET_ADMIN
	For         time.Duration // how long connections are counted
	Start       time.Duration // how long a pod may take to start
	Made        time.Time     // when the objects are made; NewSpec's time until then
}

// NewSpec gives an inspection its name, and fills in defaults.
func NewSpec(s Spec, now time.Time) Spec {
	if s.Run == "" {
		s.Run = strings.ToLower(rand.Text()[:6])
	}
	if s.For == 0 {
		s.For = DefaultFor
	}
	if s.Start == 0 {
		s.Start = DefaultStart
	}
	if s.PullPolicy == "" {
		s.PullPolicy = "IfNotPresent"
	}
	s.Made = now
	return s
}

// Validate says in one sentence what is wrong with the inspection.
func (s Spec) Validate() error {
	if err := s.Pods.Validate(); err != nil {
		return err
	}
	sorted := slices.Sorted(slices.Values(s.Nodes))
	switch {
	case len(s.Nodes) == 0 || len(s.Nodes) > MostNodes:
		return fmt.Errorf("%d nodes are not from 1 to %d", len(s.Nodes), MostNodes)
	case len(slices.Compact(sorted)) != len(s.Nodes):
		return errors.New("a node is named twice")
	case s.Start < time.Second || s.Start > time.Hour:
		return errors.New("the time to start is not from 1s to 1h")
	}
	return s.options().Validate()
}

func (s Spec) options() agent.Options {
	return agent.Options{Connections: s.Connections, Deep: s.Deep, For: s.For}
}

// Measures reports whether the pods count connections, which takes the time For.
func (s Spec) Measures() bool { return s.Connections || s.Deep }

// Lasts is about how long a pod takes once it runs.
func (s Spec) Lasts() time.Duration {
	const reads = 10 * time.Second
	if s.Measures() {
		return s.For + reads
	}
	return reads
}

// waves is how often nodes wait for others.
func (s Spec) waves() int { return (len(s.Nodes) + atOnce - 1) / atOnce }

// Deadline is how long after its creation the cluster itself ends a pod.
func (s Spec) Deadline() time.Duration { return s.Start + s.Lasts() + slack }

// Until is when the cluster itself has ended all pods, if nobody else has.
func (s Spec) Until() time.Time {
	return s.Made.Add(time.Duration(s.waves()) * (s.Deadline() + jobs.RemoveWithin))
}

// Heavy is why an inspection wants a second word, as clauses; none for most.
func (s Spec) Heavy() []string {
	var out []string
	if s.Deep {
		out = append(out, "its pods run as root with NET_ADMIN on the network of their nodes (--deep)")
	}
	if n := len(s.Nodes); n > MostUnasked {
		out = append(out, fmt.Sprintf("its pods start on %d nodes", n))
	}
	return out
}

// Sees says what the pods can see and do on their nodes, a sentence each.
func (s Spec) Sees() []string {
	out := []string{
		"The pods are on the network of their nodes: they read kube-proxy's pages at 127.0.0.1:10249 and 10256, sysctls, and /proc/net.",
		"They change nothing.",
	}
	if s.Deep {
		out = append(
			out,
			"They run as root with the one capability NET_ADMIN, without a token, and see no file of the node.",
			"With it they could change the network of the node; they list rules and follow the events of conntrack, in which are addresses of clients.",
		)
	} else {
		out = append(out, "They run as uid 65532 with no capability, without a token, and see no file of the node.")
	}
	if s.Connections {
		out = append(
			out,
			"They see the processes of the node (hostPID), their command lines too; they read how many connections each network namespace has begun and holds.",
		)
	}
	return append(
		out,
		"A report holds addresses of Services and of their pods, and comes by the pod's log, which whoever may read logs in the namespace can read too.",
	)
}

// Objects are the exact manifests in the order in which they are created.
func (s Spec) Objects() []jobs.Object {
	var out []jobs.Object
	if s.Make {
		out = append(out, s.namespace())
	}
	for i := range s.Nodes {
		out = append(out, s.object(i))
	}
	return out
}

// namespace is that of the inspection's own.
func (s Spec) namespace() jobs.Object { return s.OwnNamespace(jobs.Privileged, s.Until()) }

func (s Spec) object(i int) jobs.Object {
	j := s.job(i)
	return jobs.Object{Kind: "Job", Name: j.Name, Object: j}
}

// job reads one node.
func (s Spec) job(i int) *batchv1.Job {
	args := []string{"agent-node"}
	if s.Connections {
		args = append(args, "--connections")
	}
	if s.Deep {
		args = append(args, "--deep")
	}
	if s.Measures() {
		args = append(args, "--for="+s.For.String())
	}
	j := s.Job(jobs.Work{
		Part: part, Number: i, First: i, Nodes: s.Nodes[i : i+1], Args: args,
		Deadline: s.Deadline(), Until: s.Until(),
	})
	p := &j.Spec.Template.Spec
	p.HostNetwork, p.HostPID = true, s.Connections
	if s.Deep {
		no, root := false, int64(0)
		p.SecurityContext.RunAsNonRoot, p.SecurityContext.RunAsUser, p.SecurityContext.RunAsGroup = &no, &root, &root
		p.Containers[0].SecurityContext.Capabilities.Add = []corev1.Capability{"NET_ADMIN"}
	}
	return j
}
