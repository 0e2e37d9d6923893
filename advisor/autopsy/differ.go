package autopsy

import (
	"cmp"
	"slices"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// How many examples and rows of differences are kept.
const (
	maxExamples = 10
	maxRows     = 60
)

// comparison adds up what differs.
type comparison struct {
	compared int
	services int
	differ   map[advisor.RuleDifference]int // by itself without its count
	apart    map[advisor.NotCompared]int
	examples []advisor.RuleExample
}

func newComparison() *comparison {
	return &comparison{differ: map[advisor.RuleDifference]int{}, apart: map[advisor.NotCompared]int{}}
}

func (c *comparison) add(how advisor.RuleDiffers, table, chain string, example string) {
	c.differ[advisor.RuleDifference{How: how, Table: table, Chain: kindOf(chain)}]++
	if len(c.examples) < maxExamples {
		c.examples = append(c.examples, advisor.RuleExample{How: how, Rule: plain.Line(example, 300)})
	}
}

// kindOf is the name of a chain without what tells it from others of its kind. A name that
// kube-proxy does not give is not repeated: it may name something.
func kindOf(chain string) string {
	for _, prefix := range []string{svc, svl, ext, fw, sep} {
		if strings.HasPrefix(chain, prefix) {
			return strings.TrimSuffix(prefix, "-")
		}
	}
	for _, prefix := range []string{"service-", "local-", "external-", "firewall-", "endpoint-", "affinity-"} {
		if strings.HasPrefix(chain, prefix) && strings.Contains(chain, "/") {
			return strings.TrimSuffix(prefix, "-")
		}
	}
	if len(chain) > 40 || strings.Contains(chain, "/") {
		return "another"
	}
	return plain.Text(chain)
}

// line is a rule as it is compared, and as it is shown.
type line struct{ same, text string }

// sets compares the lines of one chain. Those that may be there or not count for neither.
func (c *comparison) sets(table, chain string, is, want []line, free map[string]bool) (differ bool) {
	count := map[string]int{}
	for _, l := range want {
		count[l.same]++
	}
	var added, missing []line
	for _, l := range is {
		if count[l.same] == 0 && !free[l.same] {
			added = append(added, l)
			continue
		}
		count[l.same] = max(0, count[l.same]-1)
	}
	c.compared += len(is)
	for _, l := range want {
		if count[l.same] > 0 && !free[l.same] {
			missing = append(missing, l)
			count[l.same]--
		}
	}
	changed := min(len(added), len(missing))
	for i := range changed {
		c.add(advisor.RuleChanged, table, chain, added[i].text)
	}
	for _, l := range added[changed:] {
		c.add(advisor.RuleAdded, table, chain, l.text)
	}
	for _, l := range missing[changed:] {
		c.add(advisor.RuleMissing, table, chain, l.text)
	}
	return len(added)+len(missing) > 0
}

// order compares the order of lines of which none is missing and none was added.
func (c *comparison) order(table, chain string, is, want []line, free map[string]bool) {
	count := func(l line) bool { return free[l.same] }
	is, want = slices.DeleteFunc(slices.Clone(is), count), slices.DeleteFunc(slices.Clone(want), count)
	for i := range min(len(is), len(want)) {
		if is[i].same != want[i].same {
			c.add(advisor.RuleOrder, table, chain, is[i].text)
			return
		}
	}
}

// result is what was compared, in an order that does not change from one run to the next.
func (c *comparison) result() advisor.RuleComparison {
	out := advisor.RuleComparison{Services: c.services, Examples: c.examples}
	for d, n := range c.differ {
		d.Count = n
		out.Differ = append(out.Differ, d)
	}
	slices.SortFunc(out.Differ, func(a, b advisor.RuleDifference) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Chain, b.Chain), cmp.Compare(a.How, b.How))
	})
	out.Differ = out.Differ[:min(len(out.Differ), maxRows)]
	for why, n := range c.apart {
		out.Apart = append(out.Apart, advisor.RulesApart{Why: why, Count: n})
	}
	slices.SortFunc(out.Apart, func(a, b advisor.RulesApart) int { return cmp.Compare(a.Why, b.Why) })
	if c.compared > 0 {
		out.Compared = advisor.KnownFrom(c.compared, advisor.NodeReportSource)
	}
	return out
}
