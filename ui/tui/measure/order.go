package measure

import (
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/say"
	"kpadvisor/ui/evidence"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/measure/tools"
)

// order is one measurement as it was said when it was begun. It belongs to the run
// that it became: what the form says by now, and which form is open, do not matter
// to that run any more.
type order interface {
	// of is the subject whose form said so: where esc leads from the run.
	of() subject
	// kind is one word for the kind of run.
	kind() string
	// begin starts it on the screen, or what has to come before; also once more.
	begin(on *Screen) tea.Cmd
	// resized is the order at the next larger or smaller size; false if there is none.
	resized(larger bool) (order, bool)
	// inCluster reports whether its run creates objects in the cluster.
	inCluster() bool
}

// plainOrder is an order of one size that creates nothing in a cluster.
type plainOrder struct{}

func (plainOrder) resized(bool) (order, bool) { return nil, false }
func (plainOrder) inCluster() bool            { return false }

// pairOrder is a run against one or two addresses.
type pairOrder struct {
	plainOrder
	pair       *pair
	experiment experiment
	budget     probe.Budget // as it was asked for before the first run
}

func (o pairOrder) of() subject  { return o.pair }
func (o pairOrder) kind() string { return o.pair.palette.Voice.Text("Addresses") }

func (o pairOrder) begin(on *Screen) tea.Cmd {
	p, err := o.pair.tools.Engine.Prepare(o.experiment.plan, o.experiment.targets...)
	if err != nil {
		o.pair.fields.Refuse(err)
		on.plan(o.pair)
		return nil
	}
	return on.run.begin(o, o.experiment, watched{p}, o.budget)
}

// labOrder is a run of the lab.
type labOrder struct {
	plainOrder
	bench   *bench
	options lab.Options
}

func (o labOrder) of() subject  { return o.bench }
func (o labOrder) kind() string { return o.bench.palette.Voice.Text("Lab") }

func (o labOrder) begin(on *Screen) tea.Cmd {
	place := lab.OnThisMachine
	if o.options.In == lab.UML {
		place = lab.InUML
	}
	what := page.LabOf(say.Voice{}, o.options) // which a file keeps
	e := experiment{title: page.LabOf(o.bench.palette.Voice, o.options), plan: o.options.Plan, labels: map[string]string{
		evidence.LabelLab: place + ", " + what, evidence.LabelServices: strconv.Itoa(o.options.Shape.Services),
	}}
	return on.run.begin(o, e, &labRun{bench: o.bench, options: o.options}, probe.Budget{})
}

// resized goes through the guide's sizes of which a lab can be built.
func (o labOrder) resized(larger bool) (order, bool) {
	sizes, now := lab.SweepSizes(), o.options.Shape.Services
	at, found := slices.BinarySearch(sizes, now)
	switch {
	case !larger:
		at--
	case found:
		at++
	}
	if at < 0 || at >= len(sizes) {
		return nil, false
	}
	o.options.Shape.Services = sizes[at]
	return o, o.options.Shape.Validate() == nil
}

// nodesOrder is a probe from pods. Each is decided on and reviewed anew.
type nodesOrder struct {
	plainOrder
	nodes *nodes
	form  []string // as it was filled in
}

func (o nodesOrder) of() subject     { return o.nodes }
func (o nodesOrder) kind() string    { return o.nodes.palette.Voice.Head("Nodes") }
func (o nodesOrder) inCluster() bool { return true }

// begin puts the order into its form, where what it takes now is shown, and asks
// for that. Nothing is created before the user has seen it.
func (o nodesOrder) begin(on *Screen) tea.Cmd {
	on.plan(o.nodes)
	o.nodes.fields.Fill(o.form...)
	o.nodes.fields.Settle()
	_ = o.nodes.read() // it was read before it was run
	return o.nodes.ask()
}

// create begins the run that was decided on and shown.
func (o nodesOrder) create(on *Screen, plan tools.NodesPlan) tea.Cmd {
	prober, err := plan.Begin()
	if err != nil {
		o.nodes.fields.Refuse(err)
		on.plan(o.nodes)
		return nil
	}
	e := experiment{title: strings.Join(plan.Sides, "   "), plan: plan.Plan, targets: plan.Targets, labels: plan.Labels}
	return on.run.begin(o, e, watched{prober}, probe.Budget{})
}

// drillOrder is a drill.
type drillOrder struct {
	plainOrder
	drilling *drilling
	options  lab.DrillOptions
}

func (o drillOrder) of() subject              { return o.drilling }
func (o drillOrder) kind() string             { return o.drilling.palette.Voice.Text("Drill") }
func (o drillOrder) begin(on *Screen) tea.Cmd { return on.drill.begin(o) }
