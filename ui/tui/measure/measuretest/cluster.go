package measuretest

import (
	"context"
	"errors"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/ui/tui/measure/tools"
)

// Offered is what a cluster has to measure.
func Offered() []tools.Offer {
	ends := func(e tools.Ends, err error) func(context.Context) (tools.Ends, error) {
		return func(context.Context) (tools.Ends, error) { return e, err }
	}
	return []tools.Offer{
		{Name: "shop/cart:http", What: "10.96.0.10:80 and a pod behind it", Ends: ends(tools.Ends{A: "10.96.0.10:80", B: "10.244.1.7:8080"}, nil)},
		{
			Name: "shop/cart:http", What: "NodePort 30080 on n1 (iptables) and n2 (nftables)",
			Ends: ends(tools.Ends{A: "192.0.2.1:30080", B: "192.0.2.2:30080", ModeA: advisor.IPTables, ModeB: advisor.NFTables}, nil),
		},
		{Name: "shop/empty:http", What: "10.96.0.11:80 and a pod behind it", Ends: ends(tools.Ends{}, errors.New("the Service has no ready endpoint"))},
	}
}

// Nodes decides on probes from pods as the real thing does, on made-up nodes.
type Nodes struct {
	Prober *Prober
	Denied string
	Asked  []tools.NodesRequest
	Begun  int
}

// Decide is what decides, as [tools.ClusterBench] says.
func (f *Nodes) Decide(_ context.Context, r tools.NodesRequest) (tools.NodesPlan, error) {
	f.Asked = append(f.Asked, r)
	if r.NodeA == "no-such-node" {
		return tools.NodesPlan{}, plain.Fail("There is no node no-such-node. \"kubectl get nodes\" lists those there are.", "", nil)
	}
	plan := probe.DefaultPlan()
	return tools.NodesPlan{
		Sides: []string{"A: worker-1 (iptables)", "B: worker-2 (nftables)"}, Why: "Alike (kernel, kube-proxy) but for the mode.",
		Load: "At most 100 new connections per second at any time, from one node, to Service shop/cart:http", Lasts: 87 * time.Second, Deadline: 5 * time.Minute,
		Costs: []string{"The 16 Services have 2 endpoints each, 32 together. kube-proxy on every node of the cluster writes rules for them, " +
			"once a second at most while they come and once more when they go. At 5,000 Services one such write took 0.7 to 2 s in iptables mode and 0.2 s in nftables mode where it was measured (kube-proxy 1.37)."},
		Denied: f.Denied,
		Rights: []tools.RightNeeded{
			{Text: "create jobs.batch in default", Why: "the Jobs whose pods measure", Allowed: true},
			{Text: "list events in default", Why: "the reason why a pod is not made or does not start"},
		},
		Objects:   []string{"Job kpadvisor-abc123-a in namespace default", "Job kpadvisor-abc123-b in namespace default"},
		Count:     2,
		Manifests: "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: kpadvisor-abc123-a\n---\napiVersion: batch/v1\nkind: Job\n",
		Plan:      plan, Targets: TwoTargets(), Labels: map[string]string{"modeA": "iptables", "modeB": "nftables"},
		Begin: func() (tools.Prober, error) {
			f.Begun++
			return f.Prober, nil
		},
	}, nil
}
