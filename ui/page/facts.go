package page

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"kpadvisor/say"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// seen lists the counts the advice rests on.
func seen(v say.Voice, f advisor.Facts) draft {
	all := Figures{
		figure(v, v.Head("Services"), f.Services, func(n advisor.ServiceCounts) (int, string) {
			return n.Total, v.Clauses(nonEmpty(servicesLine(v, n, f.Load), servicesNote(v, n))...)
		}),
		figure(v, v.Head("Endpoints"), f.Endpoints, func(n advisor.EndpointCounts) (int, string) { return n.Total, endpointsLine(v, n) }),
		figure(v, v.Head("Nodes"), f.Nodes, func(n int) (int, string) { return n, "" }),
	}
	if !f.Version.IsKnown() {
		all = append(all, Figure{Label: "Kubernetes", Value: "-", Note: UnknownWhy(v, f.Version)})
	}
	all = append(all, figure(v, v.Head("Workloads"), f.Workloads, func(w advisor.Workloads) (int, string) {
		return w.Deployments + w.StatefulSets + w.DaemonSets, workloadsLine(v, w)
	}))
	if n, ok := f.RolloutsPerDay.Get(); ok {
		all = append(all, Figure{v.Head("Rollouts"), number(n), noted(v, v.Text("a day"), v.Again(f.RolloutsPerDay.Source))})
	}
	return draft{ID: "read", Title: v.Text("What was read"), Parts: []Block{all}}
}

// figure is a count and a note on it, or why it is not known.
func figure[T any](v say.Voice, label string, f advisor.Fact[T], of func(T) (int, string)) Figure {
	value, ok := f.Get()
	if !ok {
		return Figure{label, "-", UnknownWhy(v, f)}
	}
	n, note := of(value)
	return Figure{label, plain.Number(n), note}
}

func servicesLine(v say.Voice, n advisor.ServiceCounts, load advisor.Fact[advisor.Load]) string {
	none := ""
	if text := WithoutEndpoints(v, n.Ports, load); text != "" {
		none = v.Sprintf(" (%s)", text)
	}
	if text := Lookups(v, load); text != "" {
		none = v.Clauses(none, text)
	}
	return v.Sprintf("kube-proxy programs %s with %s%s; NodePort %s, LoadBalancer %s",
		plain.Number(n.Counted), v.Count(n.Ports, "port"), none, plain.Number(n.NodePort), plain.Number(n.LoadBalancer))
}

// servicesNote tells of the Services that bear on the advice in another way;
// empty if there are none.
func servicesNote(v say.Voice, n advisor.ServiceCounts) string {
	var parts []string
	add := func(many int, said string) {
		if many > 0 {
			parts = append(parts, said)
		}
	}
	add(n.Headless, v.Plural(n.Headless, "headless", "headless"))
	add(n.ExternalName, v.Plural(n.ExternalName, "ExternalName", "ExternalName"))
	add(n.OtherProxy, v.Plural(n.OtherProxy, "another proxy's", "another proxy's"))
	add(n.SessionAffinity, v.Plural(n.SessionAffinity, "with ClientIP affinity", "with ClientIP affinity"))
	add(n.ExternalLocal, v.Plural(n.ExternalLocal, "with externalTrafficPolicy Local", "with externalTrafficPolicy Local"))
	add(n.InternalLocal, v.Plural(n.InternalLocal, "with internalTrafficPolicy Local", "with internalTrafficPolicy Local"))
	add(n.ExternalIPs, v.Count(n.ExternalIPs, "external IP"))
	add(n.DualStack, v.Plural(n.DualStack, "dual-stack", "dual-stack"))
	add(n.WithoutEndpoints, v.Plural(n.WithoutEndpoints, "without endpoints", "without endpoints"))
	return v.List(parts...)
}

func endpointsLine(v say.Voice, n advisor.EndpointCounts) string {
	s := v.Sprintf("ready %s, terminating %s", plain.Number(n.Ready), plain.Number(n.Terminating))
	if n.Slices > 0 { // nobody counts them where figures are typed
		s = v.Clauses(v.Sprintf("in %s", v.Count(n.Slices, "EndpointSlice")), s)
	}
	if n.Largest > 0 {
		s = v.Sprintf("%s, largest Service %s", s, plain.Number(n.Largest))
	}
	return noted(v, s, n.LargestName)
}

func workloadsLine(v say.Voice, w advisor.Workloads) string {
	s := v.Sprintf("Deployments %s, StatefulSets %s, DaemonSets %s; rolling %s, preStop in %s, readiness in %s",
		plain.Number(w.Deployments), plain.Number(w.StatefulSets), plain.Number(w.DaemonSets), plain.Number(w.Rolling),
		plain.Number(w.WithPreStop), plain.Number(w.WithReadiness))
	if w.GracePeriodMedian > 0 {
		s = v.Sprintf("%s, median grace period %s", s, span(v, w.GracePeriodMedian))
	}
	if w.Window > 0 {
		s = v.Clauses(s, v.Sprintf("%s in %s", v.Count(w.RevisionsInWindow, "revision"), span(v, w.Window)))
	}
	return s
}

