package measure

import (
	"errors"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/kit/form"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/measure/tools"
)

// nodes measures from pods on nodes of the cluster.
type nodes struct {
	desk

	fields  *form.Form
	next    *tools.NodesRequest // what the form says; nil while that is nothing
	asked   questions
	plan    *tools.NodesPlan
	planErr error
}

func newNodes(d desk) *nodes {
	out := &nodes{desk: d}
	out.fields = form.New(d.palette, d.palette.Voice.Text("From pods on your own nodes: one mode beside another"), nodesFields(d.palette.Voice))
	out.fields.Fill(usualNodes()...)
	return out
}

// usualNodes is what empty fields stand for.
func usualNodes() []string { return []string{"", "", "", "", "", "", "100", "20"} }

func nodesFields(v say.Voice) []form.Field {
	return []form.Field{
		{Label: v.Text("Image"), Example: v.Text("registry/kpadvisor:TAG; kpadvisor image writes one")},
		{Label: "Service", Example: v.Text("namespace/name:port; empty: an echo server")},
		{Label: v.Text("Namespace"), Example: v.Text("empty: the context's; or temporary"), Choices: []string{"", "temporary"}, Free: true},
		{Label: v.Text("Node for A"), Example: v.Text("empty: two nodes are picked that differ in")},
		{Label: v.Text("Node for B"), Example: v.Text("the mode and in nothing else")},
		{Label: v.Text("Nodes on each side"), Example: v.Text("empty: two where there are")},
		{Label: v.Text("Rate per second"), Example: v.Text("100; all pods of a side together")},
		{Label: v.Head("Blocks"), Example: "20"},
	}
}

func (n *nodes) title() string { return n.palette.Voice.Text("Nodes of this cluster") }

func (n *nodes) about() string {
	return n.palette.Voice.Text("probe pods on nodes of two modes, in turn, against a Service; shows everything it would create, and asks")
}

func (n *nodes) form() *form.Form { return n.fields }
func (n *nodes) ready() bool      { return n.next != nil }
func (n *nodes) deciding() bool   { return n.plan == nil && n.planErr == nil }
func (n *nodes) asking() bool     { return n.next != nil && n.deciding() }
func (n *nodes) starts() string   { return n.palette.Voice.Text("review") }

func (n *nodes) hint() string {
	return n.palette.Voice.Text("ctrl+s reviews; enter on the last field only checks the plan")
}

func (n *nodes) read() error {
	n.next, n.plan, n.planErr = nil, nil, nil
	n.asked.drop()
	r, err := readNodes(n.fields.Values())
	if err == nil {
		n.next = &r
	}
	return err
}

// readNodes makes sense of the fields. Its error is one sentence.
func readNodes(fields []string) (tools.NodesRequest, error) {
	fields = filled(fields, usualNodes())
	r := tools.NodesRequest{Image: fields[0], Service: fields[1], Namespace: fields[2], NodeA: fields[3], NodeB: fields[4]}
	var image, names error
	if r.Image == "" {
		image = errors.New("image: pods need an image that holds kpadvisor; \"kpadvisor image -o FILE\" writes one")
	}
	if (r.NodeA == "") != (r.NodeB == "") {
		names = errors.New("node for A and node for B: name both, or neither")
	}
	return r, first(at(0, image), at(3, names), at(5, each(fields[5], &r)), at(6, perSecond(fields[6], &r.Rate)), at(7, blocks(fields[7], &r.Blocks)))
}

// each is how many nodes each side has; where it is empty that is decided later.
func each(text string, r *tools.NodesRequest) error {
	if text == "" {
		return nil
	}
	if err := whole("nodes on each side", text, &r.Nodes); err != nil {
		return err
	}
	if r.Nodes < 1 || r.Nodes > 1 && r.NodeA != "" {
		return fmt.Errorf("nodes on each side: %d does not go with nodes that are named, or is none", r.Nodes)
	}
	return nil
}

func perSecond(text string, into *float64) error {
	err := above0("rate", text, into)
	if err == nil && *into > probe.MaxRate {
		return fmt.Errorf("rate: %s is above %s", given(text), plain.Number(probe.MaxRate))
	}
	return err
}

