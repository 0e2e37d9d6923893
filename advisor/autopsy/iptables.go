package autopsy

import (
	"maps"
	"slices"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/probe/lab/rules"
)

// What the generator takes as given, in the spelling of a rule.
const generatedMark = "0x4000"

// iptables compares the rules of iptables mode in the tables nat and filter, the second nil
// where it was not read. still says that kube-proxy wrote nothing between both readings.
func (c *comparison) iptables(nat, filter chains, still bool) {
	found := findServices(nat, filter)
	c.services += len(found.byName)
	var list []rules.Service
	endpoints := 0
	for _, name := range slices.Sorted(maps.Keys(found.byName)) {
		p := found.byName[name]
		if !p.ClusterIP.IsValid() {
			continue // what shows it is no rule that kube-proxy writes for a Service
		}
		list = append(list, p.Service)
		endpoints += len(p.Endpoints)
	}
	want := parseSave(string(rules.IPTables(rules.Diff(nil, list), 1)))
	given := learn(nat)
	free := otherJumps(rules.IPVSRules(rules.Diff(nil, nil)), want)
	for _, table := range []string{"nat", "filter"} {
		for chain, all := range want[table] {
			want[table][chain] = found.asGiven(given, all)
			for _, r := range want[table][chain] {
				if optional(chain, r) {
					free[r.same(chain)] = true
				}
			}
		}
	}
	c.tables(found, tables{
		name: "nat", is: nat, want: want["nat"], own: ofIPTables, free: free, large: endpoints > rules.LargeCluster || uncommented(nat),
	})
	if filter == nil {
		c.apart[advisor.ApartFilter] = 0
		return
	}
	c.tables(found, tables{is: filter, want: want["filter"], name: "filter", own: ofIPTables, free: free, moving: !still})
}

// optional reports a rule that kube-proxy writes where it is told to, or can: the counter
// of what comes from this machine to a node port needs nfacct, and invalid packets pass
// with tcpBeLiberal.
func optional(chain string, r rule) bool {
	return chain == "KUBE-NODEPORTS" && r.get("-d") == "127.0.0.0/8" ||
		chain == "KUBE-FORWARD" && r.get("--ctstate") == "INVALID"
}

// uncommented reports rules of endpoints without their comment: those of a kube-proxy with
// over 1,000 endpoints, of which the rules may show fewer.
func uncommented(nat chains) bool {
	without := func(r rule) bool { return r.target() == "DNAT" && !r.has("--comment") }
	for name, chain := range nat {
		if strings.HasPrefix(name, sep) && slices.ContainsFunc(chain, without) {
			return true
		}
	}
	return false
}

// given is what a kube-proxy was told and its rules show.
type given struct {
	mark string
	// local matches what comes from a pod here, in the rules for ClusterIPs (notLocal) and in
	// those for what comes from outside; no option is for a rule without a match. written
	// reports that there is such a rule at all.
	notLocal, local               []option
	notLocalWritten, localWritten bool
}

// learn finds what kube-proxy was told: of the forms that a rule has, the most frequent.
func learn(nat chains) given {
	g := given{mark: generatedMark}
	for _, r := range nat[markMasq] {
		if mark, _, ok := strings.Cut(r.get("--set-xmark"), "/"); ok && r.get("--set-xmark") == mark+"/"+mark {
			g.mark = mark
			break
		}
	}
	clusterIPs, outside, reached := votes{}, votes{}, map[string]bool{}
	for _, r := range nat["KUBE-SERVICES"] {
		reached[r.target()] = true
	}
	for name, chain := range nat {
		switch {
		case strings.HasPrefix(name, svc), strings.HasPrefix(name, svl):
			none := true
			for _, r := range chain {
				if r.target() == markMasq && strings.HasSuffix(r.get("--comment"), " cluster IP") {
					clusterIPs.count(r, "-d", "--dport", "-p", "-j", "--comment")
					none = false
				}
			}
			// A chain that no ClusterIP leads to has none by right.
			if none && reached[name] {
				clusterIPs.none++
			}
		case strings.HasPrefix(name, ext):
			none, local := true, false
			for _, r := range chain {
				comment := r.get("--comment")
				local = local || strings.HasPrefix(comment, "route LOCAL traffic for ")
				if strings.HasPrefix(comment, "pod traffic for ") {
					outside.count(r, "-j", "--comment")
					none = false
				}
			}
			if none && local {
				outside.none++
			}
		}
	}
	g.notLocal, g.notLocalWritten = clusterIPs.most()
	g.local, g.localWritten = outside.most()
	return g
}

// votes counts the forms of a rule by the options that differ from one node to another.
type votes struct {
	none  int
	forms []form
}

type form struct {
	options []option
	n       int
}

func (v *votes) count(r rule, without ...string) {
	var rest []option
	for _, o := range r.options {
		if !slices.Contains(without, o.name) {
			rest = append(rest, o)
		}
	}
	i := slices.IndexFunc(v.forms, func(f form) bool { return slices.Equal(f.options, rest) })
	switch {
	case i >= 0:
		v.forms[i].n++
	case len(v.forms) < 16:
		v.forms = append(v.forms, form{rest, 1})
	}
}

// most is the most frequent form, and whether the rule is written at all.
func (v votes) most() (options []option, written bool) {
	n := v.none
	for _, f := range v.forms {
		if f.n > n {
			options, written, n = f.options, true, f.n
		}
	}
	return options, written
}

// markMasq is the chain that marks what is to be masqueraded.
const markMasq = "KUBE-MARK-MASQ"

// asGiven are rules of the generator as a kube-proxy writes them that was told something
// else, and for every address of a Service.
func (s *services) asGiven(g given, all []rule) []rule {
	pod := rules.PodCIDR().String()
	var out []rule
	for _, r := range all {
		clusterIP, outside := option{"-s", pod, true}, option{"-s", pod, false}
		switch {
		case slices.Contains(r.options, clusterIP):
			if !g.notLocalWritten {
				continue
			}
			r = r.with(clusterIP, g.notLocal...)
		case slices.Contains(r.options, outside):
			if !g.localWritten {
				continue
			}
			r = r.with(outside, g.local...)
		}
		for _, o := range r.options {
			if g.mark != generatedMark && (o.name == "--mark" || o.name == "--set-xmark") {
				r = r.with(o, option{o.name, strings.ReplaceAll(o.value, generatedMark, g.mark), o.not})
			}
		}
		out = append(out, s.everyAddress(r)...)
	}
	return out
}

// everyAddress repeats the rule for the address of a load balancer for every address that
// its Service is reached at, each called as it is.
func (s *services) everyAddress(r rule) []rule {
	addr := r.get("-d")
	comment := r.get("--comment")
	for _, word := range []string{" loadbalancer IP", " has no endpoints", " has no local endpoints"} {
		name, is := strings.CutSuffix(comment, word)
		p := s.byName[name]
		if !is || p == nil || len(p.more) == 0 || addr != p.more[0].addr.String() || addr == p.ClusterIP.String() {
			continue
		}
		var out []rule
		for _, m := range p.more {
			one := r.with(option{"-d", addr, false}, option{"-d", m.addr.String(), false})
			if word == " loadbalancer IP" && m.word != "" {
				one = one.with(option{"--comment", comment, false}, option{"--comment", name + m.word, false})
			}
			out = append(out, one)
		}
		return out
	}
	return []rule{r}
}
