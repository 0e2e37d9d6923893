package evidence

import (
	"fmt"
	"math/rand/v2"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/probe/lab/rules"
)

// Shape is that of a cluster, with every port and endpoint of it. Its error is one
// sentence.
func Shape(f advisor.Facts) (rules.Shape, error) {
	s := rules.Shape{Seed: 1}
	_, err := ShapeOf(f, "what was read", &s)
	return s, err
}

// ShapeOf takes ports and endpoints from facts of that name, and says how far
// the shape is alike. Its error is one sentence.
func ShapeOf(f advisor.Facts, name string, s *rules.Shape) (note string, err error) {
	load, ok := f.Load.Get()
	switch {
	case !ok || load.Ports < 1:
		return "", fmt.Errorf("how many ports and endpoints the cluster has is not known from %s", name)
	case load.Ports > rules.MaxServices || load.Endpoints > rules.MaxTotal:
		return "", fmt.Errorf("the cluster has %s ports and %s endpoints, and the lab takes %s and %s",
			plain.Number(load.Ports), plain.Number(load.Endpoints), plain.Number(rules.MaxServices), plain.Number(rules.MaxTotal))
	}
	s.Services, s.Endpoints = load.Ports, 0
	note = fmt.Sprintf("As in %s: %s, %s, ", name, plain.Count(load.Ports, "port"), plain.Count(load.Endpoints, "endpoint"))
	if s.Distribution, ok = replay(f.PortsByEndpoints, load, s.Seed); ok {
		return note + "and as many ports with each number of endpoints, in an order that the seed decides", nil
	}
	counts, _ := f.Endpoints.Get() // unknown is 0: no Service is the largest
	s.Distribution = distribution(load, counts.Largest, s.Seed)
	return note + "as many ports with none, with one and with the most of them, the others alike (how the others differ was not read)", nil
}

// replay is the number of endpoints of each port as the cluster has them; false
// if the rows are not those of this load.
func replay(rows []advisor.PortCount, l advisor.Load, seed uint64) ([]int, bool) {
	d, endpoints := make([]int, 0, l.Ports), 0
	for _, row := range rows {
		if row.Ports < 0 || row.Endpoints < 0 || row.Ports > l.Ports-len(d) || row.Endpoints > rules.MaxTotal {
			return nil, false
		}
		for range row.Ports {
			d = append(d, row.Endpoints)
		}
		if endpoints += row.Ports * row.Endpoints; endpoints > l.Endpoints {
			return nil, false
		}
	}
	if len(d) != l.Ports || endpoints != l.Endpoints {
		return nil, false
	}
	shuffle(d, seed)
	return d, true
}

func shuffle(d []int, seed uint64) {
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(d), func(i, j int) { d[i], d[j] = d[j], d[i] })
}

// distribution is made up from sums: as many ports without, with one and with
// the most endpoints as the cluster has, and the others alike. Its sum is that
// of the cluster.
func distribution(l advisor.Load, largest int, seed uint64) []int {
	d := make([]int, 0, l.Ports)
	for range min(l.PortsWithoutEndpoints, l.Ports) {
		d = append(d, 0)
	}
	for range min(l.PortsWithOneEndpoint, l.Ports-len(d)) {
		d = append(d, 1)
	}
	ports, endpoints := l.Ports-len(d), max(0, l.Endpoints-l.PortsWithOneEndpoint) // a file's sums may contradict each other
	if ports > 1 && largest > endpoints/ports && endpoints-largest >= 2*(ports-1) {
		d = append(d, largest)
		ports, endpoints = ports-1, endpoints-largest
	}
	for i := range ports {
		d = append(d, endpoints/ports+min(1, max(0, endpoints%ports-i)))
	}
	shuffle(d, seed)
	return d
}
