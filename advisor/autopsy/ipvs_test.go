package autopsy

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/probe/lab/rules"
)

// ipvsNode is what a node in IPVS mode holds for some Services.
type ipvsNode struct{ tables, sets, servers, second, connections, mode, version, addresses string }

func inIPVSMode(services []rules.Service) ipvsNode {
	return ipvsNode{
		tables: string(rules.IPVSRules(rules.Diff(nil, services))), sets: string(rules.IPSetInput(rules.Diff(nil, services))),
		servers: serverText(services), second: serverText(services), mode: "ipvs", version: "v1.37.2",
	}
}

// autopsy is that of the node's report; what is empty was not read.
func (n ipvsNode) autopsy(t testing.TB) advisor.NodeAutopsy {
	t.Helper()
	sections := []string{
		"kube-proxy.mode", n.mode, "kube-proxy.metrics", metrics(n.version), "kube-proxy.metrics.after", metrics(n.version),
		"ipvs.services.at", "100.00 9.9", "ipvs.services.2.at", "105.00 9.9", "iptables.legacy.tables", "",
	}
	if n.tables != "" {
		sections = append(sections, "iptables.nft.nat", table(n.tables, "nat"), "iptables.nft.filter", table(n.tables, "filter"))
	}
	names := ""
	for line := range strings.Lines(n.sets) {
		if f := strings.Fields(line); f[0] == "create" {
			names += f[1] + "\n"
		}
	}
	for section, text := range map[string]string{
		"ipset.save": n.sets, "ipset.names": names, "ipvs.services": n.servers, "ipvs.services.2": n.second,
		"ipvs.connections": n.connections, "ipvs.addresses": n.addresses,
	} {
		if text != "" {
			sections = append(sections, section, text)
		}
	}
	return one(t, sections...)
}

// serverText is /proc/net/ip_vs for some Services.
func serverText(services []rules.Service) string {
	var b strings.Builder
	b.WriteString("IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n")
	for _, s := range services {
		for _, v := range s.VirtualServers() {
			fmt.Fprintf(&b, "%s  %s rr \n", strings.ToUpper(v.Protocol), hexOf(v.Addr))
			for _, e := range v.Endpoints {
				fmt.Fprintf(&b, "  -> %s      Masq    1      0          0         \n", hexOf(e.Addr))
			}
		}
	}
	return b.String()
}

func hexOf(a netip.AddrPort) string {
	b := a.Addr().As4()
	return fmt.Sprintf("%08X:%04X", binary.BigEndian.Uint32(b[:]), a.Port())
}

// everyKind has Services that fill all the sets.
func everyKind() []rules.Service {
	all := rules.Shape{Services: 40, Distribution: []int{3, 0, 1}, NodePort: 30, LoadBalancer: 30, Local: 50, Affinity: 20}.List(0)
	at := netip.MustParseAddr
	for i, t := range []rules.Traffic{
		{ExternalIP: at("192.0.2.77")},
		{ExternalIP: at("192.0.2.78"), ExternalLocal: true},
		{NodePort: 31_900},
		{LoadBalancer: at("198.18.9.1"), SourceRange: netip.MustParsePrefix("203.0.113.0/24")},
	} {
		for j, protocol := range []string{"tcp", "udp", "sctp"} {
			t := t
			if t.NodePort != 0 {
				t.NodePort += uint16(j)
			}
			all = append(all, rules.Service{
				Namespace: "k", Name: fmt.Sprintf("s%d-%d", i, j), Protocol: protocol, Port: 90, ClusterIP: netip.AddrFrom4([4]byte{10, 97, byte(i), byte(j)}),
				Traffic: t, Endpoints: []rules.Endpoint{{Addr: netip.MustParseAddrPort("10.130.0.9:90"), Local: true}},
			})
		}
	}
	return all
}

// TestIPVSClean: a node that nobody touched has no finding, whatever its sets hold.
func TestIPVSClean(t *testing.T) {
	for name, services := range map[string][]rules.Service{
		"plain": rules.Shape{Services: 3, Endpoints: 2}.List(0), "every kind": everyKind(),
	} {
		a := inIPVSMode(services).autopsy(t)
		if len(a.Rules.Differ) > 0 || len(a.Leftovers) > 0 || a.Rules.Compared.Value < 20 ||
			a.IPVS.Foreign != advisor.KnownFrom(0, advisor.NodeReportSource) || a.IPVS.Lacking.Or(-1) != 0 || a.IPVS.Idle+a.IPVS.Draining > 0 {
			t.Errorf("%s: %+v %+v", name, a, a.IPVS)
		}
	}
}

