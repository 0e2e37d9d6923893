package cli

import (
	"errors"
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
	if err = shapeOf(f, s); err != nil {
		return failure{report.Problem{Sentence: sentence(err.Error()), Remedy: "Give --services and --endpoints instead, or another snapshot."}, Failure}
	}
	return nil
}

// labShape is the shape of a cluster, for the screens.
func labShape(f advisor.Facts) (rules.Shape, error) {
	s := rules.Shape{Seed: 1}
	err := shapeOf(f, &s)
	return s, err
}

// shapeOf takes ports and endpoints from the facts. Its error is one sentence.
func shapeOf(f advisor.Facts, s *rules.Shape) error {
	load, ok := f.Load.Get()
	switch {
	case !ok || load.Ports < 1:
		return errors.New("the facts do not say how many ports and endpoints the cluster has: Services and EndpointSlices were not read")
	case load.Ports > rules.MaxServices || load.Endpoints > rules.MaxTotal:
		return fmt.Errorf("the cluster has %d ports and %d endpoints, and the lab takes %d and %d", load.Ports, load.Endpoints, rules.MaxServices, rules.MaxTotal)
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
