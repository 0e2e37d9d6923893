package cli

import (
	"context"
	"fmt"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/advisor/autopsy"
	"kpadvisor/inspect"
	"kpadvisor/jobs"
	"kpadvisor/plain"
	"kpadvisor/ui/tui/ask"
)

// asker asks nodes for the screens.
type asker struct {
	app     *app
	live    *live // the cluster; nil where none was read: then a script is the only way
	leaving func(what string)
}

// Ways implements [ask.Asker].
func (a asker) Ways() []ask.Way {
	if a.live == nil {
		return []ask.Way{ask.Script}
	}
	return []ask.Way{ask.Script, ask.Forward, ask.Pods, ask.Prometheus}
}

// Commands implements [ask.Asker].
func (a asker) Commands(node string) []string {
	script, file := a.app.program+" node-script", shellWord(plain.Text(node)+".txt")
	return []string{
		fmt.Sprintf("%s | ssh %s sh > %s", script, shellWord("root@"+plain.Text(node)), file),
		fmt.Sprintf("%s | kubectl debug %s -qi --image=busybox -- sh > %s", script, shellWord("node/"+plain.Text(node)), file),
	}
}

// File implements [ask.Asker]. Standard input is the keyboard.
func (a asker) File(ctx context.Context, path, node string) (ask.Answer, error) {
	if path == "-" {
		path = "./-"
	}
	reports, err := a.app.nodeReport(ctx, node, path)
	again := shellWord(path)
	if node != "" {
		again = shellWord(node + "=" + path)
	}
	return ask.Answer{Reports: reports, Again: "--node-report " + again}, inWords(err)
}

// Leaving implements [ask.Asker].
func (a asker) Leaving(what string) { a.leaving(what) }

// Plan implements [ask.Asker].
func (a asker) Plan(ctx context.Context, r ask.Request) (ask.Plan, error) {
	plan, err := a.plan(ctx, r)
	if err != nil {
		return plan, inWords(clusterFailure(ctx, err))
	}
	return plan, nil
}

func (a asker) plan(ctx context.Context, r ask.Request) (ask.Plan, error) {
	reading := a.live.reading()
	switch {
	case !reading.Done:
		return ask.Plan{}, failure{plain.Problem{Sentence: "The cluster is still being read, and which nodes there are is not known yet.", Remedy: "Wait for it, then ask again."}, Failure}
	case r.Scope != ask.EachGroup && len(r.Group.Members) == 0:
		return ask.Plan{}, failure{plain.Problem{Sentence: "The names of the nodes of this group are not known.", Remedy: "Read the cluster again with the right to list nodes."}, Failure}
	}
	switch r.Way {
	case ask.Forward:
		return a.byForward(ctx, r, reading.Facts)
	case ask.Prometheus:
		return a.byPrometheus(ctx, r, reading.Facts)
	default:
		return a.byPods(ctx, r, reading.Facts)
	}
}

// byPods reads nodes by pods.
func (a asker) byPods(ctx context.Context, r ask.Request, facts advisor.Facts) (ask.Plan, error) {
	client, err := jobs.Connect(a.live.config)
	if err != nil {
		return ask.Plan{}, err
	}
	spec, missing, err := a.spec(ctx, client, r, facts)
	if err != nil {
		return ask.Plan{}, err
	}
	answers, err := client.Review(ctx, spec.Rights())
	if err != nil {
		return ask.Plan{}, err
	}
	denied := missingRights(answers, inspect.RoleCommand, spec.Namespace)
	if denied == "" {
		if err := spec.Admission(ctx, client, answers); err != nil {
			return ask.Plan{}, err
		}
	}
	session, err := inspect.NewSession(client, spec)
	if err != nil {
		return ask.Plan{}, err
	}
	session.Parse = autopsy.Parse
	manifests, err := jobs.Manifests(spec.Objects())
	out := ask.Plan{
		Does: spec.Sees(), Count: len(spec.Objects()), Rights: rightsNeeded(answers), Denied: denied, Manifests: manifests,
		Heavy: spec.Heavy(), Lasts: spec.Lasts(), Deadline: spec.Deadline(), Asking: inspecting{session, missing},
	}
	for _, o := range spec.Objects() {
		out.Objects = append(out.Objects, fmt.Sprintf("%s %s in namespace %s", o.Kind, o.Name, spec.Namespace))
	}
	return out, err
}