// TestIPVSRules: each change of one rule is found as that.
func TestIPVSRules(t *testing.T) {
	n := inIPVSMode(everyKind())
	line := func(parts ...string) string { return first(t, n.tables, parts...) }
	accept := line("-A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT")
	masquerade := line("-A KUBE-SERVICES", "cluster ip + port for masquerade purpose")
	for name, c := range map[string]struct{ old, with, want string }{
		"one gone":           {accept, "", "1 missing nat KUBE-SERVICES"},
		"one added":          {accept, accept + "-A KUBE-SERVICES -j RETURN\n", "1 added nat KUBE-SERVICES"},
		"not masqueraded":    {masquerade, "", "1 missing nat KUBE-SERVICES"},
		"all masqueraded":    {masquerade, strings.Replace(masquerade, "! -s 10.128.0.0/9 ", "", 1), ""},
		"pods not known":     {masquerade, strings.Replace(strings.Replace(masquerade, "! -s 10.128.0.0/9 ", "", 1), "dst,dst", "src,dst", 1), ""},
		"not filtered":       {line("-A INPUT", "KUBE-IPVS-FILTER"), "", "1 missing filter INPUT"},
		"chains of iptables": {"*nat\n", "*nat\n:KUBE-SVC-AAAAAAAAAAAAAAAA - [0:0]\n:KUBE-NODEPORTS - [0:0]\n-A KUBE-SVC-AAAAAAAAAAAAAAAA -j RETURN\n", ""},
		"their jumps":        {"-A INPUT -m comment --comment \"kubernetes ipvs access filter\"", "-A INPUT -m conntrack --ctstate NEW -m comment --comment \"kubernetes load balancer firewall\" -j KUBE-PROXY-FIREWALL\n-A INPUT -m comment --comment \"kubernetes ipvs access filter\"", ""},
	} {
		m := n
		m.tables = strings.Replace(n.tables, c.old, c.with, 1)
		if a := m.autopsy(t); differ(a) != c.want || m.tables == n.tables {
			t.Errorf("%s: %q, want %q: %+v", name, differ(a), c.want, a.Rules.Examples)
		}
	}
}

const foreignServer = "TCP  0A63010A:0050 wlc \n  -> 0A800001:0050      Route   1      0          0         \n"

// TestForeign: virtual servers that kube-proxy did not make are told where its sets are
// known, and those of a firewall mark everywhere.
func TestForeign(t *testing.T) {
	n := inIPVSMode(rules.Shape{Services: 3, Endpoints: 2, NodePort: 100}.List(0))
	with := func(change func(*ipvsNode)) ipvsNode {
		m := n
		change(&m)
		return m
	}
	for name, c := range map[string]struct {
		node            ipvsNode
		foreign, byMark int
	}{
		"its own":                   {n, 0, 0},
		"one of somebody":           {with(func(n *ipvsNode) { n.servers += foreignServer }), 1, 0},
		"one of a mark":             {with(func(n *ipvsNode) { n.servers += "FWM  00000001 rr \n" }), 1, 1},
		"without its sets":          {with(func(n *ipvsNode) { n.sets, n.servers = "", n.servers+foreignServer+"FWM  00000001 rr \n" }), -1, 1},
		"in a mode that has no use": {ipvsNode{mode: "nftables", version: "v1.37.2", sets: "create other hash:ip\n", servers: foreignServer}, 1, 0},
	} {
		a := c.node.autopsy(t)
		if a.IPVS.Foreign.Or(-1) != c.foreign || a.IPVS.ByMark != c.byMark {
			t.Errorf("%s: %+v", name, a.IPVS)
		}
	}
	lacking := n
	lacking.servers = strings.Replace(n.servers, "TCP  0A60000A:0050", "TCP  0A60FF0A:0050", 1)
	if a := lacking.autopsy(t); a.IPVS.Lacking.Or(-1) != 1 || a.IPVS.Foreign.Or(-1) != 1 {
		t.Errorf("a virtual server moved: %+v", a.IPVS)
	}
}

// TestDraining: a real server of weight 0 stays while it has connections and goes then.
// What begins at it is issue 81775.
func TestDraining(t *testing.T) {
	const masq = "      Masq    1      0          0         \n"
	services := rules.Shape{Services: 1, Endpoints: 3}.List(0)
	n := inIPVSMode(services)
	weigh := func(text string, i int, rest string) string {
		dest := "  -> " + hexOf(services[0].Endpoints[i].Addr)
		return strings.Replace(text, dest+masq, dest+"      Masq    0      "+rest+"         \n", 1)
	}
	for _, text := range []*string{&n.servers, &n.second} {
		*text = weigh(weigh(*text, 0, "3          7"), 1, "0          0")
	}
	vip, gone := hexOf(netip.AddrPortFrom(services[0].ClusterIP, 80)), "0AFFFFFF 1F90"
	spaced := func(a string) string { return strings.Replace(a, ":", " ", 1) }
	at := func(i int) string { return spaced(hexOf(services[0].Endpoints[i].Addr)) }
	connection := func(dest, state string) string {
		return "TCP 0AF40102 D431 " + spaced(vip) + " " + dest + " " + state + "      59\n"
	}
	n.connections = "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n" +
		connection(at(0), "SYN_RECV") + connection(gone, "SYN_RECV") + connection(at(0), "ESTABLISHED") + connection(at(2), "SYN_RECV")
	a := *n.autopsy(t).IPVS
	want := advisor.IPVSAutopsy{
		VirtualServers: 1, Foreign: advisor.KnownFrom(0, advisor.NodeReportSource), Lacking: advisor.KnownFrom(0, advisor.NodeReportSource),
		Draining: 1, Established: 3, Idle: 1, Stayed: 1, Apart: 5 * time.Second, Beginning: advisor.KnownFrom(2, advisor.NodeReportSource),
	}
	if a != want {
		t.Errorf("%+v\nwant %+v", a, want)
	}
	n.second = serverText(services)
	if a := *n.autopsy(t).IPVS; a.Stayed != 0 || a.Beginning.Value != 1 { // the one that is gone is so in both
		t.Errorf("what holds in one reading alone: %+v", a)
	}
}