func blocks(text string, into *int) error {
	err := whole("blocks", text, into)
	if err == nil && (*into < 1 || *into > probe.MaxBlocks) {
		return fmt.Errorf("blocks: %d is not from 1 to %d", *into, probe.MaxBlocks)
	}
	return err
}

// ask decides on nodes, looks the Service up and reviews the rights: it reads
// and creates nothing.
func (n *nodes) ask() tea.Cmd {
	if n.next == nil {
		return nil
	}
	n.plan, n.planErr = nil, nil
	request := *n.next
	return ask(&n.asked, func() (tools.NodesPlan, error) {
		return n.tools.Cluster.Nodes(n.ctx, request)
	}, func(plan tools.NodesPlan, err error) tea.Cmd {
		n.plan, n.planErr = &plan, err
		return nil
	})
}

func (n *nodes) refused() bool {
	return n.planErr != nil || n.plan != nil && n.plan.Denied != ""
}

func (n *nodes) summary() string {
	if n.next == nil {
		return ""
	}
	return page.PodsPlan(n.palette.Voice, n.next.Service, n.next.Blocks, n.next.Rate)
}

// needs is what was decided, or why nothing could be.
func (n *nodes) needs(w int) []kit.Line {
	p, v := n.palette, n.palette.Voice
	switch {
	case n.next == nil:
		return nil
	case n.planErr != nil:
		return kit.Wrap(kit.Line{p.As(kit.Bad, v.Text("Not possible: ")), p.Text(v.Said(n.planErr.Error()))}, w, 2)
	case n.plan == nil:
		return []kit.Line{{p.Muted(v.Text("looking at nodes, Service and rights…"))}}
	}
	var out []kit.Line
	add := func(l kit.Line) { out = append(out, kit.Wrap(l, w, 2)...) }
	for _, s := range n.plan.Sides {
		add(kit.Line{p.Text(v.Said(s))})
	}
	add(kit.Line{p.Muted(v.Said(n.plan.Why))})
	for _, d := range n.plan.Differ {
		add(kit.Line{p.As(kit.Warn, "! "), p.Text(v.Sprintf("A and B differ in the %s", v.Said(d)))})
	}
	if n.plan.Denied != "" {
		add(kit.Line{p.As(kit.Bad, v.Text("Rights are missing: ")), p.Text(v.Said(n.plan.Denied))})
		return out
	}
	add(kit.Line{p.Text(v.Sprintf("%s; about %s once the pods have started.", v.Said(n.plan.Load), n.plan.Lasts.Round(time.Second).String()))})
	add(kit.Line{p.Text(v.Text("enter shows ")), p.Strong(v.Text("what would be created")), p.Text(v.Text(" and asks."))})
	return out
}

// offers is what a run in the cluster is like.
func (n *nodes) offers(w int) []kit.Line {
	p, v := n.palette, n.palette.Voice
	out := []kit.Line{{p.Strong(v.Text("What happens in the cluster"))}}
	for _, text := range []string{
		v.Text("Jobs in one namespace: no privileges, no token, limits, a deadline."),
		v.Text("They are removed at the end, also of a run that is stopped; kpadvisor clean removes what a SIGKILL leaves."),
		v.Text("The pods of the Service are measured beside it, as control."),
		v.Text("Both sides take turns by their nodes' clocks, never both at once."),
	} {
		out = append(out, kit.Wrap(kit.Line{p.Text("  "), p.Text(text)}, w, 2)...)
	}
	return out
}

// start shows what would be created, once that is known; it is created when the user
// says so there.
func (n *nodes) start(from *planPane) tea.Cmd {
	if n.plan != nil {
		from.on.show(&reviewPane{on: from.on, nodes: n, plan: n.plan})
	}
	return nil
}

// create begins the run. A run is decided on and reviewed once.
func (n *nodes) create(on *Screen, plan tools.NodesPlan) tea.Cmd {
	n.plan = nil
	return nodesOrder{nodes: n, form: n.fields.Values()}.create(on, plan)
}