// spec is the inspection that a request asks for; nothing is created.
func (a asker) spec(ctx context.Context, client *jobs.Client, r ask.Request, facts advisor.Facts) (inspect.Spec, []inspect.Missing, error) {
	nodes, err := client.Nodes(ctx)
	if err != nil {
		return inspect.Spec{}, nil, err
	}
	var want inspect.Want
	groups := [][]string{r.Group.Members}
	switch r.Scope {
	case ask.AllNodes:
		want.Names = r.Group.Members
	case ask.EachGroup:
		groups = nil
		for _, g := range facts.Groups {
			groups = append(groups, g.Members)
		}
	case ask.OneNode:
		nodes = among(nodes, r.Group.Members)
	}
	chosen, missing, err := inspect.Choose(nodes, groups, want)
	if err != nil {
		return inspect.Spec{}, nil, err
	}
	pods := jobs.Pods{Image: r.Image, Namespace: a.live.namespace, By: client.User(ctx)}
	temporary := r.Namespace == "temporary"
	if r.Namespace != "" && !temporary {
		pods.Namespace = r.Namespace
	}
	spec := inspect.NewSpec(inspect.Spec{
		Pods: pods, Nodes: chosen, Connections: r.Depth >= ask.Connections, Deep: r.Depth == ask.Deep, For: r.For,
	}, time.Now())
	spec.Pods = ownNamespace(spec.Pods, temporary)
	return spec, missing, spec.Validate()
}

// among are the nodes that go by one of the names.
func among(nodes []jobs.Node, names []string) []jobs.Node {
	wanted := map[string]bool{}
	for _, n := range names {
		wanted[n] = true
	}
	var out []jobs.Node
	for _, n := range nodes {
		if wanted[n.Name] {
			out = append(out, n)
		}
	}
	return out
}

// inspecting is an inspection as a screen runs it.
type inspecting struct {
	session *inspect.Session
	missing []inspect.Missing // of which there is no report, as is known beforehand
}

// Progress implements [ask.Asking].
func (i inspecting) Progress() ask.Progress {
	p := i.session.Progress()
	doing := string(p.State)
	if p.Why != "" {
		doing += "; " + p.Why
	}
	return ask.Progress{Done: p.Done, Of: p.Nodes, Doing: doing}
}

// Ask implements [ask.Asking].
func (i inspecting) Ask(ctx context.Context) (ask.Answer, error) {
	result, err := i.session.Run(ctx)
	out := ask.Answer{Reports: result.Reports}
	for _, m := range append(i.missing, result.Missing...) {
		out.Said = append(out.Said, fmt.Sprintf("Node %s is not read: %s.", plain.Line(m.Node, jobs.MostText), plain.Text(m.Why)))
	}
	for _, m := range result.Cut {
		out.Said = append(out.Said, fmt.Sprintf("The report of node %s is cut off: %s.", plain.Line(m.Node, jobs.MostText), plain.Text(m.Why)))
	}
	for _, left := range i.session.Left() {
		out.Said = append(out.Said, sentence(plain.Text(left.Sentence))+" "+plain.Text(left.Remedy))
	}
	if err != nil {
		return out, inWords(clusterFailure(ctx, err))
	}
	return out, nil
}

// askerOf is whom the screens ask about facts that do not come from a cluster: somebody may
// have a report of a node of it. Of a demo there is none.
func (a *app) askerOf(f advisor.Facts) ask.Asker {
	if f.Origin == advisor.FromDemo {
		return nil
	}
	return asker{app: a, leaving: func(string) {}}
}
