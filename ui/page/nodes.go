package page

import (
	"strconv"
	"strings"
	"time"

	"kpadvisor/say"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// mostReports is how many nodes are shown one by one.
const mostReports = 20

// nodesSaid lists what nodes said of themselves, as far as it is not in their groups.
func nodesSaid(v say.Voice, f advisor.Facts) draft {
	s := draft{ID: "node-reports", Title: v.Text("What nodes said of themselves")}
	if len(f.NodeReports) == 0 {
		return draft{}
	}
	s.Table = Table{
		Head: []string{
			v.Head("node"), v.Head("mode"), v.Text("mean sync"), v.Text("median"), v.Text("99th percentile"), v.Text("changes waiting"),
		},
		Right: []bool{false, false, true, true, true, true},
	}
	shown := f.NodeReports[:min(len(f.NodeReports), mostReports)]
	partial := false
	for _, r := range shown {
		s.row([]string{
			nodeName(v, r), modeSaid(v, r), meanSync(v, r),
			syncRange(v, r, func(t advisor.SyncTimes) advisor.TimeRange { return t.Half }),
			syncRange(v, r, func(t advisor.SyncTimes) advisor.TimeRange { return t.Most }), waitingText(v, r),
		})
		if parts := append(held(v, f, r), programming(v, r)...); len(parts) > 0 {
			s.Items = append(s.Items, Item{Mark: "-", Label: nodeName(v, r), Text: v.Clauses(parts...)})
		}
		partial = partial || !r.Whole
	}
	if more := len(f.NodeReports) - len(shown); more > 0 {
		s.After = append(s.After, v.Sprintf("And %s.", v.Plural(more, "more node", "more nodes")))
	}
	s.After = append(s.After, v.Text("Since kube-proxy started there. A median and a 99th percentile are known as the bucket of the histogram that they lie in; - is not known."))
	if partial {
		s.After = append(s.After, v.Text("A report that ends too early is read as far as it goes."))
	}
	return s
}

// modeSaid is the mode that kube-proxy told or, if it was not asked, showed.
func modeSaid(v say.Voice, r advisor.NodeReport) string {
	if m, shown := r.Inferred.Get(); shown && !r.Mode.IsKnown() {
		return v.Sprintf("%s (inferred)", Mode(v, m))
	}
	return orUnknown(r.Mode, func(m advisor.Mode) string { return Mode(v, m) })
}

func nodeName(v say.Voice, r advisor.NodeReport) string {
	name := plain.Text(r.Node)
	if name == "" {
		name = v.Text("a node")
	}
	if !r.Placed {
		return v.Sprintf("%s (not of this cluster)", name)
	}
	return name
}

func orUnknown[T any](f advisor.Fact[T], text func(T) string) string {
	if x, known := f.Get(); known {
		return text(x)
	}
	return "-"
}

// held says what is on a node, clause by clause.
func held(v say.Voice, f advisor.Facts, r advisor.NodeReport) []string {
	var out []string
	if x, known := r.Backends.IPTablesVersion.Get(); known {
		out = append(out, "iptables "+plain.Text(x))
	}
	if x, known := r.Backends.NFTVersion.Get(); known {
		out = append(out, "nft "+plain.Text(x))
	}
	if m := r.Backends.Modules; len(m) > 0 {
		out = append(out, v.Sprintf("modules %s", plain.Line(strings.Join(m, ", "), 200)))
	}
	for _, c := range []struct {
		n    advisor.Fact[int]
		text func(n int) string
	}{
		{r.Rules, func(n int) string { return rulesBeside(v, n, f, r) }},
		{r.Backends.LegacyChains, func(n int) string { return v.Sprintf("%s in iptables-legacy", v.Count(n, "chain")) }},
		{r.Backends.NFTChains, func(n int) string { return v.Sprintf("%s in iptables-nft", v.Count(n, "chain")) }},
		{r.Backends.VirtualServers, func(n int) string { return v.Count(n, "virtual server") }},
		{r.Conntrack, func(n int) string {
			return v.Sprintf("%s connections tracked of %s", plain.Number(n), orUnknown(r.ConntrackMax, plain.Number))
		}},
	} {
		if n, known := c.n.Get(); known && n > 0 {
			out = append(out, c.text(n))
		}
	}
	if x, known := r.NewConnections.Get(); known {
		rate := number(x)
		if r.AtLeast {
			rate = v.Sprintf("at least %s", rate)
		}
		out = append(out, v.Sprintf("IPVS began %s new connections a second, over %s", rate, took(v, r.Over)))
	}
	return out
}

// rulesBeside sets the rules that kube-proxy counts beside the formula, where that is one
// for this node.
func rulesBeside(v say.Voice, n int, f advisor.Facts, r advisor.NodeReport) string {
	expected, known := f.ExpectedRules(r)
	switch {
	case !known:
		return v.Count(n, "rule")
	case n > expected:
		return v.Sprintf("%s, %s more than the formula gives for the Services of this reading", v.Count(n, "rule"), plain.Number(n-expected))
	case n < expected:
		return v.Sprintf("%s, %s fewer than the formula gives for the Services of this reading", v.Count(n, "rule"), plain.Number(expected-n))
	}
	return v.Sprintf("%s, as many as the formula gives", v.Count(n, "rule"))
}

// programming says how long changes of endpoints took until the rules followed, as far as
// the histogram tells.
func programming(v say.Voice, r advisor.NodeReport) []string {
	t, ok := timesOf(r, advisor.Programming)
	if !ok {
		return nil
	}
	out := []string{v.Sprintf("from the change of an endpoint to the rules %s in the mean of %s", took(v, t.Mean()), v.Count(t.Count, "change"))}
	if !t.Half.Unknown {
		out = append(out, v.Sprintf("median %s", rangeText(v, t.Half)))
	}
	if !t.Most.Unknown {
		out = append(out, v.Sprintf("99th percentile %s", rangeText(v, t.Most)))
	}
	return out
}

// timesOf are the times of a kind on a node, in IPv4 where families are told apart.
func timesOf(r advisor.NodeReport, kind advisor.SyncKind) (t advisor.SyncTimes, ok bool) {
	for _, s := range r.Syncs {
		if s.Kind == kind && (!ok || s.Family == "IPv4") {
			t, ok = s, true
		}
	}
	return t, ok
}

func meanSync(v say.Voice, r advisor.NodeReport) string {
	t, ok := timesOf(r, advisor.AllSyncs)
	if !ok {
		return "-"
	}
	return v.Sprintf("%s over %s", took(v, t.Mean()), v.Count(t.Count, "sync"))
}

func syncRange(v say.Voice, r advisor.NodeReport, of func(advisor.SyncTimes) advisor.TimeRange) string {
	t, ok := timesOf(r, advisor.AllSyncs)
	if !ok {
		return "-"
	}
	return rangeText(v, of(t))
}

// rangeText is a time as far as the bounds of a bucket tell it.
func rangeText(v say.Voice, in advisor.TimeRange) string {
	switch {
	case in.Unknown:
		return "-"
	case in.Open:
		return v.Sprintf("over %s", took(v, in.Low))
	default:
		return v.Sprintf("%s to %s", took(v, in.Low), took(v, in.High))
	}
}

func waitingText(v say.Voice, r advisor.NodeReport) string {
	d, known := r.Waiting.Get()
	switch {
	case !known:
		return "-"
	case d == 0:
		return v.Text("none")
	}
	return v.Sprintf("for at least %s s", plain.Number(int(d/time.Second)))
}

// took is a time in milliseconds, or in seconds from one on, with no more digits than it
// deserves.
func took(v say.Voice, d time.Duration) string {
	if d = d.Round(time.Microsecond); d < 999_500*time.Microsecond { // what is more rounds to 1,000
		return v.Sprintf("%s ms", strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'g', 3, 64))
	}
	return v.Sprintf("%s s", strconv.FormatFloat(d.Seconds(), 'f', 1, 64))
}
