package reuse

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"kpadvisor/say"
)

func TestLikelySeen(t *testing.T) {
	const minute = time.Minute
	for _, c := range []struct {
		name     string
		seen     []Seen
		steady   *bool
		rollouts *float64
		want     Likelihood
		told     bool
	}{
		{"nothing was measured", nil, nil, nil, UnknownLikelihood, false},
		{"every connection of 50 a second reuses", []Seen{{1, 50, minute}}, nil, nil, Certain, true},
		{"behind a NAT, seeded by a dump", []Seen{{0.5, 100, minute}}, nil, nil, Certain, true},
		{"a few in a hundred", []Seen{{0.037, 20, minute}}, nil, nil, LikelyReuse, true},
		{"1 % exactly", []Seen{{0.01, 100, minute}}, nil, nil, LikelyReuse, true},
		{"one busy client among many", []Seen{{0.002, 10_000, minute}}, nil, nil, LikelyReuse, true},
		{"none of 12,000", []Seen{{0, 200, minute}}, nil, nil, Unlikely, true},
		{"one of 12,000", []Seen{{1.0 / 12_000, 200, minute}}, nil, nil, Unlikely, true},
		{"none of too few", []Seen{{0, 4, minute}}, nil, nil, UnknownLikelihood, false},
		{"none of too few, at enough nodes", []Seen{{0, 4, minute}, {0, 2, minute}}, nil, nil, Unlikely, true},
		{"one of five", []Seen{{0.2, 5.0 / 60, minute}}, nil, nil, UnknownLikelihood, true},
		{"one of five, and none of many elsewhere", []Seen{{0.2, 5.0 / 60, minute}, {0, 200, minute}}, nil, nil, Unlikely, true},
		{"reuse that IPVS counts not", []Seen{{0.965, 0, minute}}, nil, nil, UnknownLikelihood, true},
		{"the worst node speaks", []Seen{{0, 5_000, minute}, {0.9, 20, minute}}, nil, nil, Certain, true},
		{"no rollouts", []Seen{{1, 50, minute}}, nil, some(0.0), Unlikely, true},
		{"no rollouts, steady", []Seen{{0, 50, minute}}, some(true), some(0.0), Latent, true},
		{"rollouts", []Seen{{1, 50, minute}}, nil, some(3.0), Certain, true},
	} {
		got, told := LikelySeen(c.seen, c.steady, c.rollouts)
		if got != c.want || told != c.told {
			t.Errorf("%s: %s %v, want %s %v", c.name, got, told, c.want, c.told)
		}
	}
}

// TestLikelySeenOfMoreNodes: another node never takes away what one shows, more reuse at a
// node never makes it less likely, and their order does not matter.
func TestLikelySeenOfMoreNodes(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	draw := func() Seen {
		return Seen{[]float64{0, 0, 0.0001, 0.005, 0.01, 0.3, 1}[r.Intn(7)], []float64{0, 0.1, 3, 50, 20_000}[r.Intn(5)], time.Duration(1+r.Intn(90)) * time.Second}
	}
	for range 5_000 {
		seen := []Seen{draw(), draw(), draw()}
		before, told := LikelySeen(seen, nil, nil)
		after, _ := LikelySeen(append(seen, draw()), nil, nil)
		if (before == LikelyReuse || before == Certain) && before.Worse(after) {
			t.Fatalf("%v: %s, and with another node %s", seen, before, after)
		}
		if other, too := LikelySeen([]Seen{seen[2], seen[0], seen[1]}, nil, nil); other != before || too != told {
			t.Fatalf("%v: %s, in another order %s", seen, before, other)
		}
		more := append([]Seen{{1, seen[0].PerSecond, seen[0].Over}}, seen[1:]...)
		if worse, _ := LikelySeen(more, nil, nil); before.Worse(worse) {
			t.Fatalf("%v: %s, with more reuse %s", seen, before, worse)
		}
	}
}

func TestSeenText(t *testing.T) {
	const source = "measured on 3 nodes, 60 s, from conntrack events"
	got := SeenTextIn(say.Voice{}, source, 3, 0.37, Certain, some(1.0))
	if got != "Reuse measured on 3 nodes, 60 s, from conntrack events: at the node with most of it 37 % of new connections reused a 5-tuple of the last 120 s. About 1 rollout a day, the start of such a window." {
		t.Error(got)
	}
	v := say.In(say.Chinese)
	if got := SeenTextIn(v, v.Again(source), 3, 0, Unlikely, nil); !strings.Contains(got, "3 个节点") || !strings.Contains(got, "conntrack 事件") || !strings.Contains(got, "0 %") {
		t.Error(got)
	}
	if got := SeenTextIn(say.Voice{}, source, 1, 0.2, UnknownLikelihood, nil); !strings.HasSuffix(got, "measure longer.") || strings.Contains(got, "most of it") {
		t.Error(fmt.Sprint(got))
	}
}
