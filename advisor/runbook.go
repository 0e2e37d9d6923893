package advisor

import (
	"iter"
	"slices"
	"strings"

	"kpadvisor/advisor/reuse"
	"kpadvisor/say"
)

// runbook lists the steps of the change, for the platform, after what must be
// read first; without a change that is all. It is empty when every node is known
// to run the recommended mode, or none is recommended, and nothing is to be read.
func (s *situation) runbook(d decision) []Step {
	known, unseen := s.modes()
	steps := s.readSteps()
	if d.mode == "" {
		return steps
	}
	if !unseen && len(known) == 1 && known[0].Mode == d.mode && len(s.running()) == len(s.classes) {
		return steps
	}
	return append(steps, s.moveSteps(d, known, unseen)...)
}

// moveSteps are those of a move to a mode, whether or not it is advised.
func (s *situation) moveSteps(d decision, known []ModeCount, unseen bool) []Step {
	row := platformOf(s.Voice, s.facts.Platform.Value)
	var steps []Step
	if slices.ContainsFunc(s.classes, func(c class) bool { return c.failing }) {
		steps = append(steps, s.repairStep())
	}
	steps = append(steps, s.beforeStep(d.mode, row))
	if s.inForce(IPVS) && s.reuseSafe() != yes {
		steps = append(steps, s.reuseStep(d.mode))
	}
	if first := s.first(d); len(first) > 0 {
		var text []string
		for _, r := range first {
			text = append(text, r.Text)
		}
		steps = append(steps, Step{Title: s.Text("What comes before it"), Text: s.Sentences(text...)})
	}
	if s.weakSpot().Rule != 0 && d.mode == NFTables {
		steps = append(steps, Step{Title: s.Text("Upgrade first"), Text: s.Sentences(s.weakSpot().Text, s.Text("Then try one node and measure."))})
	}
	steps = append(steps, row.write.fill(d.mode), s.effectStep(d.mode, known, unseen), row.perNode.fill(d.mode))
	if !row.replaces && s.leavesRules(known, d.mode, unseen) {
		steps = append(steps, cleanupStep(s.Voice, d.mode))
	}
	steps = append(steps, s.watchStep(d.mode), s.backStep(known, d.mode, row))
	if s.oneNode() {
		for i := range steps {
			steps[i] = steps[i].forOne(s.Voice)
		}
	}
	return steps
}

// forOne words a step for a cluster of a single node.
func (st Step) forOne(v say.Voice) Step {
	for many, one := range oneNodeWords(v) {
		st.Title, st.Text = strings.ReplaceAll(st.Title, many, one), strings.ReplaceAll(st.Text, many, one)
	}
	return st
}

// oneNodeWords are what is said of many nodes, and what is said of one instead.
func oneNodeWords(v say.Voice) iter.Seq2[string, string] {
	return func(yield func(many, one string) bool) {
		for _, w := range [][2]string{
			{v.Text(", one node at a time"), ""},
			{v.Text(", on the first node for an hour, then on all"), v.Text(" for an hour")},
			{v.Text(" So go node by node, and drain where that matters."), ""},
			{v.Text(", and restart kube-proxy node by node"), v.Text(", and restart kube-proxy")},
			{v.Text(" on each node"), ""},
			{v.Text("On each kind of node: "), v.Text("On the node: ")},
			{v.Text(" Reboot, clean or replace each node again."), v.Text(" Reboot or clean the node again.")},
			{v.Text("Then try one node and measure."), v.Text("Then measure.")},
			{v.Text("Reboot each node"), v.Text("Reboot the node")},
		} {
			if !yield(w[0], w[1]) {
				return
			}
		}
	}
}

// repairStep comes before all else where kube-proxy does not run.
func (s *situation) repairStep() Step {
	return Step{
		Title: s.Text("Repair kube-proxy first"), Text: s.reason(KPA058).Text,
		Commands: []string{
			remark("kubectl get pods -A -o wide | grep kube-proxy", s.Text("which do not run")),
			remark("kubectl -n NAMESPACE logs POD --previous | tail", s.Text("why")),
		},
	}
}

