package autopsy

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/probe/lab/rules"
)

// nftables compares the table of nftables mode.
func (e report) nftables(c *comparison) {
	s, there := e.sections("nft.kube-proxy")
	known, _ := e.known(oldestNFTables)
	switch {
	case !known:
		c.apart[advisor.ApartVersion] = 0
		return
	case there && !s.Whole && s.Text != "":
		c.apart[advisor.ApartCut] = 0
		return
	case !there || !s.Whole:
		c.apart[advisor.ApartNotRead] = 0
		return
	}
	is := parseNFTList(s.Text)
	found := findNFTServices(is)
	var list []rules.Service
	for _, base := range slices.Sorted(maps.Keys(found.byBase)) {
		if p := found.byBase[base]; p.ClusterIP.IsValid() {
			list = append(list, p.Service)
		}
	}
	script, ok := generated(list)
	if !ok {
		c.apart[advisor.ApartPlatform] = 0
		return
	}
	c.services += len(list)
	want := parseNFTScript(script)
	found.asTold(is, want)
	c.nftChains(is, want)
	c.nftElements(is, want)
}

// nftChains compares the chains. kube-proxy empties those that it will remove.
func (c *comparison) nftChains(is, want *nftTable) {
	for _, name := range is.names(want) {
		a, b := is.chains[name], want.chains[name]
		switch _, ranged := baseOf(name, "firewall-"); {
		case ranged:
			c.apart[advisor.ApartRanges] += len(a)
		case is.declared[name] && !want.declared[name] && strings.Contains(name, "/"):
			if len(a) > 0 {
				c.add(advisor.ChainOrphan, rules.NFTablesTable, name, name)
			}
		case !c.sets(rules.NFTablesTable, name, a, b, nil):
			c.order(rules.NFTablesTable, name, a, b, nil)
		}
	}
}

// nftElements compares the sets and maps, but for clients that keep to an endpoint, and the
// addresses of the node.
func (c *comparison) nftElements(is, want *nftTable) {
	names := slices.Concat(slices.Collect(maps.Keys(is.elements)), slices.Collect(maps.Keys(want.elements)))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		switch {
		case name == "firewall-ips":
			c.apart[advisor.ApartRanges] += len(is.elements[name])
		case name != "nodeport-ips" && !strings.HasPrefix(name, "affinity-"):
			c.sets(rules.NFTablesTable, name, is.elements[name], want.elements[name], nil)
		}
	}
}

// toldRule is a rule that depends on what kube-proxy was told: its chain and what all its
// forms have in common. It may leave out an optional one.
type toldRule struct {
	chain, mark string
	optional    bool
}

func toldRules() []toldRule {
	return []toldRule{
		{"services", "@cluster-ips ", true}, // masquerade what is not from a pod here, all, or nothing
		{"services", "@service-nodeports", false},
		{"nodeport-endpoints-check", "@no-endpoint-nodeports", false},
		{"cluster-ips-check", " drop", true}, // where the ranges of Services are known
		{"masquerading", "mark and ", false},
	}
}

// asTold has the rules of the generator as a kube-proxy writes them that was told something
// else, where the table shows it once.
func (s *nftServices) asTold(is, want *nftTable) {
	for _, t := range toldRules() {
		has := func(l line) bool { return strings.Contains(l.same, t.mark) }
		i := slices.IndexFunc(want.chains[t.chain], has)
		j := slices.IndexFunc(is.chains[t.chain], has)
		switch {
		case i < 0:
		case j >= 0:
			want.chains[t.chain][i] = is.chains[t.chain][j]
		case t.optional:
			want.chains[t.chain] = slices.Delete(want.chains[t.chain], i, i+1)
		}
	}
	mark, fromPods := told(is)
	for name, chain := range want.chains {
		var out []line
		for _, l := range chain {
			if rest, is := strings.CutPrefix(l.same, "ip saddr "+rules.PodCIDR().String()+" "); is && strings.HasPrefix(name, "external-") {
				if fromPods == "" {
					continue
				}
				l.same = fromPods + rest
			}
			l.same = strings.ReplaceAll(l.same, "mark set mark or "+generatedMark, "mark set mark or "+mark)
			out = append(out, l)
		}
		want.chains[name] = out
	}
	s.everyAddress(want)
}

// told finds the mark, and how what comes from pods here is matched before "goto": of the
// forms that the rule has, the most frequent; empty where there is none.
func told(is *nftTable) (mark, fromPods string) {
	mark = generatedMark
	for _, l := range is.chains["masquerading"] {
		if f := strings.Fields(l.same); len(f) > 2 && f[0] == "mark" && f[1] == "and" {
			mark = f[2]
		}
	}
	forms, most := map[string]int{}, 0
	for name, chain := range is.chains {
		if !strings.HasPrefix(name, "external-") {
			continue
		}
		for _, l := range chain {
			before, _, is := strings.Cut(l.same, "goto service-")
			if is && before != "" && !strings.HasPrefix(before, "fib saddr type local") {
				forms[before]++
			}
		}
	}
	for _, form := range slices.Sorted(maps.Keys(forms)) {
		if forms[form] > most {
			fromPods, most = form, forms[form]
		}
	}
	return mark, fromPods
}

// everyAddress repeats the elements for the address of a load balancer for every address
// that its Service is reached at.
func (s *nftServices) everyAddress(want *nftTable) {
	for _, container := range []string{"service-ips", "no-endpoint-services"} {
		verdicts := map[string]string{}
		for _, e := range want.elements[container] {
			key, verdict, _ := strings.Cut(e.same, " : ")
			verdicts[key] = verdict
		}
		for _, p := range s.byBase {
			key := func(m moreAddress) string {
				return m.addr.String() + " . " + p.Protocol + " . " + strconv.Itoa(int(p.Port))
			}
			for _, m := range p.more[min(1, len(p.more)):] {
				if verdict, there := verdicts[key(p.more[0])]; there {
					again := key(m) + " : " + verdict
					want.elements[container] = append(want.elements[container], line{again, again})
				}
			}
		}
	}
}
