package advisor

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkDecide is one whole advice, with everything tried, for clusters of
// more and more node groups that differ in kernel, image and version.
func BenchmarkDecide(b *testing.B) {
	for _, groups := range []int{1, 10, 100, 1_000} {
		b.Run(fmt.Sprintf("groups=%d", groups), func(b *testing.B) {
			f := manyGroups(groups)
			for b.Loop() {
				Decide(f, Habits{}, Measured{})
			}
		})
	}
}

// manyGroups is a cluster in IPVS mode on the way up, no two groups alike.
func manyGroups(n int) Facts {
	f := typed(5_000, 40_000, "", "v1.28.3", IPVS)
	f.Origin, f.Groups = FromCluster, nil
	for i := range n {
		g := linux(1+i%7, fmt.Sprintf("5.%d.%d-generic", 4+i%12, i%40), fmt.Sprintf("Ubuntu %d.04.%d LTS", 18+i%7, i), fmt.Sprintf("v1.%d.%d", 24+i%6, i%9), IPVS)
		if i%3 == 0 {
			g.Proxy.Mode = KnownFrom(IPTables, "args")
		}
		f.Groups = append(f.Groups, g)
	}
	return f
}

// TestDecideManyGroups: time grows with the number of groups, not with its square: for
// ten times as many that would be 100 times as long. How long it takes is in make bench.
func TestDecideManyGroups(t *testing.T) {
	few, many := manyGroups(200), manyGroups(2_000)
	least := func(f Facts, so time.Duration) time.Duration {
		begin := time.Now()
		Decide(f, Habits{}, Measured{})
		return min(so, time.Since(begin))
	}
	short, long := time.Hour, time.Hour
	for range 5 { // in turn, and the least of a few: other programs use the machine too
		short, long = least(few, short), least(many, long)
	}
	if long > 40*short {
		t.Errorf("200 node groups take %s, 2,000 take %s", short, long)
	}
}
