package probe

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/aclements/go-moremath/stats"
)

// Place is what a block holds of one address of its target: a Service of many
// that stand for the same thing, at its own place among the rules.
type Place struct {
	Address  int               `json:"address"` // 0 is the target's first, then those besides it
	N        PerPhase[int64]   `json:"n"`
	MedianNs PerPhase[float64] `json:"medianNs"` // means nothing where N is 0
}

// Unit is what one node measured of one Service: the unit of analysis of a run from
// several nodes. Hits of one unit, and rounds of it, share the node, the Service's
// place among the rules and whatever else was there; only other nodes and other
// Services tell what those contribute.
type Unit struct {
	Series   int               `json:"series"`   // index: the side
	Node     string            `json:"node"`     // its name
	Service  string            `json:"service"`  // IP:port
	N        PerPhase[int64]   `json:"n"`        // rounds with a value
	MedianNs PerPhase[float64] `json:"medianNs"` // of the rounds' medians; means nothing where N is 0
}

// maxUnits is far above what a run has: 1,000 nodes on each of two sides with 64
// Services each.
const maxUnits = 1 << 18

// Over says what a difference is an observation of, and so what its interval allows
// for.
type Over string

// What differences rest on.
const (
	OverRounds   Over = ""         // rounds of two series: nothing but the time differs
	OverServices Over = "Services" // of given nodes: it is about these nodes, whatever their modes
	OverNodes    Over = "nodes"    // two or more on each side: it is about what the sides differ in
)

// CompareUnits is the difference of the means of series i and j over their nodes,
// or, where one of them has a single node, over the Services. The interval is
// Welch's for two means (Welch 1947), of the means of the nodes or of the Services.
// One level is enough: means of nodes differ by all that nodes, places and rounds
// contribute, and to draw the lower levels again (a bootstrap of all levels) counts
// those twice, while with two or three nodes it hardly knows how much nodes differ.
// False if no unit, or no more than one on a side, tells of the phase.
func CompareUnits(units []Unit, i, j int, p Phase) (Difference, bool) {
	a, b, over := samples(units, i, j, p)
	if len(a) < 2 || len(b) < 2 {
		return Difference{}, false
	}
	d := Difference{
		Usable: true, Bounded: true, Confidence: confidence, Over: over, Units: [2]int{len(a), len(b)},
		MedianDiffNs: stats.Mean(a) - stats.Mean(b),
	}
	for _, u := range units {
		if u.Series == i || u.Series == j {
			d.Blocks = max(d.Blocks, int(u.N[p]))
		}
	}
	half := welch(a, b)
	if p.Kernel() {
		half = max(half, handshakeTickNs/2) // equal times need not be equal: the clock tells no more
	}
	d.LowNs, d.HighNs, d.SmallestNs = d.MedianDiffNs-half, d.MedianDiffNs+half, half
	d.Detected = d.LowNs > 0 || d.HighNs < 0
	return d, true
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// handshakeTickNs is the unit in which the kernel tells round trips.
const handshakeTickNs = 1000

// welch is half of the width of the interval for the difference of two means, with
// the degrees of freedom of Welch and Satterthwaite.
func welch(a, b []float64) float64 {
	va, vb := stats.Variance(a)/float64(len(a)), stats.Variance(b)/float64(len(b))
	if va+vb == 0 {
		return 0
	}
	freedom := (va + vb) * (va + vb) / (va*va/float64(len(a)-1) + vb*vb/float64(len(b)-1))
	return stats.InvCDF(stats.TDist{V: freedom})((1+confidence)/2) * math.Sqrt(va+vb)
}

// samples are the means of two sides' nodes if both have at least two, or else those
// of their Services.
func samples(units []Unit, i, j int, p Phase) (a, b []float64, over Over) {
	node := func(u Unit) string { return u.Node }
	if a, b = means(units, i, p, node), means(units, j, p, node); len(a) > 1 && len(b) > 1 {
		return a, b, OverNodes
	}
	service := func(u Unit) string { return u.Service }
	return means(units, i, p, service), means(units, j, p, service), OverServices
}

// means are the means of a series' units that have the same key, in its order.
func means(units []Unit, series int, p Phase, key func(Unit) string) []float64 {
	of := map[string][]float64{}
	for _, u := range units {
		if u.Series == series && u.N[p] > 0 {
			of[key(u)] = append(of[key(u)], u.MedianNs[p])
		}
	}
	var out []float64
	for _, name := range sortedKeys(of) {
		out = append(out, stats.Mean(of[name]))
	}
	return out
}

// NodeSpread is what one node measured of all its Services.
type NodeSpread struct {
	Series        int
	Node          string
	Services      int
	MeanNs        float64 // of the Services' medians
	LowNs, HighNs float64 // the least and the greatest of them: how far places are apart
	medians       []float64
}

// Spreads are those of all nodes in a phase, by series and name.
func Spreads(units []Unit, p Phase) []NodeSpread {
	type key struct {
		series int
		node   string
	}
	of := map[key]*NodeSpread{}
	for _, u := range units {
		if u.N[p] == 0 {
			continue
		}
		s := of[key{u.Series, u.Node}]
		if s == nil {
			s = &NodeSpread{Series: u.Series, Node: u.Node}
			of[key{u.Series, u.Node}] = s
		}
		s.medians = append(s.medians, u.MedianNs[p])
	}
	var out []NodeSpread
	for _, s := range of {
		s.Services, s.MeanNs = len(s.medians), stats.Mean(s.medians)
		s.LowNs, s.HighNs = slices.Min(s.medians), slices.Max(s.medians)
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b NodeSpread) int {
		return cmp.Or(cmp.Compare(a.Series, b.Series), cmp.Compare(a.Node, b.Node))
	})
	return out
}

