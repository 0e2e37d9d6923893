package advisor

import (
	"slices"
	"strings"

	"kpadvisor/plain"
	"kpadvisor/say"
)

// platformRules are about what runs instead of kube-proxy, and what the
// platform and the reading allow.
func platformRules(v say.Voice) []Rule {
	return []Rule{
		{
			ID: KPA071, Severity: Info, Needs: []Need{NeedImplementation}, Source: "objects of the replacement", anyProxy: true,
			group: func(_ *situation, g *group) bool { return g.runs == no && g.Proxy.Implementation.IsKnown() },
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("No kube-proxy on %s: %s programs Services there.", nodesOf(v, hits), namesOf(v, hits, implementationName))
			},
		},
		{
			ID: KPA072, Severity: Warning, Needs: []Need{NeedImplementation}, Source: "cloudnativelabs/kube-router pkg/utils/sysctl.go; " + src81775, anyProxy: true,
			Remedy: v.Text("read the 81775 row of these nodes"),
			group:  func(_ *situation, g *group) bool { return g.router },
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("kube-router on %s is an IPVS proxy of its own and shares issue 81775.", nodesOf(v, hits))
			},
		},
		{
			ID: KPA073, Severity: Info, Needs: []Need{NeedPlatform}, Source: "documentation of the platform",
			fires: func(s *situation) bool { return platformOf(v, s.facts.Platform.Value).limit != "" },
			text:  func(s *situation, _ []*group) string { return platformOf(v, s.facts.Platform.Value).limit },
		},
		{
			ID: KPA074, Severity: Info, Needs: []Need{NeedKernel}, Source: srcKEP5343,
			Remedy: v.Text("move to a kernel of 5.13 or later"),
			group: func(s *situation, g *group) bool {
				return !g.kernel.Value.AtLeast(5, 11, 0) && s.facts.Platform.Or(Kubeadm).asksValidator()
			},
			text: func(_ *situation, hits []*group) string {
				return v.Sprintf("kubeadm's system validator warns of kernels below its list and refuses none today; planned, not settled, is that from 1.39 it no longer accepts 5.4 and 5.10. Only kubeadm asks it. %s: %s.",
					plain.Upper(nodesOf(v, hits)), namesOf(v, hits, kernelName))
			},
		},
		{
			ID: KPA075, Severity: Warning, Needs: []Need{NeedNodes}, Source: "coverage of this reading",
			fires: func(s *situation) bool { return !s.facts.Coverage.Complete() },
			text: func(s *situation, _ []*group) string {
				return v.Sprintf("Not everything was read: %s missing.", v.Count(len(s.facts.Coverage.Missing), "thing"))
			},
		},
		{
			ID: KPA076, Severity: Warning, Needs: []Need{NeedComponents}, Source: "projectcalico/calico 8025, kubernetes-sigs/kubespray 12198; Calico documentation of linuxDataplane",
			Remedy: v.Text("switch it together with kube-proxy: spec.calicoNetwork.linuxDataplane: Nftables (Calico 3.30 or later), or nftablesMode of FelixConfiguration"),
			fires: func(s *situation) bool {
				c, ok := s.component(ComponentCalico)
				return ok && s.leavesFor(NFTables) && !strings.Contains(strings.ToLower(c.Setting), "nftables") && !strings.Contains(c.Setting, "BPF")
			},
			text: func(s *situation, _ []*group) string {
				c, _ := s.component(ComponentCalico)
				return v.Sprintf("%s programs its own rules, and its data plane must be the one of kube-proxy: in nftables mode it must be switched to Nftables too, or traffic breaks.", c.text())
			},
		},
		{
			ID: KPA077, Severity: Info, Needs: []Need{NeedComponents}, Source: "kubernetes/dns, NodeLocal DNSCache; kubernetes documentation of nodelocaldns",
			Remedy: v.Text("after the move check that pods resolve names on each node; in iptables and nftables mode it can bind the address of kube-dns too"),
			fires: func(s *situation) bool {
				_, ok := s.component(ComponentNodeLocalDNS)
				return ok && s.leavesFor(NFTables)
			},
			text: func(s *situation, _ []*group) string {
				c, _ := s.component(ComponentNodeLocalDNS)
				setting := ""
				if c.Setting != "" {
					setting = " (" + plain.Text(c.Setting) + ")"
				}
				if s.inForce(IPVS) {
					return v.Sprintf("NodeLocal DNSCache runs here%s: its layout for IPVS binds a link-local address alone, which the kubelet names as DNS server; it goes on in nftables mode, but is worth a look before and after the move.", setting)
				}
				return v.Sprintf("NodeLocal DNSCache runs here%s: it binds the address of kube-dns and keeps conntrack off it by rules of its own; look at it before and after the move.", setting)
			},
		},
		{
			ID: KPA078, Severity: Critical, Needs: []Need{NeedNodes}, Source: "kubernetes pkg/proxy/ipvs cleanup (ipvs.Flush); kubernetes issue 59507, kube-vip issues 454, 745",
			Remedy: v.Text("move that balancer off IPVS, or to nodes that kube-proxy has left already, before kube-proxy starts in nftables mode"),
			fires:  func(s *situation) bool { return s.inForce(IPVS) && s.otherIPVS() != "" },
			text: func(s *situation, _ []*group) string {
				return v.Sprintf("%s uses IPVS beside kube-proxy. When kube-proxy starts in nftables mode it flushes the whole IPVS table of the node, also what others put there.", s.otherIPVS())
			},
		},
		{
			ID: KPA079, Severity: Info, Needs: []Need{NeedNodes}, Source: "labels, conditions and taints of the nodes",
			fires: func(s *situation) bool { return len(s.managed)+len(s.aside) > 0 },
			text:  func(s *situation, _ []*group) string { return s.leftOut() },
		},
	}
}

