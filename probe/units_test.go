package probe

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

// world is a cluster as the simulations below know it. Times are in us.
type world struct {
	nodes    [2]int // on each side
	services int
	rounds   int
	modes    [2]float64 // what the mode adds on each side
	between  float64    // standard deviation of what a node adds
	places   [2]float64 // a Service's place adds from 0 to this, drawn anew on each node
	noise    float64    // standard deviation of a round's median
	leaves   int        // the round before which the last node of side B goes; 0 is never
	slower   float64    // what the last node of side A adds besides
}

// truth is the difference of the two modes that the intervals should hold.
func (w world) truth() float64 {
	return w.modes[0] + w.places[0]/2 - w.modes[1] - w.places[1]/2
}

// units draws one run.
func (w world) units(random *rand.Rand) []Unit {
	var out []Unit
	for side := range w.nodes {
		for node := range w.nodes[side] {
			adds := 30 + w.modes[side] + w.between*random.NormFloat64()
			rounds := w.rounds
			if last := node == w.nodes[side]-1; last && side == 0 {
				adds += w.slower
			} else if last && w.leaves > 0 {
				rounds = w.leaves
			}
			for service := range w.services {
				place := w.places[side] * random.Float64()
				var medians []float32
				for range rounds {
					medians = append(medians, float32(1000*(adds+place+w.noise*random.NormFloat64())))
				}
				u := Unit{Series: side, Node: fmt.Sprintf("%c%d", 'a'+side, node), Service: fmt.Sprintf("s%d", service)}
				u.N[Handshake], u.MedianNs[Handshake] = int64(rounds), middle(medians)
				out = append(out, u)
			}
		}
	}
	return out
}

// runs is how many runs a simulation draws: coverage to about 1 %.
const runs = 2000

// coverage is the share of runs whose interval holds truth, that of those that
// detect a difference, and the mean width in us.
func (w world) coverage(t *testing.T, over Over) (covered, detected, width float64) {
	t.Helper()
	random := rand.New(rand.NewPCG(11, uint64(w.services)))
	for range runs {
		d, ok := CompareUnits(w.units(random), 0, 1, Handshake)
		if !ok || d.Over != over {
			t.Fatalf("over %q, %v; want %q", d.Over, ok, over)
		}
		if truth := 1000 * w.truth(); d.LowNs <= truth && truth <= d.HighNs {
			covered++
		}
		if d.Detected {
			detected++
		}
		width += (d.HighNs - d.LowNs) / 1000
	}
	return covered / runs, detected / runs, width / runs
}

// TestUnitCoverage: the interval holds the truth in 95 % of runs, whatever nodes,
// places and rounds contribute (91 % with two nodes against eight).
func TestUnitCoverage(t *testing.T) {
	for name, c := range map[string]struct {
		w world
		// widest is a width in us that an honest interval need not have.
		widest float64
	}{
		"three identical nodes":                 {world{nodes: [2]int{3, 3}, services: 16, rounds: 20, noise: 3}, 3},
		"three identical nodes, one leaves":     {world{nodes: [2]int{3, 3}, services: 16, rounds: 20, noise: 3, leaves: 8}, 3},
		"one of three leaves at once":           {world{nodes: [2]int{3, 3}, services: 16, rounds: 20, noise: 3, leaves: 1}, 6},
		"ten nodes, places from 0 to 115":       {world{nodes: [2]int{10, 10}, services: 16, rounds: 20, modes: [2]float64{10, 15}, places: [2]float64{115, 0}, noise: 3, between: 2}, 20},
		"ten nodes of one Service each":         {world{nodes: [2]int{10, 10}, services: 1, rounds: 20, places: [2]float64{115, 0}, noise: 3}, 60},
		"two nodes, one Service at any place":   {world{nodes: [2]int{2, 2}, services: 16, rounds: 20, places: [2]float64{115, 0}, noise: 3, between: 5}, 250},
		"one side larger":                       {world{nodes: [2]int{2, 8}, services: 16, rounds: 20, noise: 3, between: 20}, 300},
		"nodes that differ more than the modes": {world{nodes: [2]int{5, 5}, services: 16, rounds: 20, modes: [2]float64{5, 0}, noise: 3, between: 40}, 150},
	} {
		covered, _, width := c.w.coverage(t, OverNodes)
		t.Logf("%s: covered %.1f %%, width %.1f us", name, 100*covered, width)
		if covered < 0.90 || width > c.widest {
			t.Errorf("%s: the interval holds the truth in %.1f %% of runs, %.1f us wide on average", name, 100*covered, width)
		}
	}
}

