package page

import (
	"time"

	"kpadvisor/say"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// autopsies says what the tables of nodes hold beside the mode that runs there.
func autopsies(v say.Voice, f advisor.Facts) draft {
	s := draft{ID: "autopsy", Title: v.Text("What the tables of nodes hold")}
	more := 0
	for _, r := range f.NodeReports {
		if r.Autopsy == nil {
			continue
		}
		if len(s.Items) == mostReports {
			more++
			continue
		}
		a := *r.Autopsy
		parts := append(leftovers(v, r), compared(v, a.Rules)...)
		if a.IPVS != nil {
			parts = append(parts, virtualServers(v, *a.IPVS)...)
		}
		s.Items = append(s.Items, Item{Mark: "-", Label: nodeName(v, r), Text: v.Clauses(parts...)})
		for _, e := range a.Rules.Examples {
			s.Items = append(s.Items, Item{Label: "  " + how(v, e.How), Text: plain.Text(e.Rule)})
		}
	}
	if more > 0 {
		s.After = append(s.After, v.Sprintf("And %s.", v.Plural(more, "more node", "more nodes")))
	}
	if len(s.Items) > 0 {
		s.After = append(s.After, v.Text("Rules are compared with those that kube-proxy 1.37 writes for the Services that the rules themselves show, of IPv4 alone. A Service of which no rule is left is not missed."))
	}
	return s
}

// leftovers are clauses about modes that do not run.
func leftovers(v say.Voice, r advisor.NodeReport) []string {
	a := *r.Autopsy
	var out []string
	for _, l := range a.Leftovers {
		out = append(out, v.Sprintf("left over: %s", advisor.LeftoverText(v, l)))
	}
	var clean, unseen []string
	for _, m := range []advisor.Mode{advisor.IPTables, advisor.IPVS, advisor.NFTables} {
		looked, found := false, false
		for _, l := range a.Looked {
			looked = looked || l == m
		}
		for _, l := range a.Leftovers {
			found = found || l.Of == m
		}
		switch {
		case !r.Mode.IsKnown() || m == r.Mode.Value || found:
		case looked:
			clean = append(clean, Mode(v, m))
		default:
			unseen = append(unseen, Mode(v, m))
		}
	}
	if len(clean) > 0 {
		out = append(out, v.Sprintf("nothing left over of %s mode", v.Join(clean)))
	}
	if len(unseen) > 0 {
		out = append(out, v.Sprintf("leftovers of %s mode could not be seen, which takes root and the tools", v.Join(unseen)))
	}
	return out
}

// compared are clauses about the rules.
func compared(v say.Voice, c advisor.RuleComparison) []string {
	var out []string
	n, known := c.Compared.Get()
	if known && len(c.Differ) == 0 {
		out = append(out, v.Sprintf("%s compared, and none differs from kube-proxy's", v.Count(n, "rule")))
	}
	if known && len(c.Differ) > 0 {
		out = append(out, v.Sprintf("%s compared", v.Count(n, "rule")))
	}
	for i, d := range c.Differ {
		if i == 8 {
			break
		}
		out = append(out, advisor.RuleDifferenceText(v, d))
	}
	for _, x := range c.Apart {
		why := advisor.NotComparedText(v, x.Why)
		switch {
		case x.Count > 0:
			out = append(out, v.Sprintf("%s not compared: %s", v.Count(x.Count, "rule"), why))
		case known:
			out = append(out, v.Sprintf("not all compared: %s", why))
		default:
			out = append(out, v.Sprintf("no rules compared: %s", why))
		}
	}
	return out
}

// virtualServers are clauses about IPVS, but for the numbers that are 0.
func virtualServers(v say.Voice, a advisor.IPVSAutopsy) []string {
	var out []string
	foreign := max(a.Foreign.Value, a.ByMark)
	switch {
	case foreign > 0:
		out = append(out, v.Sprintf("%s that kube-proxy did not make", v.Count(foreign, "virtual server")))
	case !a.Foreign.IsKnown():
		out = append(out, v.Text("whether all virtual servers are kube-proxy's is not known without its sets"))
	}
	if a.Lacking.Value > 0 {
		out = append(out, v.Sprintf("%s whose virtual server was not seen (the kernel leaves out lines where other network namespaces have some)",
			v.Plural(a.Lacking.Value, "address of Services", "addresses of Services")))
	}
	if a.Draining > 0 {
		out = append(out, v.Sprintf("%s of weight 0 with connections, of which %s are established", v.Count(a.Draining, "real server"), plain.Number(a.Established)))
	}
	switch {
	case a.Stayed > 0 && a.Apart > 0:
		out = append(out, v.Sprintf("%s of weight 0 without a connection, %s s later still there", v.Count(a.Stayed, "real server"), plain.Number(int(a.Apart/time.Second))))
	case a.Idle > 0:
		out = append(out, v.Sprintf("%s of weight 0 without a connection", v.Count(a.Idle, "real server")))
	}
	if a.Beginning.Value > 0 {
		out = append(out, v.Sprintf("%s that clients began and IPVS sent to real servers that get no new ones", v.Count(a.Beginning.Value, "connection")))
	}
	return out
}

// how is a label before a rule.
func how(v say.Voice, d advisor.RuleDiffers) string {
	switch d {
	case advisor.RuleAdded:
		return v.Text("added")
	case advisor.RuleMissing:
		return v.Text("missing")
	case advisor.RuleChanged:
		return v.Text("changed")
	case advisor.RuleOrder:
		return v.Text("in another order")
	}
	return v.Text("nothing leads to it")
}