// proxies lists the node groups with what programs Services on them and the
// evidence for it.
func proxies(v say.Voice, f advisor.Facts) draft {
	s := draft{ID: "proxies", Title: v.Text("kube-proxy by node group")}
	if len(f.Groups) == 0 {
		return draft{}
	}
	s.Table = Table{
		Head:  []string{v.Head("nodes"), v.Head("mode"), v.Head("kernel"), v.Head("version"), v.Head("evidence")},
		Right: []bool{true, false, false, false, false},
	}
	for _, g := range f.Groups {
		kernel := g.Kernel
		if kernel == "" {
			kernel = v.Text("unknown")
		}
		s.row([]string{Counted(g.Nodes), ProxyName(v, g.Proxy), kernel, groupVersion(v, g), groupEvidence(v, g)})
	}
	return s
}

func groupVersion(v say.Voice, g advisor.NodeGroup) string {
	if known, ok := g.Proxy.Version.Get(); ok {
		return known
	}
	if g.Kubelet != "" {
		return v.Sprintf("%s (%s)", g.Kubelet, "kubelet")
	}
	return v.Text("unknown")
}

// sysctlWords lists the live sysctls of a group.
func sysctlWords(v say.Voice, g advisor.NodeGroup) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(g.Proxy.Sysctls)) {
		parts = append(parts, fmt.Sprintf("%s=%d", strings.TrimPrefix(name, "net.ipv4.vs."), g.Proxy.Sysctls[name]))
	}
	live := v.Sprintf("live %s", strings.Join(parts, " "))
	if g.Proxy.SysctlNodes == 0 {
		return live
	}
	return v.Sprintf("%s, read on %s", live, v.Count(g.Proxy.SysctlNodes, "node"))
}

// groupEvidence tells what the mode was concluded from, what disagrees, and
// the operating system, which decides the iptables backend.
func groupEvidence(v say.Voice, g advisor.NodeGroup) string {
	var parts []string
	if g.OSImage != "" {
		parts = append(parts, g.OSImage)
	}
	if b, told := g.Proxy.IPTables.Get(); told {
		parts = append(parts, "iptables-"+plain.Text(string(b)))
	}
	for _, e := range g.Proxy.Evidence {
		text := evidenceText(v, e)
		if e.Conflict {
			text = v.Sprintf("%s (disagrees)", text)
		}
		parts = append(parts, text)
	}
	if len(g.Proxy.Evidence) == 0 && g.Proxy.Mode.Source != "" {
		parts = append(parts, v.Again(g.Proxy.Mode.Source))
	}
	if len(g.Proxy.Sysctls) > 0 {
		parts = append(parts, sysctlWords(v, g))
	}
	if n := g.Proxy.Reports; n > 0 && g.Nodes > n {
		parts = append(parts, v.Sprintf("%s of them read on the node itself", plain.Number(n)))
	} else if n > 0 {
		parts = append(parts, v.Text("read on the node itself"))
	}
	if !g.Proxy.Mode.IsKnown() && g.Proxy.Mode.Why != advisor.NotAsked {
		parts = append(parts, UnknownWhy(v, g.Proxy.Mode))
	}
	return v.Clauses(append(parts, nonEmpty(Stale(v, g.Proxy))...)...)
}

// unread lists what could not be read and what the API never shows.
func unread(v say.Voice, doc Audit) draft {
	s := draft{ID: "unread", Title: v.Text("What was not read")}
	for _, m := range doc.Facts.Coverage.Missing {
		s.Items = append(s.Items, Item{
			Mark: "-", Tone: Warn, Text: v.Sprintf("%s: %s", v.Again(m.What), v.Clauses(nonEmpty(MissingWhy(v, m), hides(v, m.Hides))...)),
		})
	}
	if len(s.Items) == 0 {
		s.Intro = []string{v.Text("Nothing that was asked for is missing.")}
	}
	for _, r := range doc.Advice.Unseen {
		s.Items = append(s.Items, Item{Mark: "-", Text: said(v, r)})
	}
	return s
}

// hides says what cannot be said because something was not read; empty for nothing.
func hides(v say.Voice, what string) string {
	if what == "" {
		return ""
	}
	return v.Sprintf("hides %s", v.Again(what))
}

// answers lists the habits that are known, with where each comes from.
func answers(v say.Voice, h advisor.Habits) draft {
	s := draft{ID: "habits", Title: v.Text("Habits this rests on")}
	for _, q := range advisor.QuestionsIn(v) {
		if value, source, ok := h.Answer(q.ID); ok {
			text := answerText(q, value)
			s.Items = append(s.Items, Item{Mark: "-", Text: answered(v, strings.TrimSpace(q.Text), noted(v, text, v.Again(source)))})
		}
	}
	return s
}

// answered is a question with its answer; what is not asked has a colon.
func answered(v say.Voice, ask, text string) string {
	if strings.HasSuffix(ask, "?") || strings.HasSuffix(ask, "？") {
		return v.Sentences(ask, text)
	}
	return v.Sprintf("%s: %s", ask, text)
}

func answerText(q advisor.Question, value string) string {
	if i := slices.IndexFunc(q.Choices, func(c advisor.Choice) bool { return c.Value == value }); i >= 0 {
		return q.Choices[i].Text
	}
	return strings.TrimSpace(value + " " + q.Unit)
}

// unanswered lists the open habits, the flag that answers each, and what the
// answer would change.
func unanswered(v say.Voice, doc Audit) draft {
	s := draft{ID: "unanswered", Title: v.Text("Not answered, and what the answer would change")}
	for _, u := range doc.Advice.Unanswered {
		s.Items = append(s.Items, Item{Mark: "-", Label: "--" + string(u.Habit), Text: u.Changes})
	}
	return s
}
