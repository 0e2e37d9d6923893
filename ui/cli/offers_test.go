package cli

import (
	"context"
	"net/netip"
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/ui/tui/measure/tools"
)

// book is a fake of what a cluster answers.
type book map[string]string

func (b book) EndpointOf(_ context.Context, p cluster.ServicePort) (netip.AddrPort, error) {
	if at, ok := b[p.Service]; ok {
		return netip.MustParseAddrPort(at), nil
	}
	return netip.AddrPort{}, cluster.ErrNoEndpoint
}

func (b book) NodeIP(_ context.Context, node string) (netip.Addr, error) {
	return netip.ParseAddr(b[node])
}

func TestOffers(t *testing.T) {
	group := func(mode advisor.Mode, kernel string, names ...string) advisor.NodeGroup {
		g := advisor.NodeGroup{OS: "linux", Arch: "amd64", Kernel: kernel, NodeNames: names}
		g.Proxy.Mode = advisor.KnownFrom(mode, "test")
		return g
	}
	ports := []cluster.ServicePort{
		{Namespace: "shop", Service: "cart", Name: "http", At: netip.MustParseAddrPort("10.96.0.10:80"), NodePort: 30080},
		{Namespace: "shop", Service: "empty", At: netip.MustParseAddrPort("[fd00::1]:80")},
	}
	find := book{"cart": "10.244.1.7:8080", "n1": "192.0.2.1", "n2": "192.0.2.2"}
	got := offersOf(ports, []advisor.NodeGroup{
		group(advisor.IPVS, "5.4.0", "n0"), group(advisor.IPTables, "5.15.0", "n1"), group(advisor.NFTables, "5.15.0"), group(advisor.NFTables, "5.15.0", "n2"),
	}, find)
	for i, want := range []struct {
		name, what string
		ends       tools.Ends
		fails      bool
	}{
		{"shop/cart:http", "10.96.0.10:80 and a pod behind it", tools.Ends{A: "10.96.0.10:80", B: "10.244.1.7:8080"}, false},
		{
			"shop/cart:http", "NodePort 30080 on n1 (iptables) and n2 (nftables)",
			tools.Ends{A: "192.0.2.1:30080", B: "192.0.2.2:30080", ModeA: advisor.IPTables, ModeB: advisor.NFTables},
			false,
		},
		{"shop/empty", "[fd00::1]:80 and a pod behind it", tools.Ends{}, true},
	} {
		ends, err := got[i].Ends(t.Context())
		if got[i].Name != want.name || got[i].What != want.what || (err != nil) != want.fails || err == nil && ends != want.ends {
			t.Errorf("%d: %q, %q, %+v, %v", i, got[i].Name, got[i].What, ends, err)
		}
	}
	if n := len(offersOf(ports, []advisor.NodeGroup{group(advisor.IPTables, "5.15.0", "n1"), group(advisor.NFTables, "6.1.0", "n2")}, find)); n != 2 {
		t.Errorf("%d offers: nodes that differ in the kernel too are no pair", n)
	}
}
