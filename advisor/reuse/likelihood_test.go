package reuse

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func likelihoods() []Likelihood {
	return []Likelihood{Latent, Unlikely, UnknownLikelihood, LikelyReuse, Certain}
}

func some[T any](v T) *T { return &v }

func TestLikely(t *testing.T) {
	yes, no := some(true), some(false)
	for _, c := range []struct {
		rate        *float64
		nat, steady *bool
		rollouts    *float64
		want        Likelihood
		says        string
	}{
		{nil, nil, nil, nil, UnknownLikelihood, "Answer --new-connections"},
		{nil, yes, no, nil, UnknownLikelihood, "Answer --new-connections"},
		{nil, nil, yes, nil, Unlikely, "seldom reuse"},
		{some(1.0), nil, yes, some(0.0), Latent, "No rollouts"},
		{some(1.0), nil, nil, some(0.0), Unlikely, "No rollouts"},
		{some(1.0), nil, yes, some(5.0), Unlikely, "About 5 rollouts"},
		{some(300.0), no, no, some(0.0), Unlikely, "No rollouts"},
		{some(300.0), no, no, nil, Certain, "28,232 ports / 120 s"},
		{some(150.0), no, nil, nil, LikelyReuse, "from about 118"},
		{some(100.0), no, nil, nil, Unlikely, "need not reuse"},
		{some(20.0), yes, nil, nil, LikelyReuse, "3.7 % of them (rate x 120 / 64,512 ports)"},
		{some(20.0), nil, nil, nil, UnknownLikelihood, "answer --behind-nat"},
		{some(5.0), yes, nil, nil, Unlikely, "0.9 %"},
		{some(3.0), nil, yes, nil, Unlikely, "answer --behind-nat"},
		{some(600.0), yes, nil, nil, Certain, "100 %"},
	} {
		name := fmt.Sprint(shown(c.rate), shown(c.nat), shown(c.steady), shown(c.rollouts))
		if got := Likely(c.rate, c.nat, c.steady, c.rollouts); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if got := LikelyText(c.rate, c.nat, c.steady, c.rollouts); !strings.Contains(got, c.says) {
			t.Errorf("%s: %q does not say %q", name, got, c.says)
		}
	}
}

func shown[T any](p *T) string {
	if p == nil {
		return "- "
	}
	return fmt.Sprint(*p, " ")
}

// TestLikelyIsMonotone: more connections, a NAT, short connections and more
// rollouts never make it less likely, whatever the rest.
func TestLikelyIsMonotone(t *testing.T) {
	rates := []*float64{some(0.0), some(0.5), some(3.0), some(5.3), some(5.4), some(20.0), some(117.0), some(118.0), some(234.0), some(235.0), some(540.0), some(1e6)}
	bools := []*bool{some(false), nil, some(true)}
	rollouts := []*float64{some(0.0), some(0.1), some(100.0)}
	rank := func(l Likelihood) int {
		i := slices.Index(likelihoods(), l)
		if i < 0 {
			t.Fatalf("likelihood %q", l)
		}
		return i
	}
	for ri, rate := range append(slices.Clone(rates), nil) {
		for ni, nat := range bools {
			for si, steady := range bools {
				for oi, roll := range append(slices.Clone(rollouts), nil) {
					l := rank(Likely(rate, nat, steady, roll))
					if LikelyText(rate, nat, steady, roll) == "" {
						t.Error("no text")
					}
					higher := []Likelihood{}
					if ri+1 < len(rates) {
						higher = append(higher, Likely(rates[ri+1], nat, steady, roll))
					}
					if ni+1 < len(bools) {
						higher = append(higher, Likely(rate, bools[ni+1], steady, roll))
					}
					if si > 0 {
						higher = append(higher, Likely(rate, nat, bools[si-1], roll))
					}
					if oi+1 < len(rollouts) {
						higher = append(higher, Likely(rate, nat, steady, rollouts[oi+1]))
					}
					for _, h := range higher {
						if rank(h) < l {
							t.Errorf("%s%s%s%s: %s, and less, %s, where it is more", shown(rate), shown(nat), shown(steady), shown(roll), likelihoods()[l], h)
						}
					}
				}
			}
		}
	}
}