// text names a component with its version and setting, as far as they are known.
func (c Component) text() string {
	text := string(c.Name)
	if c.Version != "" {
		text += " " + plain.Text(c.Version)
	}
	if c.Setting != "" {
		text += " (" + plain.Text(c.Setting) + ")"
	}
	return text
}

// component returns one that was seen.
func (s *situation) component(name ComponentName) (Component, bool) {
	for _, c := range s.facts.Components {
		if c.Name == name {
			return c, true
		}
	}
	return Component{}, false
}

// leavesFor reports nodes that do not run a mode yet and may be advised to.
func (s *situation) leavesFor(m Mode) bool {
	return s.since(31) && slices.ContainsFunc(s.classes, func(c class) bool {
		in, known := c.inMode()
		return !known || in != m
	})
}

// otherIPVS names who else puts entries into IPVS.
func (s *situation) otherIPVS() string {
	var users []string
	for _, c := range s.facts.Components {
		if c.Name == ComponentKubeVIP && strings.Contains(c.Setting, "lb_enable") || c.Name == ComponentKeepalived {
			users = append(users, string(c.Name))
		}
	}
	for _, g := range s.proxied {
		if cidrs := g.Proxy.Config.ExcludeCIDRs.Or(nil); len(cidrs) > 0 && len(users) == 0 {
			return s.Text("Something whose addresses are in ipvs.excludeCIDRs")
		}
	}
	return s.Join(users)
}

// absence is why nodes have no say; one of the three is set.
type absence struct{ managed, leaving, spared string }

func (a absence) text(v say.Voice, nodes int) string {
	switch {
	case a.managed != "":
		return nodesBy(v, nodes, a.managed)
	case a.leaving != "":
		return v.Sprintf("%s (%s)", v.Count(nodes, "node"), a.leaving)
	}
	return v.Sprintf("%s without a kube-proxy pod (%s)", v.Count(nodes, "node"), a.spared)
}

// leftOut names the nodes that have no say, and why.
func (s *situation) leftOut() string {
	counts, order := map[absence]int{}, []absence{}
	add := func(a absence, g group) {
		if counts[a] == 0 {
			order = append(order, a)
		}
		counts[a] += max(g.Nodes, 1)
	}
	for _, g := range s.managed {
		add(absence{managed: plain.Text(g.Managed)}, g)
	}
	for _, g := range s.aside {
		if g.Leaving != "" {
			add(absence{leaving: s.Seen(plain.Text(g.Leaving))}, g)
		} else {
			add(absence{spared: s.Seen(plain.Text(g.Spared))}, g)
		}
	}
	parts := make([]string, 0, len(order))
	for _, a := range order {
		parts = append(parts, a.text(s.Voice, counts[a]))
	}
	if len(s.aside) > 0 && len(s.classes) > 0 && slices.ContainsFunc(s.proxied, func(g group) bool { return g.Leaving+g.Spared != "" }) {
		return s.Sprintf("Only nodes that are leaving or spared are left to decide about: %s.", s.Join(bounded(s.Voice, parts)))
	}
	return s.Sprintf("Left out of this advice, since no mode is to be chosen for them: %s.", s.Join(bounded(s.Voice, parts)))
}

func implementationName(g group) string { return string(g.Proxy.Implementation.Value) }

// asksValidator reports a platform whose nodes kubeadm checks as they join: its own
// and kind's.
func (p Platform) asksValidator() bool { return p == Kubeadm || p == Kind }