// TestLeftovers: what a mode that does not run left behind, and of which it would have
// been seen.
func TestLeftovers(t *testing.T) {
	services := rules.Shape{Services: 3, Endpoints: 2}.List(0)
	ipvs := inIPVSMode(services)
	iptables := string(rules.IPTables(rules.Diff(nil, services), 1))
	both := []string{"iptables.legacy.tables", "", "iptables.nft.nat", table(iptables, "nat"), "iptables.nft.filter", table(iptables, "filter"), "nft.tables", "table ip nat\n"}
	inventory := []string{"iptables.legacy.tables", "nat\n", "iptables.legacy.nat.inventory", ":KUBE-SVC-AAAAAAAAAAAAAAAA - [3]\n:KUBE-SERVICES - [9]\n:KUBE-FIREWALL - [1]\n", "nft.tables", ""}
	kubelets := ":KUBE-FIREWALL - [0:0]\n:KUBE-KUBELET-CANARY - [0:0]\n:KUBE-MARK-DROP - [0:0]\n:KUBE-MARK-MASQ - [0:0]\n:KUBE-POSTROUTING - [0:0]\n:KUBE-IPTABLES-HINT - [0:0]\n"
	for name, c := range map[string]struct {
		mode         string
		sections     []string
		left, looked string
	}{
		"nothing":       {"iptables", append(slices.Clone(both), "ipvs.services", "IP Virtual Server\n"), "", "ipvs nftables"},
		"IPVS":          {"iptables", append(slices.Clone(both), "ipvs.services", ipvs.servers, "ipset.save", ipvs.sets, "ipset.names", "KUBE-CLUSTER-IP\nKUBE-LOOP-BACK\nKUBE-6-CLUSTER-IP\nKUBE-SRC-ABC\ncali40\n", "links", "  lo: 1\nkube-ipvs0: 0 0\n"), "3 ipsets, 3 virtual servers, 1 kube-ipvs0", "ipvs nftables"},
		"not root":      {"iptables", []string{"ipvs.services", ipvs.servers, "links", "kube-ipvs0: 0 0\n"}, "3 virtual servers, 1 kube-ipvs0", "ipvs"},
		"others' IPVS":  {"iptables", []string{"ipvs.services", foreignServer, "links", "lo: 0 0\n"}, "", "ipvs"},
		"iptables":      {"ipvs", both, "12 chains in iptables-nft", "iptables nftables"},
		"the kubelet's": {"nftables", []string{"iptables.legacy.tables", "", "iptables.nft.nat", "*nat\n" + kubelets + "COMMIT\n", "nft.tables", "table ip nat\n"}, "", "iptables"},
		"an inventory":  {"nftables", inventory, "2 chains in iptables-legacy", "iptables"},
		"nftables":      {"iptables", []string{"nft.tables", "table ip kube-proxy\ntable ip6 kube-proxy\ntable ip nat\n"}, "2 tables of nftables", "nftables"},
		"IPVS chains":   {"iptables", []string{"iptables.nft.nat", ":KUBE-LOAD-BALANCER - [0:0]\n:KUBE-NODE-PORT - [0:0]\n", "iptables.legacy.tables", ""}, "2 chains in iptables-nft", ""},
		"no mode":       {"", append(slices.Clone(both), "ipvs.services", ipvs.servers), "", ""},
	} {
		a := one(t, append([]string{"kube-proxy.mode", c.mode}, c.sections...)...)
		var left, looked []string
		for _, l := range a.Leftovers {
			left = append(left, fmt.Sprintf("%d %s", l.Count, l.What))
		}
		for _, m := range a.Looked {
			looked = append(looked, string(m))
		}
		absent := name != "not root" && name != "others' IPVS" && name != "nothing" && name != "IPVS" && c.mode != "ipvs" && c.mode != ""
		if absent { // a kernel without IPVS has none of it left
			looked = slices.DeleteFunc(looked, func(m string) bool { return m == "ipvs" })
		}
		if strings.Join(left, ", ") != c.left || strings.Join(looked, " ") != c.looked {
			t.Errorf("%s: %q looked for %q, want %q and %q", name, strings.Join(left, ", "), strings.Join(looked, " "), c.left, c.looked)
		}
	}
}
