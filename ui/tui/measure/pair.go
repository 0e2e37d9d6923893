package measure

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/probe"
	"kpadvisor/say"
	"kpadvisor/ui/evidence"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/kit/form"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/measure/tools"
)

// pair measures two addresses in turn, or one alone.
type pair struct {
	desk

	fields    *form.Form
	base      probe.Plan  // what the form has no field for
	next      *experiment // what the form says; nil while that can't be run
	asked     questions
	budget    *probe.Budget
	budgetErr error
}

func newPair(d desk) *pair {
	out := &pair{desk: d, base: probe.DefaultPlan()}
	out.fields = form.New(d.palette, d.palette.Voice.Text("Two targets, measured in turn"), pairFields(d.palette.Voice))
	out.fields.Fill(append([]string{"", ""}, planTexts(out.base)...)...)
	return out
}

func (s *pair) title() string { return s.palette.Voice.Text("Two addresses") }
func (s *pair) about() string {
	return s.palette.Voice.Text("a Service and a pod behind it, or one NodePort on two nodes, from this machine")
}
func (s *pair) form() *form.Form { return s.fields }
func (s *pair) ready() bool      { return s.next != nil }

func (s *pair) read() error {
	s.next, s.budget, s.budgetErr = nil, nil, nil
	s.asked.drop()
	e, err := readExperiment(s.base, plainly(s.palette.Voice, s.fields.Values()))
	if err == nil {
		if c, ok := s.session.Facts().Services.Get(); ok && e.labels != nil {
			e.labels[evidence.LabelServices] = strconv.Itoa(c.Ports)
		}
		s.next = &e
	}
	return err
}

func (s *pair) presets() string { return s.palette.Voice.Text("plan of ab") }

// preset fills in the plan of the UK8S guide, or the default one again.
func (s *pair) preset() {
	s.base = other(s.base)
	s.fields.Fill(append(s.fields.Values()[:2], planTexts(s.base)...)...)
}

// ask asks for the port budget, away from the event loop: names are looked up.
func (s *pair) ask() tea.Cmd {
	if s.next == nil {
		return nil
	}
	s.budget, s.budgetErr = nil, nil
	e := *s.next
	return ask(&s.asked, func() (probe.Budget, error) {
		return s.tools.Engine.Budget(s.ctx, e.plan, e.targets...)
	}, func(b probe.Budget, err error) tea.Cmd {
		s.budget, s.budgetErr = &b, err
		return nil
	})
}

func (s *pair) browses() bool { return s.tools.Cluster != nil }

// browse opens the catalogue of what the cluster has.
func (s *pair) browse(from *planPane) tea.Cmd {
	c := newCatalogue(s, from)
	from.on.show(c)
	return c.read()
}

// take puts what was picked into the form.
func (s *pair) take(e tools.Ends) tea.Cmd {
	v, unknown := s.fields.Values(), s.palette.Voice.Text("not known")
	v[0], v[1], v[modesAt], v[modesAt+1] = e.A, e.B, cmp.Or(string(e.ModeA), unknown), cmp.Or(string(e.ModeB), unknown)
	s.fields.Fill(v...)
	s.fields.Settle()
	if err := s.read(); err != nil {
		s.fields.Refuse(err)
	}
	return s.ask()
}

// asking reports that nobody knows yet whether there are ports enough.
func (s *pair) asking() bool { return s.next != nil && s.budget == nil && s.budgetErr == nil }

// refused reports whether the ports, or the addresses, are not there.
func (s *pair) refused() bool {
	return s.budgetErr != nil || s.budget != nil && s.budget.Verdict == probe.Refuse
}

func (s *pair) start(from *planPane) tea.Cmd {
	o := pairOrder{pair: s, experiment: *s.next}
	if s.budget != nil {
		o.budget = *s.budget
	}
	return o.begin(from.on)
}

func (s *pair) summary() string {
	if s.next == nil {
		return ""
	}
	return page.RunPlan(s.palette.Voice, s.next.plan, len(s.next.targets))
}

// needs is the budget of source ports, and the warning that belongs to reused ones.
func (s *pair) needs(w int) []kit.Line {
	p, v := s.palette, s.palette.Voice
	if s.next == nil {
		return nil
	}
	var out []kit.Line
	switch b := s.budget; {
	case s.budgetErr != nil:
		out = kit.Wrap(kit.Line{p.As(kit.Bad, v.Text("Not possible: ")), p.Text(v.Said(s.budgetErr.Error()))}, w, 2)
	case b == nil:
		out = []kit.Line{{p.Muted(v.Text("asking for source ports…"))}}
	case b.Verdict == probe.Refuse:
		out = kit.Wrap(kit.Line{p.As(kit.Bad, v.Text("Source ports: refused. ")), p.Text(v.Said(b.Why))}, w, 2)
	case b.Verdict == probe.Wait:
		out = kit.Wrap(kit.Line{p.As(kit.Warn, v.Sprintf("Source ports: wait %s. ", b.Wait.Round(time.Second).String())), p.Text(v.Said(b.Why))}, w, 2)
	default:
		out = kit.Wrap(kit.Line{p.As(kit.Good, v.Text("Source ports: enough. ")), p.Text(v.Said(b.Why))}, w, 2)
	}
	if s.next.plan.Reuses() {
		out = append(out, kit.Wrap(kit.Line{
			p.As(kit.Warn, v.Text("Reuses source ports on purpose: ")),
			p.Text(v.Sentences(v.Text("behind IPVS such a connection can reach a pod that is gone, or wait 1 s (Kubernetes issue 81775)."), v.Text("Only where that may happen."))),
		}, w, 2)...)
	}
	return out
}

// offers says where targets come from, with names where the survey has them.
func (s *pair) offers(w int) []kit.Line {
	p, v, f := s.palette, s.palette.Voice, s.session.Facts()
	out := []kit.Line{{p.Strong(v.Text("What to compare"))}}
	row := func(label, text string) {
		l := append(kit.Line{p.Text("  ")}, p.Column(kit.Normal, label, nameCells)...)
		out = append(out, kit.Wrap(append(l, p.Text(text)), w, nameCells+2)...)
	}
	service, node := v.Text("its ClusterIP, from a node or a pod: kubectl get services -A"), v.Text("the port on two nodes alike but for the mode")
	if s.tools.Cluster != nil {
		service = v.Text("its ClusterIP, from a node or a pod; v picks one of the cluster")
	}
	if n := oneOfEachMode(v, f.Groups); n != "" {
		node = v.Sprintf("the port on one node of each mode: %s", n)
	}
	row("Service", service)
	row("NodePort", node)
	row(v.Text("control"), v.Text("B is a pod behind A; slower in iptables mode if many Services' rules come after A's, for it passes them all"))
	return out
}

// oneOfEachMode names a node for each mode, if there are two modes and names.
func oneOfEachMode(v say.Voice, groups []advisor.NodeGroup) string {
	var parts []string
	seen := map[string]bool{}
	for _, g := range groups {
		mode := page.ProxyName(v, g.Proxy)
		if seen[mode] || len(g.NodeNames) == 0 || !isName(g.NodeNames[0]) {
			continue
		}
		seen[mode] = true
		parts = append(parts, g.NodeNames[0]+v.Sprintf(" (%s)", mode))
	}
	if len(parts) < 2 {
		return ""
	}
	return v.List(parts...)
}

// isName reports whether s can be the name of a Kubernetes object: only then may
// it stand in a command that somebody copies.
func isName(s string) bool {
	return s != "" && len(s) <= 253 && s[0] != '-' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-.") == ""
}
