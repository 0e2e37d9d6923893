package lab

import (
	"context"
	"fmt"
	"os/exec"
	"strings"

	"sigs.k8s.io/knftables"

	"kpadvisor/probe/lab/rules"
)

// nftPlane runs transactions through the same library as kube-proxy.
type nftPlane struct {
	nft      knftables.Interface
	maxBytes int // of one transaction; 0: no bound
}

func newNFTPlane() (plane, error) {
	if _, err := exec.LookPath("nft"); err != nil {
		return nil, &problem{Reason: "nft is not installed", Remedy: "install the package nftables"}
	}
	nft, err := knftables.New(knftables.IPv4Family, rules.NFTablesTable, knftables.UseNetlink)
	if err != nil {
		if strings.Contains(err.Error(), "Operation not supported") {
			return nil, &problem{Reason: "this kernel has no nf_tables for IPv4 (CONFIG_NF_TABLES_IPV4)", Remedy: "run the lab on another kernel: make uml-kernel builds a user-mode Linux with every mode, for --in uml --uml-kernel PATH", cause: err}
		}
		return nil, fmt.Errorf("could not use nft: %w", err)
	}
	p := &nftPlane{nft: nft}
	if !mayRaiseBuffers() {
		p.maxBytes = rules.MaxUnprivileged
	}
	return p, nil
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
	n := Counts{Rules: rules.NFTablesRules(services), Chains: rules.NFTablesChains(services), Elements: 1 + 2*len(services)}
	for _, s := range services {
		for _, e := range s.Endpoints {
			if e.Local {
				n.Elements++
			}
		}
	}
	return n
}

func (*nftPlane) close() {}
