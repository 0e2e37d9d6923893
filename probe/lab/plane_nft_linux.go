package lab

import (
	"context"
	"fmt"
	"os/exec"
	"strings"

	"sigs.k8s.io/knftables"

	"kpadvisor/plain"
	"kpadvisor/probe/lab/rules"
)

// nftPlane runs transactions through the same library as kube-proxy.
type nftPlane struct {
	nft      knftables.Interface
	maxBytes int // of one transaction; 0: no bound
}

func newNFTPlane() (plane, error) {
	nft, err := openNFT(rules.NFTablesTable)
	if err != nil {
		return nil, err
	}
	p := &nftPlane{nft: nft}
	if !mayRaiseBuffers() {
		p.maxBytes = rules.MaxUnprivileged
	}
	return p, nil
}

// openNFT opens a table of the calling thread's namespace.
func openNFT(table string) (knftables.Interface, error) {
	if _, err := exec.LookPath("nft"); err != nil {
		return nil, plain.Fail("nft is not installed", "install the package nftables", nil)
	}
	nft, err := knftables.New(knftables.IPv4Family, table, knftables.UseNetlink)
	if err != nil {
		if strings.Contains(err.Error(), "Operation not supported") {
			return nil, plain.Fail("this kernel has no nf_tables for IPv4 (CONFIG_NF_TABLES_IPV4)",
				"run the lab on another kernel: make uml-kernel builds a user-mode Linux with every mode, for --in uml --uml-kernel PATH", err)
		}
		return nil, fmt.Errorf("could not use nft: %w", err)
	}
	return nft, nil
}

// plan lists chains and sets before each change, as every sync of kube-proxy
// does: that is most of the time of a small change.
func (p *nftPlane) plan(c rules.Change) work {
	transactions := rules.NFTables(p.nft, c, p.maxBytes)
	return func(ctx context.Context) error {
		if !c.First {
			for _, kind := range []string{"chain", "sets"} {
				if _, err := p.nft.List(ctx, kind); err != nil {
					return fmt.Errorf("could not list nftables %s: %w", kind, toolError(ctx, "nft", err, err.Error()))
				}
			}
		}
		for _, tx := range transactions {
			if err := p.nft.Run(ctx, tx); err != nil {
				return toolError(ctx, "nft", err, err.Error())
			}
		}
		return nil
	}
}

func (p *nftPlane) counts(services []rules.Service) Counts {
	return Counts{Rules: rules.NFTablesRules(services), Chains: rules.NFTablesChains(services), Elements: rules.NFTablesElements(services)}
}

func (*nftPlane) close() {}
