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
		figure(v, "Services", f.Services, func(n advisor.ServiceCounts) (int, string) {
			return n.Total, joinedBy("; ", servicesLine(v, n, f.Load), servicesNote(v, n))
		}),
		figure(v, "Endpoints", f.Endpoints, func(n advisor.EndpointCounts) (int, string) { return n.Total, endpointsLine(v, n) }),
		figure(v, "Nodes", f.Nodes, func(n int) (int, string) { return n, "" }),
	}
	if !f.Version.IsKnown() {
		all = append(all, Figure{Label: "Kubernetes", Value: "-", Note: UnknownWhy(v, f.Version)})
	}
	all = append(all, figure(v, "Workloads", f.Workloads, func(w advisor.Workloads) (int, string) {
		return w.Deployments + w.StatefulSets + w.DaemonSets, workloadsLine(v, w)
	}))
	if n, ok := f.RolloutsPerDay.Get(); ok {
		all = append(all, Figure{"Rollouts", number(n), joined("a day", bracketed(f.RolloutsPerDay.Source))})
	}
	return draft{ID: "read", Title: "What was read", Parts: []Block{all}}
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
		none = " (" + text + ")"
	}
	if text := Lookups(v, load); text != "" {
		none += "; " + text
	}
	return fmt.Sprintf("kube-proxy programs %s with %s%s; NodePort %s, LoadBalancer %s",
		plain.Number(n.Counted), plain.Count(n.Ports, "port"), none, plain.Number(n.NodePort), plain.Number(n.LoadBalancer))
}

// servicesNote tells of the Services that bear on the advice in another way;
// empty if there are none.
func servicesNote(v say.Voice, n advisor.ServiceCounts) string {
	var parts []string
	externalIPs := "external IPs"
	if n.ExternalIPs == 1 {
		externalIPs = "external IP"
	}
	for _, p := range []struct {
		many int
		what string
	}{
		{n.Headless, "headless"},
		{n.ExternalName, "ExternalName"},
		{n.OtherProxy, "another proxy's"},
		{n.SessionAffinity, "with ClientIP affinity"},
		{n.ExternalLocal, "with externalTrafficPolicy Local"},
		{n.InternalLocal, "with internalTrafficPolicy Local"},
		{n.ExternalIPs, externalIPs},
		{n.DualStack, "dual-stack"},
		{n.WithoutEndpoints, "without endpoints"},
	} {
		if p.many > 0 {
			parts = append(parts, plain.Number(p.many)+" "+p.what)
		}
	}
	return strings.Join(parts, ", ")
}

func endpointsLine(v say.Voice, n advisor.EndpointCounts) string {
	s := ""
	if n.Slices > 0 { // nobody counts them where figures are typed
		s = "in " + plain.Count(n.Slices, "EndpointSlice") + "; "
	}
	s += fmt.Sprintf("ready %s, terminating %s", plain.Number(n.Ready), plain.Number(n.Terminating))
	if n.Largest > 0 {
		s += ", largest Service " + plain.Number(n.Largest)
		if n.LargestName != "" {
			s += " (" + n.LargestName + ")"
		}
	}
	return s
}

func workloadsLine(v say.Voice, w advisor.Workloads) string {
	s := fmt.Sprintf("Deployments %s, StatefulSets %s, DaemonSets %s; rolling %s, preStop in %s, readiness in %s",
		plain.Number(w.Deployments), plain.Number(w.StatefulSets), plain.Number(w.DaemonSets), plain.Number(w.Rolling),
		plain.Number(w.WithPreStop), plain.Number(w.WithReadiness))
	if w.GracePeriodMedian > 0 {
		s += ", median grace period " + span(v, w.GracePeriodMedian)
	}
	if w.Window > 0 {
		s += fmt.Sprintf("; %s in %s", plain.Count(w.RevisionsInWindow, "revision"), span(v, w.Window))
	}
	return s
}

