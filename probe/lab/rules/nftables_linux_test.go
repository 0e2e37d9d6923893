package rules

import (
	"context"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/knftables"
)

// run applies transactions to a fake, which rejects what nft would reject.
func run(t *testing.T, nft *knftables.Fake, c Change, maxBytes int) {
	t.Helper()
	for _, tx := range NFTables(nft, c, maxBytes) {
		if err := nft.Run(context.Background(), tx); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNFTablesGolden(t *testing.T) {
	nft := knftables.NewFake(knftables.IPv4Family, NFTablesTable)
	services := small()
	run(t, nft, Diff(nil, services), 0)
	golden(t, "nftables-first.txt", []byte(nft.Dump()))
	moved := WithOneEndpointMoved(services, 0)
	golden(t, "nftables-one-endpoint.txt", []byte(NFTables(nft, Diff(services, moved), 0)[0].String()))
}

// Whatever the way to a list of Services, and whatever the batches, the table
// ends the same but for emptied chains.
func TestNFTablesEndsTheSame(t *testing.T) {
	wanted := Shape{Services: 25, Distribution: []int{3, 0, 1}, Seed: 4, NodePort: 30, LoadBalancer: 20, Affinity: 40, Local: 50}.List(0)
	direct := knftables.NewFake(knftables.IPv4Family, NFTablesTable)
	run(t, direct, Diff(nil, wanted), 0)
	detour := knftables.NewFake(knftables.IPv4Family, NFTablesTable)
	from := Shape{Services: 60, Distribution: []int{1, 2, 0}, Seed: 5, NodePort: 20, LoadBalancer: 50, Affinity: 30, Local: 20}.List(0)
	run(t, detour, Diff(nil, from), 9000)
	run(t, detour, Diff(from, wanted), 9000)
	if got, want := lookups(detour), lookups(direct); got != want {
		t.Errorf("after a detour:\n%s\nwant:\n%s", got, want)
	}
}

// lookups is the dump without chain declarations: rules and elements, sorted.
func lookups(nft *knftables.Fake) string {
	var lines []string
	for l := range strings.Lines(nft.Dump()) {
		if !strings.HasPrefix(l, "add chain ") {
			lines = append(lines, l)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// kube-proxy's change of one endpoint is an add and a flush of one chain and one
// rule; a local endpoint moves in hairpin-connections besides.
func TestNFTablesOneEndpointIsThreeOperations(t *testing.T) {
	services := Shape{Services: 50, Endpoints: 4}.List(0)
	nft := knftables.NewFake(knftables.IPv4Family, NFTablesTable)
	run(t, nft, Diff(nil, services), 0)
	txs := NFTables(nft, Diff(services, WithOneEndpointMoved(services, 5)), 0)
	if len(txs) != 1 || txs[0].NumOperations() != 3 {
		t.Errorf("%d transactions, the first of %d operations:\n%s", len(txs), txs[0].NumOperations(), txs[0])
	}
}

func TestNFTablesCounts(t *testing.T) {
	services := Shape{Services: 200, Distribution: []int{3, 1, 0}, Seed: 1, NodePort: 30, LoadBalancer: 20, Affinity: 40, Local: 50}.List(0)
	nft := knftables.NewFake(knftables.IPv4Family, NFTablesTable)
	run(t, nft, Diff(nil, services), 0)
	dump := nft.Dump()
	if got, want := strings.Count(dump, "add rule "), NFTablesRules(services); got != want {
		t.Errorf("%d rules, counted %d", got, want)
	}
	if got, want := strings.Count(dump, "add element "), NFTablesElements(services); got != want {
		t.Errorf("%d elements, counted %d", got, want)
	}
	if got, want := strings.Count(dump, "add chain "), NFTablesChains(services); got != want {
		t.Errorf("%d chains, counted %d", got, want)
	}
}
