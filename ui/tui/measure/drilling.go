package measure

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/say"
	"kpadvisor/ui/evidence"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/kit/form"
	"kpadvisor/ui/page"
)

// drilling is the drill of issue 81775 in the lab of this machine.
type drilling struct {
	desk

	fields *form.Form
	next   *lab.DrillOptions // what the form says; nil while that can't be run
}

func newDrilling(in desk) *drilling {
	out := &drilling{desk: in}
	out.fields = form.New(in.palette, in.palette.Voice.Text("A rolling update under short connections: issue 81775"), drillFields(in.palette.Voice))
	out.fields.Fill(usualDrill(in.palette.Voice)...)
	return out
}

func (d *drilling) title() string { return d.palette.Voice.Text("The 81775 drill on this machine") }

func (d *drilling) about() string {
	return d.palette.Voice.Text("see which connections a rolling update loses in each mode and with each IPVS sysctl, and what helps")
}

func (d *drilling) form() *form.Form { return d.fields }
func (d *drilling) ready() bool      { return d.next != nil }

func (d *drilling) read() error {
	o, err := readDrilling(plainly(d.palette.Voice, d.fields.Values()), func() ([]drill.Config, error) {
		return evidence.Configs(d.session.Facts())
	})
	if d.next = nil; err == nil {
		d.next = &o
	}
	return err
}

func (d *drilling) presets() string { return d.palette.Voice.Text("like the cluster") }

// preset takes the configurations of the cluster, or all of them again.
func (d *drilling) preset() {
	if v := d.fields.Values(); strings.TrimSpace(v[0]) != likeCluster {
		d.fields.Fill(likeCluster)
		return
	}
	d.fields.Fill("all")
}

func (d *drilling) summary() string {
	if d.next == nil {
		return ""
	}
	return page.DrillPlan(d.palette.Voice, d.next.Plan)
}

// needs is what the plan is worth: how likely reuse is, and what speed changes.
func (d *drilling) needs(w int) []kit.Line {
	p := d.palette
	if d.next == nil {
		return nil
	}
	shows, speed := page.DrillWorth(p.Voice, d.next.Plan)
	out := kit.Wrap(kit.Line{p.Text(shows)}, w, 0)
	if speed != "" {
		out = append(out, kit.Wrap(kit.Line{p.Muted(speed)}, w, 0)...)
	}
	return out
}

func (d *drilling) offers(w int) []kit.Line {
	p, v := d.palette, d.palette.Voice
	out := []kit.Line{{p.Strong(v.Text("What the fields mean"))}}
	row := func(label, text string) {
		l := append(kit.Line{p.Text("  ")}, p.Column(kit.Normal, label, nameCells)...)
		out = append(out, kit.Wrap(append(l, p.Text(text)), w, nameCells+2)...)
	}
	row(v.Text("To try"), v.Text("all; modes such as iptables, nftables, ipvs; or cluster: what its node groups have"))
	row(v.Text("Old pod"), v.Text("drains, as in a rolling update, or is lost with its node"))
	row(v.Head("Kernel"), v.Text("this machine, or uml: a user-mode Linux, which has IPVS where this kernel has not; uml PATH takes one of your own"))
	return append(out, kit.Wrap(kit.Line{p.Muted(v.Sentences(
		v.Text("A drill holds for the kernel it runs on."), v.Text("It touches no rule of this machine and vanishes with the program.")))}, w, 0)...)
}

func (d *drilling) start(from *planPane) tea.Cmd {
	return drillOrder{drilling: d, options: *d.next}.begin(from.on)
}

// usualDrill is what empty fields stand for.
func usualDrill(v say.Voice) []string {
	d := drill.DefaultPlan()
	return []string{"all", page.Rate(d.Rate), strconv.Itoa(d.Ports), page.Rate(d.Speed), v.Text("drains"), v.Text("this machine")}
}

// What becomes of the old pod.
const (
	drains = "drains"
	isLost = "lost"
)

func drillFields(v say.Voice) []form.Field {
	return []form.Field{
		{Label: v.Text("What to try"), Example: v.Text("all, iptables, nftables, ipvs, or cluster"), Choices: append(modeWords(), likeCluster), Free: true},
		{Label: v.Text("Rate per second"), Example: v.Text("30; to each Service")},
		{Label: v.Text("Source ports"), Example: v.Text("60; taken in turn")},
		{Label: v.Text("Speed"), Example: v.Text("10; 1 is that of kubelet and kube-proxy")},
		{Label: v.Text("Old pod"), Example: v.Text("as in a rolling update, or with its node"), Choices: []string{v.Text("drains"), v.Text("lost")}},
		{Label: v.Head("Kernel"), Example: v.Text("this machine, or uml, or uml PATH"), Choices: kernelWords(v), Free: true},
	}
}

// readDrilling makes sense of the fields. Its error is one sentence.
func readDrilling(fields []string, like func() ([]drill.Config, error)) (lab.DrillOptions, error) {
	fields = filled(fields, usualDrill(say.Voice{}))
	o := lab.DrillOptions{Plan: drill.DefaultPlan()}
	p := &o.Plan
	configs, err := drillConfigs(fields[0], like)
	p.Configs = configs
	var kernel lab.Options
	err = first(at(0, err), at(1, above0("rate", fields[1], &p.Rate)), at(2, whole("source ports", fields[2], &p.Ports)), at(3, above0("speed", fields[3], &p.Speed)),
		at(4, oldPod(fields[4], &p.Lost)), at(5, where(fields[5], &kernel)))
	if err != nil {
		return o, err
	}
	o.In, o.UMLKernel = kernel.In, kernel.UMLKernel
	return o, o.Validate()
}

// drillConfigs reads what to try.
func drillConfigs(text string, like func() ([]drill.Config, error)) ([]drill.Config, error) {
	if strings.EqualFold(text, likeCluster) {
		return like()
	}
	var modes []lab.Mode
	if err := labModes(text, &modes); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(drill.Matrix(), func(c drill.Config) bool { return !slices.Contains(modes, lab.Mode(c.Mode)) }), nil
}

func above0(name, text string, into *float64) error {
	v, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
	if err != nil || !(v > 0) {
		return fmt.Errorf("%s: %s is not a number above 0", name, given(text))
	}
	*into = v
	return nil
}

func oldPod(text string, lost *bool) error {
	switch strings.ToLower(text) {
	case "", drains:
		*lost = false
	case isLost, "is lost":
		*lost = true
	default:
		return fmt.Errorf("old pod: %s is neither drains nor lost", given(text))
	}
	return nil
}