// TestNoDifferenceBetweenEqualNodes: of three identical nodes on each side one leaves
// mid-run. No difference is detected, but for the 5 % that 95 % allows.
func TestNoDifferenceBetweenEqualNodes(t *testing.T) {
	_, detected, _ := world{nodes: [2]int{3, 3}, services: 16, rounds: 20, noise: 3, leaves: 8, between: 10}.coverage(t, OverNodes)
	if detected > 0.07 {
		t.Errorf("a difference in %.1f %% of runs", 100*detected)
	}
}

// TestOneSlowNode: one of two nodes of a side is 100 us slower. The interval spans
// that, and no difference between the modes is detected.
func TestOneSlowNode(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	for range 200 {
		w := world{nodes: [2]int{2, 2}, services: 16, rounds: 20, noise: 3, slower: 100}
		d, _ := CompareUnits(w.units(random), 0, 1, Handshake)
		if d.LowNs > 0 || d.HighNs < 100e3 || d.Detected {
			t.Fatalf("the interval is [%.0f, %.0f] ns", d.LowNs, d.HighNs)
		}
	}
}

// TestOneNodeEach: with one node on a side the difference is one of given nodes, over
// their Services: it holds what those two nodes differ by, whatever their modes.
func TestOneNodeEach(t *testing.T) {
	covered, detected, _ := world{nodes: [2]int{1, 1}, services: 16, rounds: 20, modes: [2]float64{100, 0}, noise: 3}.coverage(t, OverServices)
	if covered < 0.93 || detected < 0.99 {
		t.Errorf("covered %.1f %%, detected %.1f %%", 100*covered, 100*detected)
	}
	one := world{nodes: [2]int{1, 1}, services: 1, rounds: 20, noise: 3}.units(rand.New(rand.NewPCG(1, 1)))
	if d, ok := CompareUnits(one, 0, 1, Handshake); ok {
		t.Errorf("one Service of one node each gives %+v", d)
	}
	if d, ok := CompareUnits(one, 0, 1, Connect); ok {
		t.Errorf("a phase that was not measured gives %+v", d)
	}
}

// TestEqualTimes: the kernel tells whole us, and equal ones are not a proof.
func TestEqualTimes(t *testing.T) {
	units := world{nodes: [2]int{2, 2}, services: 2, rounds: 3, modes: [2]float64{0.4, 0}}.units(rand.New(rand.NewPCG(1, 1)))
	if d, _ := CompareUnits(units, 0, 1, Handshake); d.Detected || d.HighNs-d.LowNs < handshakeTickNs/2 {
		t.Errorf("%+v", d)
	}
}

// TestSpreads: what nodes of one side, and places of one node, are apart.
func TestSpreads(t *testing.T) {
	var units []Unit
	for i, ns := range []float64{10e3, 30e3, 20e3, 20e3, 31e3, 29e3} { // a0, a1 and b0 with two Services each
		u := Unit{Series: i / 4, Node: []string{"a0", "a1", "b0"}[i/2], Service: []string{"s0", "s1"}[i%2]}
		u.N[Handshake], u.MedianNs[Handshake] = 4, ns
		units = append(units, u)
	}
	var said []string
	for _, s := range Spreads(units, Handshake) {
		said = append(said, fmt.Sprintf("%d %s %d %g %g %g", s.Series, s.Node, s.Services, s.MeanNs, s.LowNs, s.HighNs))
	}
	if got := strings.Join(said, ", "); got != "0 a0 2 20000 10000 30000, 0 a1 2 20000 20000 20000, 1 b0 2 30000 29000 31000" {
		t.Errorf("spreads %s", got)
	}
	if floor, ok := NoiseFloor(units, Handshake); !ok || floor != 0 {
		t.Errorf("a0 and a1 are alike, and the floor is %g, %v", floor, ok)
	}
	units[2].MedianNs[Handshake] = 32e3 // a1 is 6 us slower
	if floor, ok := NoiseFloor(units, Handshake); !ok || math.Abs(floor-6e3) > 1e-6 {
		t.Errorf("a0 and a1 are 6 us apart, and the floor is %g, %v", floor, ok)
	}
	if _, ok := NoiseFloor(units[4:], Handshake); ok {
		t.Error("one node has a floor")
	}
}