// NoiseFloor is by how much two nodes of one side differ in a phase, in ns: the root
// mean square, over the sides, of the difference of two of a side's nodes, which is
// the square root of twice their pooled variance. Less than that between the sides
// is nothing. False if no side has two nodes.
func NoiseFloor(units []Unit, p Phase) (ns float64, ok bool) {
	nodes, squares, freedom := map[int][]float64{}, 0.0, 0
	for _, s := range Spreads(units, p) {
		nodes[s.Series] = append(nodes[s.Series], s.MeanNs)
	}
	for _, of := range nodes {
		if len(of) > 1 {
			squares += stats.Variance(of) * float64(len(of)-1)
			freedom += len(of) - 1
		}
	}
	if freedom == 0 {
		return 0, false
	}
	return math.Sqrt(2 * squares / float64(freedom)), true
}

// compareUnits replaces what rounds say by what units say, where there are any.
func compareUnits(c *Comparison, units []Unit, i, j int) {
	for _, p := range Phases() {
		if d, ok := CompareUnits(units, i, j, p); ok {
			c.Phases[p] = d
		}
	}
}

// Compare compares series i and j as a [Result] does, self-check aside.
func (s Snapshot) Compare(i, j int) Comparison {
	c := Compare(s.Series[i], s.Series[j])
	compareUnits(&c, s.Units, i, j)
	return c
}

// named is how many units a difference rests on: "3 and 3 nodes".
func (d Difference) named() string {
	return fmt.Sprintf("%d and %d %s", d.Units[0], d.Units[1], d.Over)
}

func (u Unit) validate(series int) error {
	if u.Series < 0 || u.Series >= series {
		return fmt.Errorf("a unit is of series %d of %d", u.Series, series)
	}
	for _, p := range Phases() {
		if u.N[p] < 0 || !(u.MedianNs[p] >= 0) || math.IsInf(u.MedianNs[p], 1) {
			return errors.New("a unit has a number that cannot be")
		}
	}
	return nil
}

// mostKept is how many times of one place a block keeps; the median of a block that
// holds more is known well before.
const mostKept = 4096

// places are the times of the current block by address.
type places map[int]*PerPhase[[]int64]

func (s places) record(place int, p Phase, ns int64) {
	at := s[place]
	if at == nil {
		at = &PerPhase[[]int64]{}
		s[place] = at
	}
	if len(at[p]) < mostKept {
		at[p] = append(at[p], ns)
	}
}

// whole are the places with their medians, and empties them.
func (s places) whole() []Place {
	var out []Place
	for _, address := range sortedKeys(s) {
		at := Place{Address: address}
		for _, p := range Phases() {
			if values := s[address][p]; len(values) > 0 {
				at.N[p], at.MedianNs[p] = int64(len(values)), middle(values)
			}
		}
		out = append(out, at)
	}
	clear(s)
	return out
}

func (p Place) validate(requests int64) error {
	if p.Address < 0 || p.Address > MaxBesides {
		return fmt.Errorf("a block tells of address %d of a target", p.Address)
	}
	for _, ph := range Phases() {
		if p.N[ph] < 0 || p.N[ph] > requests || !(p.MedianNs[ph] >= 0) || math.IsInf(p.MedianNs[ph], 1) {
			return errors.New("a place has a number that cannot be")
		}
	}
	return nil
}

// middle is the median, the mean of the two in the middle of an even number. It
// sorts the values.
func middle[T int64 | float32 | float64](values []T) float64 {
	slices.Sort(values)
	n := len(values)
	return (float64(values[(n-1)/2]) + float64(values[n/2])) / 2
}

// unitKey is one source's part of one Service.
type unitKey struct{ source, target, address int }

// gatheredUnits are the medians of rounds, in ns. A float32 holds 16 ms to the ns.
type gatheredUnits map[unitKey]*PerPhase[[]float32]

func (g gatheredUnits) add(source, target int, all []Place) {
	for _, place := range all {
		key := unitKey{source, target, place.Address}
		at := g[key]
		if at == nil {
			at = &PerPhase[[]float32]{}
			g[key] = at
		}
		for _, p := range Phases() {
			if place.N[p] > 0 {
				at[p] = append(at[p], float32(place.MedianNs[p]))
			}
		}
	}
}

// Units are those of the rounds that are complete. Sources and addresses have the
// numbers under which they were told of: names says what they are called.
func (c *Collector) Units(names func(source, address int) (node, service string)) []Unit {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []Unit
	for key, at := range c.units {
		u := Unit{Series: key.target}
		u.Node, u.Service = names(key.source, key.address)
		for _, p := range Phases() {
			if values := at[p]; len(values) > 0 {
				u.N[p], u.MedianNs[p] = int64(len(values)), middle(slices.Clone(values))
			}
		}
		out = append(out, u)
	}
	slices.SortFunc(out, func(a, b Unit) int {
		return cmp.Or(cmp.Compare(a.Series, b.Series), cmp.Compare(a.Node, b.Node), cmp.Compare(a.Service, b.Service))
	})
	return out
}
