package autopsy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/probe/lab/rules"
)

// sane fails the test where an autopsy has more than it may, or what must not be shown.
func sane(t testing.TB, a advisor.NodeAutopsy) {
	t.Helper()
	if len(a.Rules.Differ) > maxRows || len(a.Rules.Examples) > maxExamples || len(a.Rules.Apart) > 16 || len(a.Leftovers) > 16 {
		t.Errorf("too much of it: %+v", a)
	}
	for _, e := range a.Rules.Examples {
		if e.Rule != plain.Line(e.Rule, 300) {
			t.Errorf("an example that must not be shown: %q", e.Rule)
		}
	}
	for _, d := range a.Rules.Differ {
		if d.Chain != plain.Text(d.Chain) || len(d.Chain) > 40 || d.Count <= 0 || strings.Contains(d.Chain, "/") {
			t.Errorf("a chain that must not be shown: %q", d.Chain)
		}
	}
}

// FuzzAutopsy: whatever tables hold, an autopsy ends, and is bounded and safe to show.
func FuzzAutopsy(f *testing.F) {
	services := rules.Shape{Services: 3, Endpoints: 2, NodePort: 50, LoadBalancer: 30, Local: 50}.List(0)
	n := inIPVSMode(services)
	iptables := string(rules.IPTables(rules.Diff(nil, services), 1))
	nft := saved(f, "nftables-plain.txt")
	f.Add("iptables", iptables, nft, n.servers, n.sets)
	f.Add("ipvs", n.tables, "table ip kube-proxy {\n\tchain \x1b[31m {\n\t\tdrop\n", "TCP  [::1]:FFFF\n  -> 0:0 a 0 -1 -1", "add KUBE-CLUSTER-IP x,tcp:99999")
	f.Add("nftables", "*nat\n-A KUBE-SERVICES -j KUBE-SVC-\x00 --comment \"a/b cluster IP\"\n", nft, "", "")
	f.Fuzz(func(t *testing.T, mode, saved, nft, servers, sets string) {
		sane(t, one(t, "kube-proxy.mode", mode, "kube-proxy.metrics", metrics("v1.37.2"), "kube-proxy.metrics.after", metrics("v1.37.2"),
			"iptables.nft.nat", saved, "iptables.nft.filter", saved, "nft.kube-proxy", nft, "nft.tables", nft,
			"ipvs.services", servers, "ipvs.services.2", servers, "ipvs.connections", servers, "ipset.save", sets, "ipset.names", sets))
	})
}

// TestHostile: escapes, floods and lies neither stop an autopsy nor take it long.
func TestHostile(t *testing.T) {
	const many = 40_000
	var jumps, elements, addresses, names strings.Builder
	jumps.WriteString("*nat\n-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m comment --comment \"a/b cluster IP\" -m tcp --dport 80 -j KUBE-SVC-" + rules.ServiceHash("a/b", "tcp") + "\n")
	for i := range many {
		addr := fmt.Sprintf("10.%d.%d.%d:80", i>>16, i>>8&255, i&255)
		sep := "KUBE-SEP-" + rules.EndpointHash("a/b", "tcp", addr)
		fmt.Fprintf(&jumps, "-A KUBE-SVL-%s -j %s\n-A %s -p tcp -j DNAT --to-destination %s\n", rules.ServiceHash("a/b", "tcp"), sep, sep, addr)
		fmt.Fprintf(&elements, "10.%d.%d.%d . tcp . 80 : goto external-AAAAAAAA-a/b%d/tcp/c,\n", i>>16, i>>8&255, i&255, i%1_000)
		fmt.Fprintf(&addresses, "-A KUBE-SERVICES -d 10.%d.%d.%d/32 -p tcp -m comment --comment \"a/b loadbalancer IP\" --dport 80 -j X\n", i>>16, i>>8&255, i&255)
		fmt.Fprintf(&names, ":KUBE-SVC-%016d - [0:0]\n:\x1b[2J%d/x - [0:0]\n-A \x1b[2J%d/x -j KUBE-SERVICES\n", i, i, i)
	}
	for name, tables := range map[string]string{
		"one Service with many endpoints": jumps.String(), "with many addresses": "*nat\n" + addresses.String(),
		"chains of any name": "*nat\n-A KUBE-SERVICES -j X\n" + names.String(),
		"a long line":        "*nat\n-A KUBE-SERVICES -m comment --comment \"" + strings.Repeat("x", 2<<20) + "\" -j X\n",
		"quotes":             "*nat\n-A KUBE-SERVICES -m comment --comment \"\x1b[31m\\\" -j \"X\n-A KUBE-SERVICES ! ! ! --dport\n-A\n-A \n",
	} {
		began := time.Now()
		sane(t, inIPTablesMode(t, tables+"COMMIT\n*filter\nCOMMIT\n"))
		if took := time.Since(began); took > time.Minute {
			t.Errorf("%s: %s", name, took)
		}
	}
	began := time.Now()
	sane(t, inNFTablesMode(t, "table ip kube-proxy {\n\tmap service-ips {\n\t\telements = { "+elements.String()+" }\n\t}\n}\n"))
	if took := time.Since(began); took > time.Minute {
		t.Errorf("many addresses in nftables: %s", took)
	}
}