// TestUnitsAreCollected: a round that is complete adds the median of each place to
// its node and Service, a round that is not does not.
func TestUnitsAreCollected(t *testing.T) {
	c := NewCollector(DefaultPlan(), pairOfTargets(), nil)
	c.Expect(7, 0)
	c.Expect(8, 1)
	c.Begin(0)
	for round := range 3 {
		for source, target := range map[int]int{7: 0, 8: 1} {
			r := block(target, round)
			for address := range 2 {
				at := Place{Address: address}
				at.N[Handshake], at.MedianNs[Handshake] = 1, float64(1000*(10*source+address+round))
				r.Places = append(r.Places, at)
			}
			if round == 2 && source == 8 {
				continue // it never comes
			}
			for range 2 { // told again it does not count again
				if err := c.Add(source, r); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	units := c.Units(func(source, address int) (string, string) {
		return fmt.Sprintf("n%d", source), fmt.Sprintf("s%d", address)
	})
	var said []string
	for _, u := range units {
		said = append(said, fmt.Sprintf("%d %s %s %d %g", u.Series, u.Node, u.Service, u.N[Handshake], u.MedianNs[Handshake]))
	}
	if got := strings.Join(said, ", "); got != "0 n7 s0 2 70500, 0 n7 s1 2 71500, 1 n8 s0 2 80500, 1 n8 s1 2 81500" {
		t.Errorf("units %s", got)
	}
}

// TestPlacesAreTold: a Runner tells what it measured at each address of a target.
func TestPlacesAreTold(t *testing.T) {
	r, told := recorded(1, 10, 5)
	if len(told) == 0 || len(told[0].Places) != 1 || told[0].Places[0].N[Connect] != told[0].Phases[Connect].N {
		t.Fatalf("places %+v", told[0].Places)
	}
	var last Record
	r.after = func(x Record) { last = x }
	r.begin(Turn{Round: 1}, 0)
	for place, ns := range []int64{50, 70, 60} {
		h := goodHit(1000, ns)
		h.place = min(place, 1)
		r.add([]hit{h}, true)
	}
	r.end(5e9, 0, true)
	places := last.Places
	if len(places) != 2 || places[0].MedianNs[Connect] != 50 || places[1].N[Connect] != 2 || places[1].MedianNs[Connect] != 65 {
		t.Errorf("places %+v", places)
	}
}

// TestUnitsInAFile: they are written and read, and decide the comparison; sides that
// measured at the same time are not compared.
func TestUnitsInAFile(t *testing.T) {
	var r Result
	r.SelfCheck.Usable, r.Plan, r.Started = true, DefaultPlan(), time.Unix(1, 0).UTC()
	for i, target := range pairOfTargets() {
		r.Series = append(r.Series, Series{Target: target, From: string(rune('a' + i)), Errors: map[Class]int64{}})
	}
	w := world{nodes: [2]int{3, 3}, services: 4, rounds: 5, modes: [2]float64{50, 0}, noise: 1}
	r.Units = w.units(rand.New(rand.NewPCG(1, 2)))
	if d := r.Compare(0, 1).Phases[Handshake]; d.Over != OverNodes || d.Units != [2]int{3, 3} || !d.Detected || !d.Usable || !strings.HasSuffix(d.String(), "95 %, 3 and 3 nodes") {
		t.Errorf("%+v: %s", d, d)
	}
	r.Overlap = "the clocks are 2 s apart"
	if d := r.Compare(0, 1).Phases[Handshake]; d.Usable || d.Why != r.Overlap {
		t.Errorf("%+v", d)
	}
	var b bytes.Buffer
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	back, err := Read(strings.NewReader(text))
	if err != nil || !reflect.DeepEqual(back.Units, r.Units) || back.Overlap != r.Overlap {
		t.Errorf("%v; %d units, %q", err, len(back.Units), back.Overlap)
	}
	if !strings.Contains(text, `"over": "nodes"`) {
		t.Error("the file does not say what the comparison rests on")
	}
	spoilt := strings.Replace(text, `"series": 1`, `"series": 2`, 1)
	if _, err := Read(strings.NewReader(spoilt)); err == nil || !strings.Contains(err.Error(), "series 2 of 2") {
		t.Errorf("a unit of no series: %v", err)
	}
}
