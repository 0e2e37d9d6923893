package autopsy

import (
	"maps"
	"slices"
	"strings"

	"kpadvisor/advisor"
)

// tables is one table as it is and as it should be.
type tables struct {
	name     string
	is, want chains
	own      func(chain string) bool
	free     map[string]bool // rules that may be there or not, as they are compared
	ordered  bool            // the order of rules counts in every chain
	large    bool            // chains that nothing leads to may wait for their removal
	moving   bool            // kube-proxy may have written between this table and the other
}

// ofIPTables reports a chain of kube-proxy in iptables mode, in either table. The kubelet
// has KUBE-FIREWALL and the CANARY chains as well, so that these are not compared.
func ofIPTables(chain string) bool {
	return ofService(chain) || shared(chain) || chain == "KUBE-NODEPORTS" || chain == "KUBE-EXTERNAL-SERVICES"
}

// ofIPVS is the same of IPVS mode.
func ofIPVS(chain string) bool { return shared(chain) || onlyIPVS(chain) }

// shared reports a chain that both modes have.
func shared(chain string) bool {
	return slices.Contains([]string{
		"KUBE-SERVICES", "KUBE-FORWARD", "KUBE-PROXY-FIREWALL", "KUBE-POSTROUTING", markMasq,
	}, chain)
}

func onlyIPVS(chain string) bool {
	return slices.Contains([]string{
		"KUBE-NODE-PORT", "KUBE-LOAD-BALANCER", "KUBE-IPVS-FILTER", outFilter, "KUBE-SOURCE-RANGES-FIREWALL",
	}, chain)
}

// ofService reports the chain of a Service or endpoint, but for that of a firewall.
func ofService(chain string) bool {
	for _, prefix := range []string{svc, svl, ext, sep} {
		if strings.HasPrefix(chain, prefix) {
			return true
		}
	}
	return false
}

// tables compares one table chain by chain.
func (c *comparison) tables(found *services, t tables) {
	names := slices.Concat(slices.Collect(maps.Keys(t.is)), slices.Collect(maps.Keys(t.want)))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		is, there := t.is[name]
		want, wanted := t.want[name]
		switch {
		case t.moving && (name == "KUBE-SERVICES" || name == "KUBE-EXTERNAL-SERVICES"):
			c.apart[advisor.ApartBetween] += max(len(is), len(want))
		case strings.HasPrefix(name, fw) && t.name == "nat" && t.own(ext):
			c.apart[advisor.ApartRanges] += len(is)
		case t.own(name) && ofService(name) && !wanted && t.large:
			c.apart[advisor.ApartLarge] += len(is)
		case t.own(name) && ofService(name) && !wanted:
			c.add(advisor.ChainOrphan, t.name, name, name)
		case shared(name) && !wanted:
			// Of another mode, which has it in this table as well.
		case t.own(name):
			c.chain(found, t, name, is, want)
		case strings.HasPrefix(name, "KUBE-"):
			// The kubelet's, of another mode, or of somebody who calls chains alike.
		case there || wanted:
			c.chain(found, t, name, jumps(t, is), jumps(t, want))
		}
	}
}

// jumps are the rules of a chain of the kernel that lead to kube-proxy's.
func jumps(t tables, all []rule) []rule {
	return slices.DeleteFunc(slices.Clone(all), func(r rule) bool { return !t.own(r.target()) })
}

// otherJumps are the jumps from the chains of the kernel that another mode makes and this
// one does not. They stay where that mode ran before, which is told of its leftovers.
func otherJumps(other []byte, want map[string]chains) map[string]bool {
	out := map[string]bool{}
	for table, all := range parseSave(string(other)) {
		for chain, rules := range all {
			if strings.HasPrefix(chain, "KUBE-") {
				continue
			}
			for _, r := range rules {
				out[r.same(chain)] = true
			}
			for _, r := range want[table][chain] {
				delete(out, r.same(chain))
			}
		}
	}
	return out
}

// chain compares one chain.
func (c *comparison) chain(found *services, t tables, name string, is, want []rule) {
	a, b := c.lines(found, t, name, is), lines(name, want)
	free := t.free
	if name == "KUBE-SERVICES" && t.name == "nat" {
		a, b = atTheEnd(a, b)
	}
	if c.sets(t.name, name, a, b, free) {
		return
	}
	// kube-proxy walks its Services in no order, and inserts its jumps beside those of others.
	if t.ordered && t.own(name) || ofService(name) || name == "KUBE-POSTROUTING" || name == "KUBE-FORWARD" {
		c.order(t.name, name, a, b, free)
	}
}

func lines(chain string, all []rule) []line {
	out := make([]line, len(all))
	for i, r := range all {
		out[i] = line{r.same(chain), r.written(chain)}
	}
	return out
}

// lines are the rules of a node that are compared.
func (c *comparison) lines(found *services, t tables, chain string, all []rule) []line {
	var out []line
	for _, r := range all {
		if why, apart := found.leftOut(t, chain, &r); apart {
			c.apart[why]++
			continue
		}
		out = append(out, line{r.same(chain), r.text})
	}
	return out
}

// leftOut reports a rule that the generator does not know and kube-proxy may well write. A
// jump into a firewall of source ranges is compared as the one that it stands for.
func (s *services) leftOut(t tables, chain string, r *rule) (advisor.NotCompared, bool) {
	target := r.target()
	if hash, is := strings.CutPrefix(target, fw); is && s.byHash[hash] != nil && t.name == "nat" {
		*r = r.with(option{"-j", target, false}, option{"-j", ext + hash, false})
		return "", false
	}
	if chain == "KUBE-PROXY-FIREWALL" && strings.Contains(r.get("--comment"), " traffic not accepted by "+fw) {
		return advisor.ApartRanges, true
	}
	return "", false
}

// atTheEnd leaves out the rules that lead to node ports: kube-proxy writes one, or one for
// each of the addresses that it was told to use. Where there is none, one is missing.
func atTheEnd(is, want []line) (a, b []line) {
	ends := func(l line) bool {
		return strings.Contains(l.same, "-j KUBE-NODEPORTS ") && strings.Contains(l.same, "NOTE: this must be the last rule")
	}
	if !slices.ContainsFunc(is, ends) {
		return is, want
	}
	return slices.DeleteFunc(slices.Clone(is), ends), slices.DeleteFunc(slices.Clone(want), ends)
}
