package tui

import (
	"strings"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/probe"
)

// planLines is the form, what the plan needs, and where targets come from. It
// says which line the cursor is on.
func (s *probeScreen) planLines(f frame) ([]line, int) {
	p := s.palette
	s.form.hint = "enter on the last field checks the plan"
	if s.page == planPage {
		s.form.hint = "enter begins with the targets"
	}
	if s.next != nil {
		s.form.hint = s.summary(*s.next)
	}
	form, focus := s.form.lines(f.Left.W)
	left := join(form, s.needs(f.Left.W))
	if s.page == planPage && s.running() {
		left = join(left, []line{{p.as(warn, "The last run is ending.")}})
	}
	return f.columns(left, s.offers(f.beside())), focus
}

// summary is the plan in words.
func (s *probeScreen) summary(e experiment) string {
	out := e.loop()
	if e.plan.Concurrency == probe.ABPlan().Concurrency && e.plan.Blocks == 1 {
		out = "as ab -c " + decimal(float64(e.plan.Concurrency)) + " -n " + thousands(e.plan.Requests) + ", one target after the other; " + out
	}
	if len(e.targets) == 1 {
		return out + "; one target alone: no difference"
	}
	if e.plan.Blocks < probe.MinBlocks {
		return out + "; an interval for the difference needs " + count(probe.MinBlocks, "block")
	}
	return out + "; " + count(e.plan.Blocks, "alternating block") + " for each target"
}

// needs is the budget of source ports, and the warning that belongs to reused ones.
func (s *probeScreen) needs(w int) []line {
	p := s.palette
	if s.next == nil {
		return nil
	}
	var out []line
	switch b := s.budget; {
	case s.budgetErr != nil:
		out = wrap(line{p.as(bad, "Not possible: "), p.text(s.budgetErr.Error())}, w, 2)
	case b == nil && s.opts.Budget != nil:
		out = []line{{p.muted("asking for source ports…")}}
	case b == nil:
	case b.Verdict == probe.Refuse:
		out = wrap(line{p.as(bad, "Source ports: refused. "), p.text(b.Why)}, w, 2)
	case b.Verdict == probe.Wait:
		out = wrap(line{p.as(warn, "Source ports: wait "+b.Wait.Round(time.Second).String()+". "), p.text(b.Why)}, w, 2)
	default:
		out = wrap(line{p.as(good, "Source ports: enough. "), p.text(b.Why)}, w, 2)
	}
	if s.next.plan.Reuses() {
		out = append(out, wrap(line{
			p.as(warn, "Reuses source ports on purpose: "),
			p.text("behind IPVS such a connection can reach a pod that is gone, or wait 1 s (Kubernetes issue 81775). Only where that may happen."),
		}, w, 2)...)
	}
	return out
}

// offers says where targets come from, with names where the survey has them.
func (s *probeScreen) offers(w int) []line {
	p, f := s.palette, s.session.facts()
	out := []line{{p.strong("What to compare")}}
	row := func(label, text string) {
		l := append(line{p.text("  ")}, p.column(plain, label, nameCells)...)
		out = append(out, wrap(append(l, p.text(text)), w, nameCells+2)...)
	}
	service := "its ClusterIP, from a node or a pod: kubectl get services -A"
	if space, name, ok := strings.Cut(f.Endpoints.Value.LargestName, "/"); ok && f.Endpoints.IsKnown() && isName(space) && isName(name) {
		service = "its ClusterIP, from a node or a pod; the largest: kubectl -n " + space + " get service " + name
	}
	node := "the port on two nodes alike but for the mode"
	if n := oneOfEachMode(f.Groups); n != "" {
		node = "the port on one node of each mode: " + n
	}
	row("Service", service)
	row("NodePort", node)
	row("control", "B is a pod behind A: the difference is what the Service costs")
	return out
}

// oneOfEachMode names a node for each mode, if there are two modes and names.
func oneOfEachMode(groups []advisor.NodeGroup) string {
	var parts []string
	seen := map[string]bool{}
	for _, g := range groups {
		mode := proxyName(g.Proxy)
		if seen[mode] || len(g.NodeNames) == 0 || !isName(g.NodeNames[0]) {
			continue
		}
		seen[mode] = true
		parts = append(parts, g.NodeNames[0]+" ("+mode+")")
	}
	if len(parts) < 2 {
		return ""
	}
	return strings.Join(parts, ", ")
}

// isName reports whether s can be the name of a Kubernetes object: only then may
// it stand in a command that somebody copies.
func isName(s string) bool {
	return s != "" && len(s) <= 253 && s[0] != '-' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-.") == ""
}
