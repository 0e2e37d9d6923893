package cli

import (
	"context"
	"slices"
	"strconv"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/jobs"
	"kpadvisor/probe"
	"kpadvisor/probe/incluster"
	"kpadvisor/ui/evidence"
)

// podsWanted is what is asked for of a run from pods, by flags or on a screen.
type podsWanted struct {
	pods      jobs.Pods
	service   *incluster.ServiceRef // nil for an echo server of the run's own
	plan      probe.Plan
	want      incluster.Want
	temporary bool // a namespace of the run's own instead
	services  int  // of the echo server; 0 is the usual number
	guard     time.Duration
	start     time.Duration
	watch     bool // the Service is rolled out meanwhile
}

// spec decides on nodes and looks the Service up; it reads and creates nothing.
func (w podsWanted) spec(ctx context.Context, client *incluster.Client, facts advisor.Facts) (incluster.Spec, error) {
	nodes, err := client.Nodes(ctx)
	if err != nil {
		return incluster.Spec{}, err
	}
	pair, err := incluster.Pick(withModes(nodes, facts), w.want)
	if err != nil {
		return incluster.Spec{}, err
	}
	own := incluster.Spec{
		Pods: w.pods, Pair: pair, Plan: w.plan, Guard: w.guard, Start: w.start, Services: w.services,
	}
	own.By = client.User(ctx)
	if w.service != nil {
		if own.Service, err = client.Service(ctx, *w.service, w.pods.Namespace); err != nil {
			return incluster.Spec{}, err
		}
	}
	spec := incluster.NewSpec(own, time.Now())
	spec.Pods = ownNamespace(spec.Pods, w.temporary)
	if w.watch {
		spec.Service.Backends = nil // they go while the Service is rolled out: no control
	}
	return spec, nil
}

// withModes adds to the nodes what the survey found out about their kube-proxy:
// the one place where both are known.
func withModes(nodes []jobs.Node, f advisor.Facts) []jobs.Node {
	of := map[string]advisor.Proxy{}
	for _, g := range f.Groups {
		for _, name := range g.Members {
			of[name] = g.Proxy
		}
	}
	nodes = slices.Clone(nodes)
	for i := range nodes {
		proxy := of[nodes[i].Name]
		if impl, seen := proxy.Implementation.Get(); seen && impl != advisor.KubeProxy {
			if nodes[i].Unfit == "" {
				nodes[i].Unfit = string(impl) + " programs Services there, not kube-proxy"
			}
			continue
		}
		nodes[i].Mode, nodes[i].Proxy = string(proxy.Mode.Or("")), proxy.Version.Or("")
	}
	return nodes
}

// inClusterLabels are the modes and the number of Services, as the cluster shows them.
func inClusterLabels(spec incluster.Spec, facts advisor.Facts) map[string]string {
	a, b := spec.Pair.A.Mode, spec.Pair.B.Mode
	if a == "" || b == "" || a == b {
		return nil
	}
	labels := map[string]string{evidence.LabelModeA: a, evidence.LabelModeB: b, evidence.LabelModesFrom: evidence.ModesFromCluster}
	if counts, ok := facts.Services.Get(); ok {
		labels[evidence.LabelServices] = strconv.Itoa(counts.Counted)
	}
	return labels
}