// effectStep says what the switch does to the traffic of a node while kube-proxy
// restarts in another mode (measured on kube-proxy 1.37.2).
func (s *situation) effectStep(to Mode, known []ModeCount, unseen bool) Step {
	st := Step{Title: s.Text("What to expect on each node")}
	from := map[Mode]bool{}
	for _, c := range known {
		from[c.Mode] = c.Mode != to
	}
	window := s.Text("Between removing the old rules and the first sync of the new ones, Services on that node do not answer new connections: about a second at 1,000 Services, several at 5,000, and longer with many endpoints or a slow node. So go node by node, and drain where that matters.")
	switch {
	case to == NFTables && from[IPVS]:
		st.Text = s.Sentences(s.Text("Leaving IPVS cuts every open connection through a Service on that node: kube-proxy flushes IPVS when it starts in nftables mode. Drain the node before."), window)
	case to == NFTables:
		st.Text = s.Sentences(s.Text("Open connections go on: conntrack keeps them."), window)
	case from[NFTables]:
		st.Text = s.Sentences(s.Text("kube-proxy removes the table of nftables mode first."), window)
	case unseen && s.mayRunNFTables():
		st.Text = s.Sentences(s.Text("Where nftables mode runs now, kube-proxy removes its table first."), window)
	default:
		st.Text = s.Text("No window and no cut connections: between iptables and IPVS the old rules stay until somebody removes them, and go on answering.")
	}
	return st
}

// readSteps asks for the live sysctls of nodes in IPVS mode, where the advice
// rests on what kube-proxy is assumed to have left and that is not simply safe.
func (s *situation) readSteps() []Step {
	if !slices.ContainsFunc(s.groups, func(g group) bool {
		return g.inForce && !g.sysctlsRead() && g.reuse.Exposure != reuse.Safe
	}) {
		return []Step{}
	}
	return []Step{{
		Title: s.Text("First: read the live sysctls of the IPVS nodes"),
		Text:  s.Text("This advice assumes what kube-proxy leaves. What a node tells of itself stands in its place, for that node: its sysctls, its mode and, where the system shows it, the patch level of its kernel."),
		Commands: []string{
			remark("kpadvisor node-script | ssh NODE sh > NODE.txt", s.Text("for each node in IPVS mode; it changes nothing there")),
			"kpadvisor audit --node-report NODE.txt",
		},
	}}
}

// beforeStep checks what the change can break, and saves what is there.
func (s *situation) beforeStep(m Mode, row platformRow) Step {
	st := Step{Title: s.Text("Before: check, and save what is there"), Commands: slices.Clone(row.save)}
	switch m {
	case NFTables:
		st.Text = s.Text("On each kind of node: kernel 5.13 or later and host nft 1.0.1 or later. Ask whether the CNI and network policies support nftables mode, whether anything reads KUBE-* iptables chains, and whether anybody uses NodePorts on localhost or on other than the primary IP.")
		for _, id := range []RuleID{KPA076, KPA077, KPA078} {
			if r := s.reason(id); r.Text != "" {
				st.Text = s.Sentences(st.Text, r.Text)
			}
		}
		if seen := s.seenBeside(); seen != "" {
			st.Text = s.Sentences(st.Text, s.Sprintf("Seen beside kube-proxy: %s.", seen))
		}
		if s.wantsLiberal() {
			st.Text = s.Sentences(st.Text, s.Text("Set conntrack.tcpBeLiberal: true with the mode: before kernel 6.1, packets in state INVALID, which iptables mode drops, may reset connections."))
		}
		st.Commands = append(st.Commands, remark("uname -r; nft --version", s.Text("on a node")),
			"kubectl get services -A -o jsonpath='{range .items[?(@.spec.type==\"NodePort\")]}{.metadata.namespace}/{.metadata.name}{\"\\n\"}{end}'")
		if s.oldest.IsKnown() && s.oldest.Value.AtLeast(31) {
			st.Commands = append(st.Commands, "curl -s 127.0.0.1:10249/metrics | grep kubeproxy_iptables_localhost_nodeports_accepted_packets_total")
		}
	case IPVS:
		st.Text = s.Text("On each kind of node: modules ip_vs, ip_vs_rr and nf_conntrack load, and the 81775 row above says safe.")
		if s.newest.Value.AtLeast(40) {
			st.Text = s.Sentences(s.Text("Set the feature gate KubeProxyIPVS=true first: without it kube-proxy refuses the mode since 1.40."), st.Text)
		}
		st.Commands = append(st.Commands, remark("modprobe -a ip_vs ip_vs_rr nf_conntrack", s.Text("on a node")), "sysctl "+reuse.SysctlReuse+" "+reuse.SysctlExpire)
	default:
		st.Text = s.Text("On each kind of node: which iptables backend it uses.")
		st.Commands = append(st.Commands, remark("iptables --version", s.Text("on a node: legacy or nf_tables")))
	}
	return st
}

// seenBeside lists the software that a change of mode may concern.
func (s *situation) seenBeside() string {
	var all []string
	for _, c := range s.facts.Components {
		all = append(all, c.text())
	}
	return s.Join(all)
}

