package page

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// seen lists the counts the advice rests on.
func seen(f advisor.Facts) draft {
	all := Figures{
		figure("Services", f.Services, func(v advisor.ServiceCounts) (int, string) {
			return v.Total, joinedBy("; ", servicesLine(v, f.Load), servicesNote(v))
		}),
		figure("Endpoints", f.Endpoints, func(v advisor.EndpointCounts) (int, string) { return v.Total, endpointsLine(v) }),
		figure("Nodes", f.Nodes, func(n int) (int, string) { return n, "" }),
	}
	if !f.Version.IsKnown() {
		all = append(all, Figure{Label: "Kubernetes", Value: "-", Note: UnknownWhy(f.Version)})
	}
	all = append(all, figure("Workloads", f.Workloads, func(w advisor.Workloads) (int, string) {
		return w.Deployments + w.StatefulSets + w.DaemonSets, workloadsLine(w)
	}))
	if v, ok := f.RolloutsPerDay.Get(); ok {
		all = append(all, Figure{"Rollouts", number(v), joined("a day", bracketed(f.RolloutsPerDay.Source))})
	}
	return draft{ID: "read", Title: "What was read", Parts: []Block{all}}
}

// figure is a count and a note on it, or why it is not known.
func figure[T any](label string, f advisor.Fact[T], of func(T) (int, string)) Figure {
	v, ok := f.Get()
	if !ok {
		return Figure{label, "-", UnknownWhy(f)}
	}
	n, note := of(v)
	return Figure{label, plain.Number(n), note}
}

func servicesLine(v advisor.ServiceCounts, load advisor.Fact[advisor.Load]) string {
	none := ""
	if text := WithoutEndpoints(v.Ports, load); text != "" {
		none = " (" + text + ")"
	}
	if text := Lookups(load); text != "" {
		none += "; " + text
	}
	return fmt.Sprintf("kube-proxy programs %s with %s%s; NodePort %s, LoadBalancer %s",
		plain.Number(v.Counted), plain.Count(v.Ports, "port"), none, plain.Number(v.NodePort), plain.Number(v.LoadBalancer))
}

// servicesNote tells of the Services that bear on the advice in another way;
// empty if there are none.
func servicesNote(v advisor.ServiceCounts) string {
	var parts []string
	externalIPs := "external IPs"
	if v.ExternalIPs == 1 {
		externalIPs = "external IP"
	}
	for _, p := range []struct {
		n    int
		what string
	}{
		{v.Headless, "headless"},
		{v.ExternalName, "ExternalName"},
		{v.OtherProxy, "another proxy's"},
		{v.SessionAffinity, "with ClientIP affinity"},
		{v.ExternalLocal, "with externalTrafficPolicy Local"},
		{v.InternalLocal, "with internalTrafficPolicy Local"},
		{v.ExternalIPs, externalIPs},
		{v.DualStack, "dual-stack"},
		{v.WithoutEndpoints, "without endpoints"},
	} {
		if p.n > 0 {
			parts = append(parts, plain.Number(p.n)+" "+p.what)
		}
	}
	return strings.Join(parts, ", ")
}

func endpointsLine(v advisor.EndpointCounts) string {
	s := ""
	if v.Slices > 0 { // nobody counts them where figures are typed
		s = "in " + plain.Count(v.Slices, "EndpointSlice") + "; "
	}
	s += fmt.Sprintf("ready %s, terminating %s", plain.Number(v.Ready), plain.Number(v.Terminating))
	if v.Largest > 0 {
		s += ", largest Service " + plain.Number(v.Largest)
		if v.LargestName != "" {
			s += " (" + v.LargestName + ")"
		}
	}
	return s
}

func workloadsLine(w advisor.Workloads) string {
	s := fmt.Sprintf("Deployments %s, StatefulSets %s, DaemonSets %s; rolling %s, preStop in %s, readiness in %s",
		plain.Number(w.Deployments), plain.Number(w.StatefulSets), plain.Number(w.DaemonSets), plain.Number(w.Rolling),
		plain.Number(w.WithPreStop), plain.Number(w.WithReadiness))
	if w.GracePeriodMedian > 0 {
		s += ", median grace period " + span(w.GracePeriodMedian)
	}
	if w.Window > 0 {
		s += fmt.Sprintf("; %s in %s", plain.Count(w.RevisionsInWindow, "revision"), span(w.Window))
	}
	return s
}

// proxies lists the node groups with what programs Services on them and the
// evidence for it.
func proxies(f advisor.Facts) draft {
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
		s.row([]string{Counted(g.Nodes), ProxyName(g.Proxy), kernel, groupVersion(g), groupEvidence(g)})
	}
	return s
}

func groupVersion(g advisor.NodeGroup) string {
	if v, ok := g.Proxy.Version.Get(); ok {
		return v
	}
	if g.Kubelet != "" {
		return g.Kubelet + " (kubelet)"
	}
	return "unknown"
}

// sysctlWords lists the live sysctls of a group.
func sysctlWords(g advisor.NodeGroup) string {
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
func groupEvidence(g advisor.NodeGroup) string {
	var parts []string
	if g.OSImage != "" {
		parts = append(parts, g.OSImage)
	}
	for _, e := range g.Proxy.Evidence {
		text := evidenceText(e)
		if e.Conflict {
			text += " (disagrees)"
		}
		parts = append(parts, text)
	}
	if len(g.Proxy.Evidence) == 0 && g.Proxy.Mode.Source != "" {
		parts = append(parts, g.Proxy.Mode.Source)
	}
	if len(g.Proxy.Sysctls) > 0 {
		parts = append(parts, sysctlWords(g))
	}
	if !g.Proxy.Mode.IsKnown() && g.Proxy.Mode.Why != advisor.NotAsked {
		parts = append(parts, UnknownWhy(g.Proxy.Mode))
	}
	return strings.Join(append(parts, nonEmpty(Stale(g.Proxy))...), "; ")
}

// unread lists what could not be read and what the API never shows.
func unread(doc Audit) draft {
	s := draft{ID: "unread", Title: "What was not read"}
	for _, m := range doc.Facts.Coverage.Missing {
		s.Items = append(s.Items, Item{
			Mark: "-", Tone: Warn, Text: m.What + ": " + MissingWhy(m) + Prefixed("; hides ", m.Hides),
		})
	}
	if len(s.Items) == 0 {
		s.Intro = []string{"Nothing that was asked for is missing."}
	}
	for _, r := range doc.Advice.Unseen {
		s.Items = append(s.Items, Item{Mark: "-", Text: said(r)})
	}
	return s
}

// answers lists the habits that are known, with where each comes from.
func answers(h advisor.Habits) draft {
	s := draft{ID: "habits", Title: "Habits this rests on"}
	for _, q := range advisor.Questions() {
		if value, source, ok := h.Answer(q.ID); ok {
			text := answerText(q, value)
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

func answerText(q advisor.Question, value string) string {
	if i := slices.IndexFunc(q.Choices, func(c advisor.Choice) bool { return c.Value == value }); i >= 0 {
		return q.Choices[i].Text
	}
	return strings.TrimSpace(value + " " + q.Unit)
}

// unanswered lists the open habits, the flag that answers each, and what the
// answer would change.
func unanswered(doc Audit) draft {
	s := draft{ID: "unanswered", Title: "Not answered, and what the answer would change"}
	for _, u := range doc.Advice.Unanswered {
		s.Items = append(s.Items, Item{Mark: "-", Label: "--" + string(u.Habit), Text: u.Changes})
	}
	return s
}
