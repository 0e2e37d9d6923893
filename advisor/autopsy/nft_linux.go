package autopsy

import (
	"strings"

	"sigs.k8s.io/knftables"

	"kpadvisor/probe/lab/rules"
)

// generated is what nft would read to make the table for these Services.
func generated(services []rules.Service) (script string, ok bool) {
	var b strings.Builder
	nft := knftables.NewFake(knftables.IPv4Family, rules.NFTablesTable)
	for _, tx := range rules.NFTables(nft, rules.Diff(nil, services), 0) {
		b.WriteString(tx.String())
	}
	return b.String(), true
}
