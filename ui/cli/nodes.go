package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/client-go/rest"

	"kpadvisor/jobs"
	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/probe/incluster"
	"kpadvisor/ui/tui/measure/tools"
)

// Nodes implements [tools.ClusterBench].
func (b clusterBench) Nodes(ctx context.Context, r tools.NodesRequest) (tools.NodesPlan, error) {
	plan, err := b.nodesPlan(ctx, r)
	if err != nil {
		return plan, inWords(clusterFailure(ctx, err))
	}
	return plan, nil
}

// inWords is a failure in one line: what is wrong and what to do.
func inWords(err error) error {
	var f failure
	if errors.As(err, &f) && f.Remedy != "" {
		return errors.New(f.Sentence + " " + f.Remedy)
	}
	return err
}

func (l live) nodesPlan(ctx context.Context, r tools.NodesRequest) (tools.NodesPlan, error) {
	reading := l.reading()
	if !reading.Done {
		return tools.NodesPlan{}, failure{plain.Problem{Sentence: "The cluster is still being read, and which node runs which mode is not known yet.", Remedy: "Wait for it, then ask again."}, Failure}
	}
	w := podsWanted{
		plan: incluster.DefaultPlan(), want: incluster.Want{NodeA: r.NodeA, NodeB: r.NodeB, Each: r.Nodes},
		pods: jobs.Pods{Namespace: l.namespace, Image: r.Image}, temporary: r.Namespace == "temporary",
	}
	if r.Namespace != "" && !w.temporary {
		w.pods.Namespace = r.Namespace
	}
	w.plan.Rate, w.plan.Blocks, w.plan.Seed = r.Rate, r.Blocks, probe.NewSeed()
	w.plan.Duration = time.Duration(r.Blocks) * max(incluster.DefaultBlock, time.Duration(float64(max(1, r.Nodes))/r.Rate*float64(time.Second)))
	if r.Service != "" {
		ref, err := incluster.ParseServiceRef(r.Service)
		if err != nil {
			return tools.NodesPlan{}, err
		}
		w.service = &ref
	}
	client, err := incluster.Connect(l.config)
	if err != nil {
		return tools.NodesPlan{}, err
	}
	spec, err := w.spec(ctx, client, reading.Facts)
	if err != nil {
		return tools.NodesPlan{}, err
	}
	if err := spec.Validate(); err != nil {
		return tools.NodesPlan{}, err
	}
	if heavy := spec.Heavy(); len(heavy) > 0 {
		return tools.NodesPlan{}, failure{plain.Problem{
			Sentence: "This run wants a second word, for " + strings.Join(heavy, ", and ") + ".", Remedy: "On the command line --yes-really says so.",
		}, Usage}
	}
	answers, err := client.Review(ctx, spec.Rights())
	if err != nil {
		return tools.NodesPlan{}, err
	}
	out, err := shown(spec, answers)
	out.Labels = inClusterLabels(spec, reading.Facts)
	out.Begin = func() (tools.Prober, error) {
		session, err := incluster.NewSession(client, spec)
		if err != nil {
			return nil, err
		}
		return &podRun{session}, nil
	}
	return out, err
}

// shown is a run as a screen shows it before it begins.
func shown(spec incluster.Spec, answers []jobs.Answer) (tools.NodesPlan, error) {
	manifests, err := spec.Manifests()
	out := tools.NodesPlan{
		Why: spec.Pair.Why, Differ: spec.Pair.Differ, Load: sentenceStart(spec.Cap()), Lasts: spec.Lasts(), Deadline: spec.Deadline(),
		Manifests: manifests, Plan: spec.Plan, Costs: spec.Costs(),
	}
	for _, g := range spec.Pair.Groups() {
		out.Sides = append(out.Sides, fmt.Sprintf("%s: %s (%s)", g.Name, strings.Join(g.Names(), ", "), orUnknown(g.Mode)))
		t := probe.Target{Name: g.Name, Kind: probe.TCP}
		if spec.Service != nil {
			t.Address, t.Kind, t.Path = spec.Service.Address, spec.Service.Kind, spec.Service.Path
		} else {
			t.Address, t.Kind = "echo server", probe.HTTP
		}
		out.Targets = append(out.Targets, t)
	}
	for _, o := range spec.Listed() {
		out.Objects = append(out.Objects, o+" in namespace "+spec.Namespace)
	}
	out.Count = len(spec.Objects())
	out.Rights, out.Denied = rightsNeeded(answers), missingRights(answers, "kpadvisor rbac --probe", spec.Namespace)
	return out, err
}

// rightsNeeded are rights and whether they are there, for a screen.
func rightsNeeded(answers []jobs.Answer) []tools.RightNeeded {
	var out []tools.RightNeeded
	for _, a := range answers {
		out = append(out, tools.RightNeeded{Text: a.String(), Why: a.Why, Allowed: a.Allowed})
	}
	return out
}

// missingRights are those that are needed and not there, and the command that prints their
// Role; empty if all are there.
func missingRights(answers []jobs.Answer, role, namespace string) string {
	var denied []string
	for _, d := range jobs.Denied(answers) {
		denied = append(denied, d.String())
	}
	if len(denied) == 0 {
		return ""
	}
	return strings.Join(denied, ", ") + fmt.Sprintf(". \"%s -n %s\" prints the Role to ask for.", role, namespace)
}

func sentenceStart(s string) string { return strings.TrimSuffix(sentence(s), ".") }

// podRun is a session whose troubles stand in its result: a screen has no other
// place for them.
type podRun struct{ *incluster.Session }

// Run implements [tools.Prober].
func (r *podRun) Run(ctx context.Context) (probe.Result, error) {
	result, err := r.Session.Run(ctx)
	var notes []string
	if t := r.Trouble(); t != nil {
		notes = append(notes, sentence(plain.Text(t.Sentence))+" "+plain.Text(t.Remedy))
	}
	for _, left := range r.Left() {
		notes = append(notes, sentence(plain.Text(left.Sentence))+" "+plain.Text(left.Remedy))
	}
	if err != nil {
		return result, inWords(clusterFailure(ctx, err))
	}
	result.Notes = slices.Concat(notes, result.Notes)
	return result, nil
}

// podsConfig is what the screens need to reach pods.
type podsConfig struct {
	config    *rest.Config
	namespace string
}
