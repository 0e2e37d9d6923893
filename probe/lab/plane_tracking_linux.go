package lab

import (
	"context"

	"sigs.k8s.io/knftables"

	"kpadvisor/probe/lab/rules"
)

// trackingPlane is Direct: the one rule that kube-proxy writes for every packet
// that is forwarded, in each of its modes (drop what conntrack calls INVALID).
// With it the node tracks connections as every node of a cluster does, so that
// direct differs from a mode by the mode alone. Where neither nftables nor
// iptables works there is no rule, and counts says so.
type trackingPlane struct {
	nft  knftables.Interface
	tool []string // iptables-restore; nil where nft is used, or neither works
}

const trackingTable = "direct"

func newTrackingPlane() plane {
	if nft, err := openNFT(trackingTable); err == nil {
		return &trackingPlane{nft: nft}
	}
	if tool, err := findRestore(IPTablesLegacy); err == nil {
		return &trackingPlane{tool: tool}
	}
	return noPlane{}
}

func (p *trackingPlane) plan(c rules.Change) work {
	return func(ctx context.Context) error {
		if !c.First {
			return nil
		}
		if p.nft == nil {
			return runTool(ctx, []byte("*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -m conntrack --ctstate INVALID -j DROP\nCOMMIT\n"), p.tool...)
		}
		tx := p.nft.NewTransaction()
		tx.Add(&knftables.Table{})
		tx.Add(&knftables.Chain{
			Name: "forward", Type: knftables.PtrTo(knftables.FilterType), Hook: knftables.PtrTo(knftables.ForwardHook),
			Priority: knftables.PtrTo(knftables.FilterPriority),
		})
		tx.Add(&knftables.Rule{Chain: "forward", Rule: "ct state invalid drop"})
		return p.nft.Run(ctx, tx)
	}
}

func (*trackingPlane) counts([]rules.Service) Counts { return Counts{Rules: 1, Chains: 1} }
func (*trackingPlane) close()                        {}
