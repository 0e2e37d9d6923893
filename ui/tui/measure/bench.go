package measure

import (
	"reflect"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/plain"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/rules"
	"kpadvisor/ui/evidence"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/kit/form"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/measure/tools"
)

// bench measures kube-proxy's modes side by side in the lab of this machine.
type bench struct {
	desk

	fields *form.Form
	filled string       // what the form proposed for Services
	next   *lab.Options // what the form says; nil while that can't be built
	asked  questions
	check  *labCheck // what can run here; nil before it is known

	lab   tools.Lab // nil before the first run; belongs to the run while there is one
	built lab.Options
}

// labCheck is what a check of this machine found.
type labCheck struct {
	environment lab.Environment
	missing     []lab.Missing
	err         error
	of          lab.Options
}

func newBench(d desk) *bench {
	b := &bench{desk: d}
	b.fields = form.New(d.palette, d.palette.Voice.Text("kube-proxy's modes on this machine, with the kernel's real rules"), benchFields(d.palette.Voice))
	b.fields.Fill(append([]string{""}, usualBench(d.palette.Voice)[1:]...)...)
	return b
}

func (b *bench) title() string { return b.palette.Voice.Text("The lab on this machine") }

func (b *bench) about() string {
	return b.palette.Voice.Text("iptables, nftables and IPVS side by side with as many Services as you like; needs neither root nor a cluster")
}
func (b *bench) form() *form.Form { return b.fields }
func (b *bench) ready() bool      { return b.next != nil }

// read takes the form. While nobody has changed it, its number of Services is
// that of the cluster.
func (b *bench) read() error {
	v := b.fields.Values()
	if proposal := b.proposal(); strings.TrimSpace(v[0]) == "" || v[0] == b.filled && v[0] != proposal {
		b.filled = proposal
		b.fields.Fill(proposal)
		b.fields.Offer(0, b.sizes()...)
		v[0] = proposal
	}
	o, err := readBench(plainly(b.palette.Voice, v), b.like)
	if b.next = nil; err == nil {
		b.next = &o
	}
	return err
}

// proposal is the number of ports of the cluster, or 1000.
func (b *bench) proposal() string {
	if c, ok := b.session.Facts().Services.Get(); ok && c.Ports >= 10 && c.Ports <= 10_000 {
		return plain.Number(c.Ports)
	}
	return "1,000"
}

// sizes are the numbers of Services to choose from: the cluster's, its whole shape, and
// those of a sweep.
func (b *bench) sizes() []string {
	out := []string{b.filled, likeCluster}
	for _, n := range lab.SweepSizes() {
		if text := plain.Number(n); text != b.filled {
			out = append(out, text)
		}
	}
	return out
}

// like is the shape of the cluster.
func (b *bench) like() (rules.Shape, error) { return evidence.Shape(b.session.Facts()) }

func (b *bench) presets() string { return b.palette.Voice.Text("like the cluster") }

// preset takes the shape of the cluster, or the proposed number of Services again.
func (b *bench) preset() {
	if v := b.fields.Values(); strings.TrimSpace(v[0]) != likeCluster {
		b.fields.Fill(likeCluster)
		return
	}
	b.fields.Fill(b.filled)
}

// ask checks which modes can run here, once for each kernel.
func (b *bench) ask() tea.Cmd {
	if b.next == nil || b.check != nil && b.check.err == nil && reflect.DeepEqual(b.check.of, b.where()) {
		return nil
	}
	b.check = nil
	o := b.where()
	return ask(&b.asked, func() (labCheck, error) {
		e, missing, err := b.tools.Lab.Check(b.ctx, o)
		return labCheck{e, missing, err, o}, err
	}, func(c labCheck, _ error) tea.Cmd {
		b.check = &c
		return nil
	})
}

// where is the kernel that the form asks for, and no more of it.
func (b *bench) where() lab.Options { return lab.Options{In: b.next.In, UMLKernel: b.next.UMLKernel} }

// asking reports that nobody knows yet which modes can run.
func (b *bench) asking() bool { return b.next != nil && b.check == nil }

// refused reports that no mode can run.
func (b *bench) refused() bool {
	return b.check != nil && (b.check.err != nil || len(b.check.missing) >= len(lab.Modes()))
}

func (b *bench) summary() string {
	if b.next == nil {
		return ""
	}
	return page.LabPlan(b.palette.Voice, *b.next)
}

// needs says which modes can run, and what the others lack.
func (b *bench) needs(w int) []kit.Line {
	p, v := b.palette, b.palette.Voice
	switch c := b.check; {
	case b.next == nil:
		return nil
	case c == nil:
		return []kit.Line{{p.Muted(v.Text("trying each mode with one Service…"))}}
	case c.err != nil:
		reason, remedy := lab.Explain(c.err)
		return kit.Wrap(kit.Line{p.As(kit.Bad, v.Text("No lab here: ")), p.Text(v.Said(reason)), p.Muted(v.Clauses("", v.Said(remedy)))}, w, 2)
	default:
		return b.checked(*c, w)
	}
}

func (b *bench) checked(c labCheck, w int) []kit.Line {
	p, v := b.palette, b.palette.Voice
	out := []kit.Line{{p.Muted(v.Sprintf("kernel %s, %s", c.environment.Kernel, v.Said(c.environment.Where)))}}
	for _, m := range lab.Modes() {
		l := kit.Line{}
		l = append(l, p.Column(kit.Normal, page.Lane(m), laneWidth)...)
		i := slices.IndexFunc(c.missing, func(x lab.Missing) bool { return x.Mode == m })
		if i < 0 {
			l = append(l, p.As(kit.Good, v.Text("can run")))
		} else {
			l = append(l, p.As(kit.Warn, v.Text("missing: ")), p.Text(v.Said(c.missing[i].Reason)), p.Muted(v.Clauses("", v.Said(c.missing[i].Remedy))))
		}
		out = append(out, kit.Wrap(l, w, laneWidth)...)
	}
	return out
}

// offers says what the fields mean.
func (b *bench) offers(w int) []kit.Line {
	p, v := b.palette, b.palette.Voice
	out := []kit.Line{{p.Strong(v.Text("What the fields mean"))}}
	row := func(label, text string) {
		l := append(kit.Line{p.Text("  ")}, p.Column(kit.Normal, label, nameCells)...)
		out = append(out, kit.Wrap(append(l, p.Text(text)), w, nameCells+2)...)
	}
	row(v.Head("Services"), v.Text("a number of Service ports; the word cluster takes ports and endpoints from the cluster"))
	row(v.Text("Modes"), v.Sprintf("of %s", v.List(modeWords()...)))
	row(v.Text("Place"), v.Text("random, first, middle or last: iptables mode looks at the rules one by one"))
	row(v.Text("Load"), v.Text("cold: paced, caches emptied meanwhile, as on a busy node. hot: one after the other. Each mode is built once here: for advice, lab sweep builds several"))
	row(v.Head("Kernel"), v.Text("this machine, or uml: a user-mode Linux, which has IPVS where this kernel has not; uml PATH takes one of your own"))
	return append(out, kit.Wrap(kit.Line{p.Muted(v.Sentences(
		v.Text("A lab measures rule lookup on this kernel, not your cluster."), v.Text("It touches no rule of this machine and vanishes with the program.")))}, w, 0)...)
}

func (b *bench) start(from *planPane) tea.Cmd {
	return labOrder{bench: b, options: *b.next}.begin(from.on)
}

// close ends the lab and waits for it.
func (b *bench) close() {
	if b != nil && b.lab != nil {
		b.lab.Close()
		b.lab = nil
	}
}
