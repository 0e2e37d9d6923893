package advisor

import (
	"fmt"
	"slices"
)

// runbook lists the steps of the change, for the platform, after what must be
// read first; without a change that is all. It is empty when every node is known
// to run the recommended mode, or none is recommended, and nothing is to be read.
func (s *situation) runbook(v verdict) []Step {
	known, unseen := s.modes()
	steps := s.readSteps()
	if v.mode == "" {
		return steps
	}
	if !unseen && len(known) == 1 && known[0].Mode == v.mode {
		return steps
	}
	row := platformOf(s.facts.Platform.Value)
	steps = append(steps, s.beforeStep(v.mode, row))
	if s.inForce(IPVS) && s.reuseSafe() != yes {
		steps = append(steps, s.reuseStep())
	}
	if s.weakSpot().Rule != "" && v.mode == NFTables {
		steps = append(steps, Step{Title: "Upgrade first", Text: s.weakSpot().Text + " Then try one node and measure."})
	}
	steps = append(steps, row.write.fill(v.mode), row.perNode.fill(v.mode))
	if !row.replaces && s.leavesRules(known, v.mode, unseen) {
		steps = append(steps, cleanupStep(v.mode))
	}
	return append(steps, watchStep(v.mode), s.backStep(known, v.mode, row))
}

// readSteps asks for the live sysctls of nodes in IPVS mode, where the advice
// rests on what kube-proxy is assumed to have left and that is not simply safe.
func (s *situation) readSteps() []Step {
	if !slices.ContainsFunc(s.groups, func(g group) bool {
		return g.inForce && len(g.Proxy.Sysctls) == 0 && g.reuse.exposure != Safe
	}) {
		return []Step{}
	}
	return []Step{{
		Title:    "First: read the live sysctls of the IPVS nodes",
		Text:     "This advice assumes what kube-proxy leaves. What was read stands in its place, node group by node group; --sysctls takes the output of sysctl net.ipv4.vs as it is.",
		Commands: ReadSysctlCommands(),
	}}
}

// beforeStep checks what the change can break, and saves what is there.
func (s *situation) beforeStep(m Mode, row platformRow) Step {
	st := Step{Title: "Before: check, and save what is there", Commands: slices.Clone(row.save)}
	switch m {
	case NFTables:
		st.Text = "On each kind of node: kernel 5.13 or later and host nft 1.0.1 or later. Ask whether the CNI and network policies support nftables mode, whether anything reads KUBE-* iptables chains, and whether anybody uses NodePorts on localhost or on other than the primary IP."
		st.Commands = append(st.Commands, "uname -r; nft --version    # on a node",
			"kubectl get services -A -o jsonpath='{range .items[?(@.spec.type==\"NodePort\")]}{.metadata.namespace}/{.metadata.name}{\"\\n\"}{end}'")
		if s.oldest.IsKnown() && s.oldest.Value.AtLeast(31) {
			st.Commands = append(st.Commands, "curl -s 127.0.0.1:10249/metrics | grep kubeproxy_iptables_localhost_nodeports_accepted_packets_total")
		}
	case IPVS:
		st.Text = "On each kind of node: modules ip_vs, ip_vs_rr and nf_conntrack load, and the 81775 row above says safe."
		st.Commands = append(st.Commands, "modprobe -a ip_vs ip_vs_rr nf_conntrack    # on a node", "sysctl "+sysctlReuse+" "+sysctlExpire)
	default:
		st.Text = "On each kind of node: which iptables backend it uses."
		st.Commands = append(st.Commands, "iptables --version    # on a node: legacy or nf_tables")
	}
	return st
}

// reuseStep puts the remedy of issue 81775 before a change that takes days.
func (s *situation) reuseStep() Step {
	st := Step{Title: "Now: close issue 81775 until the change is through"}
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
		st.Text = "No sysctl helps on these kernels: keep connections open, and make the change soon."
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

func cleanupStep(m Mode) Step {
	return Step{
		Title:    "Remove what the old mode left",
		Text:     fmt.Sprintf("Between iptables and IPVS kube-proxy does not remove the other's rules. Reboot each node; or clean it while kube-proxy is stopped there, before %s starts: --cleanup removes every mode's rules.", m.title()),
		Commands: []string{drainNode, "systemctl reboot    # on NODE; or, with kube-proxy stopped: kube-proxy --cleanup", backNode},
	}
}

// watchStep lists what shows that the new mode works.
func watchStep(m Mode) Step {
	st := Step{Title: "Watch, on the first node for an hour, then on all", Commands: []string{
		"curl -s 127.0.0.1:10249/proxyMode    # on the node: " + string(m),
		"curl -s 127.0.0.1:10249/metrics | grep -E 'kubeproxy_sync_proxy_rules_duration_seconds|kubeproxy_network_programming_duration_seconds'",
	}}
	switch m {
	case NFTables:
		st.Commands = append(st.Commands, "curl -s 127.0.0.1:10249/metrics | grep kubeproxy_sync_proxy_rules_nftables_sync_failures_total", "nft list table ip kube-proxy | wc -l")
	case IPVS:
		st.Commands = append(st.Commands, "ipvsadm -Ln | grep -c ' 0 '    # weight-0 servers that never disappear", "sysctl "+sysctlReuse)
	default:
		st.Commands = append(st.Commands, "curl -s 127.0.0.1:10249/metrics | grep kubeproxy_sync_proxy_rules_iptables_restore_failures_total")
	}
	st.Text = "kube-proxy exits if the mode cannot be used; it does not fall back. :10256/healthz says healthy before the first sync is through."
	return st
}

// backStep says how to undo the change.
func (s *situation) backStep(known []ModeCount, to Mode, row platformRow) Step {
	st := Step{Title: "To go back"}
	old := "what ran before"
	if len(known) == 1 {
		old = known[0].Mode.title()
	}
	st.Text = fmt.Sprintf("Write %s back where the mode was written, and restart kube-proxy node by node.", old)
	if to == NFTables || len(known) == 1 && known[0].Mode == NFTables {
		st.Text += " kube-proxy removes what nftables mode made when it starts in another mode."
	} else {
		st.Text += " Reboot, clean or replace each node again."
	}
	if len(row.save) > 0 {
		st.Text += " The saved copy holds what was there."
	}
	return st
}