// proxies lists the node groups with what programs Services on them and the
// evidence for it.
func proxies(v say.Voice, f advisor.Facts) draft {
	s := draft{ID: "proxies", Title: "kube-proxy by node group"}
	if len(f.Groups) == 0 {
		return draft{}
	}
	s.Table = Table{
		Head:  []string{"nodes", "mode", "kernel", "version", "evidence"},
		Right: []bool{true, false, false, false, false},
	}
	for _, g := range f.Groups {
		kernel := g.Kernel
		if kernel == "" {
			kernel = "unknown"
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
		return g.Kubelet + " (kubelet)"
	}
	return "unknown"
}

// sysctlWords lists the live sysctls of a group.
func sysctlWords(v say.Voice, g advisor.NodeGroup) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(g.Proxy.Sysctls)) {
		parts = append(parts, fmt.Sprintf("%s=%d", strings.TrimPrefix(name, "net.ipv4.vs."), g.Proxy.Sysctls[name]))
	}
	text := "live " + strings.Join(parts, " ")
	if g.Proxy.SysctlNodes > 0 {
		text += ", read on " + plain.Count(g.Proxy.SysctlNodes, "node")
	}
	return text
}

// groupEvidence tells what the mode was concluded from, what disagrees, and
// the operating system, which decides the iptables backend.
func groupEvidence(v say.Voice, g advisor.NodeGroup) string {
	var parts []string
	if g.OSImage != "" {
		parts = append(parts, g.OSImage)
	}
	for _, e := range g.Proxy.Evidence {
		text := evidenceText(v, e)
		if e.Conflict {
			text += " (disagrees)"
		}
		parts = append(parts, text)
	}
	if len(g.Proxy.Evidence) == 0 && g.Proxy.Mode.Source != "" {
		parts = append(parts, g.Proxy.Mode.Source)
	}
	if len(g.Proxy.Sysctls) > 0 {
		parts = append(parts, sysctlWords(v, g))
	}
	if !g.Proxy.Mode.IsKnown() && g.Proxy.Mode.Why != advisor.NotAsked {
		parts = append(parts, UnknownWhy(v, g.Proxy.Mode))
	}
	return strings.Join(append(parts, nonEmpty(Stale(v, g.Proxy))...), "; ")
}

// unread lists what could not be read and what the API never shows.
func unread(v say.Voice, doc Audit) draft {
	s := draft{ID: "unread", Title: "What was not read"}
	for _, m := range doc.Facts.Coverage.Missing {
		s.Items = append(s.Items, Item{
			Mark: "-", Tone: Warn, Text: m.What + ": " + MissingWhy(v, m) + Prefixed("; hides ", m.Hides),
		})
	}
	if len(s.Items) == 0 {
		s.Intro = []string{"Nothing that was asked for is missing."}
	}
	for _, r := range doc.Advice.Unseen {
		s.Items = append(s.Items, Item{Mark: "-", Text: said(v, r)})
	}
	return s
}

// answers lists the habits that are known, with where each comes from.
func answers(v say.Voice, h advisor.Habits) draft {
	s := draft{ID: "habits", Title: "Habits this rests on"}
	for _, q := range advisor.Questions() {
		if value, source, ok := h.Answer(q.ID); ok {
			text := answerText(v, q, value)
			if source != "" {
				text += " (" + source + ")"
			}
			ask := strings.TrimSpace(q.Text)
			if !strings.HasSuffix(ask, "?") {
				ask += ":"
			}
			s.Items = append(s.Items, Item{Mark: "-", Text: ask + " " + text})
		}
	}
	return s
}

func answerText(v say.Voice, q advisor.Question, value string) string {
	if i := slices.IndexFunc(q.Choices, func(c advisor.Choice) bool { return c.Value == value }); i >= 0 {
		return q.Choices[i].Text
	}
	return strings.TrimSpace(value + " " + q.Unit)
}

// unanswered lists the open habits, the flag that answers each, and what the
// answer would change.
func unanswered(v say.Voice, doc Audit) draft {
	s := draft{ID: "unanswered", Title: "Not answered, and what the answer would change"}
	for _, u := range doc.Advice.Unanswered {
		s.Items = append(s.Items, Item{Mark: "-", Label: "--" + string(u.Habit), Text: u.Changes})
	}
	return s
}