// wantsLiberal reports kernels that can run nftables and want tcpBeLiberal with
// it, unless it is known to be set (rule KPA020).
func (s *situation) wantsLiberal() bool {
	return slices.ContainsFunc(s.classes, func(c class) bool {
		k, known := c.kernel.Get()
		return known && c.can(NFTables) == yes && !k.AtLeast(6, 1, 0) && !c.Proxy.Config.TCPBeLiberal.Or(false)
	})
}

// reuseStep puts the remedy of issue 81775 before a change that takes days.
func (s *situation) reuseStep(to Mode) Step {
	st := Step{Title: s.Text("Now: close issue 81775 until the change is through")}
	if to == IPVS {
		st.Title = s.Text("Now, and for as long as IPVS runs: close issue 81775")
	}
	for _, g := range s.groups {
		if g.inForce {
			for _, c := range s.sysctlRemedy(g) {
				if !slices.Contains(st.Commands, c) {
					st.Commands = append(st.Commands, c)
				}
			}
		}
	}
	if len(st.Commands) == 0 {
		st.Text = s.Text("No sysctl helps on these kernels: keep connections open, and make the change soon.")
	}
	return st
}

// leavesRules reports a switch that does not clean up by itself: between
// iptables and IPVS. To and from nftables is cleaned (KEP-2448, KEP-3866).
func (s *situation) leavesRules(known []ModeCount, to Mode, unseen bool) bool {
	if to == NFTables {
		return false
	}
	return unseen || slices.ContainsFunc(known, func(c ModeCount) bool { return c.Mode != to && c.Mode != NFTables })
}

func cleanupStep(v say.Voice, m Mode) Step {
	return Step{
		Title:    v.Text("Remove what the old mode left"),
		Text:     v.Sprintf("Between iptables and IPVS kube-proxy does not remove the other's rules. Reboot each node; or clean it while kube-proxy is stopped there, before %s starts: --cleanup removes every mode's rules.", m.title()),
		Commands: []string{drainNode, remark("systemctl reboot", v.Text("on NODE; or, with kube-proxy stopped: kube-proxy --cleanup")), backNode},
	}
}

// watchStep lists what shows that the new mode works.
func (s *situation) watchStep(m Mode) Step {
	st := Step{Title: s.Text("Watch, on the first node for an hour, then on all"), Commands: []string{
		remark("curl -s 127.0.0.1:10249/proxyMode", s.Sprintf("on the node: %s", m)),
		"curl -s 127.0.0.1:10249/metrics | grep -E 'kubeproxy_sync_proxy_rules_duration_seconds|kubeproxy_network_programming_duration_seconds'",
	}}
	switch m {
	case NFTables:
		st.Commands = append(st.Commands, "curl -s 127.0.0.1:10249/metrics | grep kubeproxy_sync_proxy_rules_nftables_sync_failures_total", "nft list table ip kube-proxy | wc -l")
	case IPVS:
		st.Commands = append(st.Commands, remark("ipvsadm -Ln | awk '$1 == \"->\" && $4 == 0'", s.Text("weight-0 servers that never disappear")), "sysctl "+reuse.SysctlReuse)
	default:
		st.Commands = append(st.Commands, "curl -s 127.0.0.1:10249/metrics | grep kubeproxy_sync_proxy_rules_iptables_restore_failures_total")
	}
	st.Text = s.Text("kube-proxy exits if the mode cannot be used.")
	if m == IPVS && !s.since(26) {
		st.Text = s.Text("Compare /proxyMode with what you wrote: kube-proxy before 1.26 runs iptables instead, without a word, where IPVS cannot be used.")
	}
	st.Text = s.Sentences(st.Text, s.Text(":10256/healthz says healthy before the first sync is through."))
	return st
}

// backStep says how to undo the change.
func (s *situation) backStep(known []ModeCount, to Mode, row platformRow) Step {
	st := Step{Title: s.Text("To go back")}
	old := s.Text("what ran before")
	if len(known) == 1 {
		old = known[0].Mode.title()
	}
	st.Text = s.Sprintf("Write %s back where the mode was written, and restart kube-proxy node by node.", old)
	if to == NFTables || len(known) == 1 && known[0].Mode == NFTables {
		st.Text = s.Sentences(st.Text, s.Text("kube-proxy removes what nftables mode made when it starts in another mode."))
	} else {
		st.Text += s.Text(" Reboot, clean or replace each node again.")
	}
	if len(row.save) > 0 {
		st.Text = s.Sentences(st.Text, s.Text("The saved copy holds what was there."))
	}
	return st
}
