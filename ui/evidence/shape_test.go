package evidence

import (
	"slices"
	"testing"

	"kpadvisor/advisor"
)

// The distribution keeps what the snapshot says: ports, those without and with
// one endpoint, the largest, and the sum.
func TestDistribution(t *testing.T) {
	for _, c := range []struct {
		load    advisor.Load
		largest int
	}{
		{advisor.Load{Ports: 1, Endpoints: 7}, 7},
		{advisor.Load{Ports: 3, PortsWithoutEndpoints: 3}, 0},
		{advisor.Load{Ports: 10, PortsWithoutEndpoints: 2, PortsWithOneEndpoint: 3, Endpoints: 3 + 40 + 8}, 40},
		{advisor.Load{Ports: 1000, PortsWithoutEndpoints: 20, PortsWithOneEndpoint: 300, Endpoints: 5011}, 250},
	} {
		d := distribution(c.load, c.largest, 1)
		none, one, sum := 0, 0, 0
		for _, k := range d {
			sum += k
			switch k {
			case 0:
				none++
			case 1:
				one++
			}
		}
		if len(d) != c.load.Ports || sum != c.load.Endpoints || none != c.load.PortsWithoutEndpoints || one != c.load.PortsWithOneEndpoint || slices.Max(d) != c.largest {
			t.Errorf("%+v, largest %d: %d ports, %d endpoints, %d without, %d with one, largest %d", c.load, c.largest, len(d), sum, none, one, slices.Max(d))
		}
		if !slices.Equal(d, distribution(c.load, c.largest, 1)) {
			t.Error("not repeatable")
		}
	}
}

// Rows that do not belong to the load are not replayed: they may be anybody's.
func TestReplayRefuses(t *testing.T) {
	load := advisor.Load{Ports: 4, Endpoints: 10}
	for _, rows := range [][]advisor.PortCount{
		nil,
		{{Endpoints: 2, Ports: 4}},
		{{Endpoints: 10, Ports: 1}},
		{{Endpoints: 0, Ports: 5}, {Endpoints: 10, Ports: -1}},
		{{Endpoints: -10, Ports: 2}, {Endpoints: 15, Ports: 2}},
		{{Endpoints: 1 << 62, Ports: 4}},
		{{Endpoints: 10, Ports: 1 << 62}},
	} {
		if d, ok := replay(rows, load, 1); ok {
			t.Errorf("%+v was replayed as %v", rows, d)
		}
	}
}

func FuzzDistribution(f *testing.F) {
	f.Add(10, 2, 3, 51, 40)
	f.Fuzz(func(t *testing.T, ports, none, one, endpoints, largest int) {
		for _, n := range []int{ports, none, one, endpoints, largest} {
			if n < 0 || n > 10_000 { // a snapshot holds counts
				t.Skip()
			}
		}
		d := distribution(advisor.Load{Ports: ports, PortsWithoutEndpoints: none, PortsWithOneEndpoint: one, Endpoints: endpoints}, largest, 1)
		if len(d) != ports {
			t.Errorf("%d of %d ports", len(d), ports)
		}
		for _, k := range d {
			if k < 0 {
				t.Errorf("a port with %d endpoints", k)
			}
		}
	})
}
