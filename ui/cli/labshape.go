package cli

import (
	"fmt"
	"math/rand/v2"

	"kpadvisor/advisor"
	"kpadvisor/probe/lab/rules"
	"kpadvisor/ui/report"
)

// likeCluster gives the shape the ports and endpoints of a snapshot.
func (a *app) likeCluster(s *rules.Shape) error {
	f, err := a.readFacts(a.flags.lab.like)
	if err != nil {
		return err
	}
	load, ok := f.Load.Get()
	if !ok || load.Ports < 1 {
		return failure{report.Problem{
			Sentence: fmt.Sprintf("The snapshot %s does not say how many ports and endpoints the cluster has.", plainText(a.flags.lab.like)),
			Remedy:   "Write one that read Services and EndpointSlices, or give --services and --endpoints.",
		}, Failure}
	}
	if load.Ports > rules.MaxServices || load.Endpoints > rules.MaxTotal {
		return failure{report.Problem{
			Sentence: fmt.Sprintf("The cluster has %d ports and %d endpoints, and the lab takes %d and %d.", load.Ports, load.Endpoints, rules.MaxServices, rules.MaxTotal),
			Remedy:   "Give --services and --endpoints instead.",
		}, Failure}
	}
	counts, _ := f.Endpoints.Get() // unknown is 0: no Service is the largest
	s.Services, s.Endpoints = load.Ports, 0
	s.Distribution = distribution(load, counts.Largest, s.Seed)
	return nil
}

// distribution is the number of endpoints of each port: as many ports without,
// with one and with the most as the cluster has, and the others alike, in an
// order that the seed decides. Its sum is that of the cluster.
func distribution(l advisor.Load, largest int, seed uint64) []int {
	d := make([]int, 0, l.Ports)
	for range min(l.PortsWithoutEndpoints, l.Ports) {
		d = append(d, 0)
	}
	for range min(l.PortsWithOneEndpoint, l.Ports-len(d)) {
		d = append(d, 1)
	}
	ports, endpoints := l.Ports-len(d), l.Endpoints-l.PortsWithOneEndpoint
	if ports > 1 && largest > endpoints/ports && endpoints-largest >= 2*(ports-1) {
		d = append(d, largest)
		ports, endpoints = ports-1, endpoints-largest
	}
	for i := range ports {
		d = append(d, endpoints/ports+min(1, max(0, endpoints%ports-i)))
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	rng.Shuffle(len(d), func(i, j int) { d[i], d[j] = d[j], d[i] })
	return d
}
