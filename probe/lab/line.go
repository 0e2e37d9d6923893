package lab

import (
	"cmp"
	"math"
	"slices"

	"github.com/aclements/go-moremath/mathx"
	"github.com/aclements/go-moremath/stats"
)

// confidence of every interval of the lab.
const confidence = 0.95

// sized is how much dearer a connection was in one mode than in another, in one
// build with so many Services.
type sized struct {
	services int
	ns       float64
}

// trend is what differences of many builds say together: the difference at any
// number of Services, and how far its interval reaches to either side.
type trend interface {
	at(services float64) (ns, reach float64)
	// crossing is where the difference rises above zero, and between which numbers
	// of Services that may be, given that it does so within the sizes.
	crossing(sizes []int) (at, low, high float64)
}

// interval is the difference at a number of Services with its interval.
func interval(t trend, services float64) (ns, low, high float64) {
	ns, reach := t.at(services)
	return ns, ns - reach, ns + reach
}

// trendOf fits a line, for that is what the rules of iptables cost over a flat
// mode. Where sizes lie off the line by more than builds differ, or there is but
// one size, it takes the sizes one by one. False without two builds more than
// the parameters of either.
func trendOf(of []sized) (trend, bool) {
	steps, stepped := fitSteps(of)
	line, fitted := fitLine(of)
	switch {
	case fitted && !(stepped && steps.misfit() < misfitted):
		return line, true
	case stepped:
		return steps, true
	}
	return nil, false
}

// misfitted is the probability below which chance does not explain that sizes lie
// off the line.
const misfitted = 0.05

// line is a least-squares line through differences. Its variances are those of
// HC3 (MacKinnon and White 1985): they hold where large sizes vary more.
type line struct {
	base, slope                 float64 // ns without a Service, and for each
	varBase, varSlope, covaries float64
	df                          float64
}

func fitLine(of []sized) (line, bool) {
	n := float64(len(of))
	var mx, my, sxx, sxy float64
	for _, o := range of {
		mx += float64(o.services) / n
		my += o.ns / n
	}
	for _, o := range of {
		x := float64(o.services) - mx
		sxx += x * x
		sxy += x * (o.ns - my)
	}
	if len(of) < 3 || len(sizesOf(of)) < 2 {
		return line{}, false
	}
	l := line{slope: sxy / sxx, df: n - 2}
	l.base = my - l.slope*mx
	for _, o := range of {
		x := float64(o.services) - mx
		free := 1 - 1/n - x*x/sxx // of the fit; 0 for a point that alone decides the line
		if free < 1e-9 {
			return line{}, false
		}
		off := (o.ns - l.base - l.slope*float64(o.services)) / free
		base, slope := (1/n-mx*x/sxx)*off, x/sxx*off
		l.varBase += base * base
		l.varSlope += slope * slope
		l.covaries += base * slope
	}
	return l, true
}

func (l line) at(services float64) (ns, reach float64) {
	variance := l.varBase + 2*services*l.covaries + services*services*l.varSlope
	return l.base + l.slope*services, l.quantile() * math.Sqrt(max(0, variance))
}

func (l line) quantile() float64 { return studentQuantile(l.df) }

// crossing is Fieller's: all numbers of Services at which the line may be zero.
func (l line) crossing(sizes []int) (at, low, high float64) {
	t2 := l.quantile() * l.quantile()
	a := l.slope*l.slope - t2*l.varSlope
	b := l.base*l.slope - t2*l.covaries
	c := l.base*l.base - t2*l.varBase
	at, low, high = -l.base/l.slope, math.Inf(-1), math.Inf(1)
	if root := b*b - a*c; a > 0 && root >= 0 {
		low, high = (-b-math.Sqrt(root))/a, (-b+math.Sqrt(root))/a
	}
	return clamp(at, sizes), clamp(low, sizes), clamp(high, sizes)
}

// steps are the means at each size, with straight lines between them.
type steps struct {
	sizes     []int // ascending
	means     []float64
	variances []float64 // of each mean: of many Services builds vary more
	dfs       []float64 // of each variance
}

// fitSteps takes for the variance of a build that of its size and of the next larger
// one together, which is not less; of the largest, with the next smaller one, at
// least its own.
func fitSteps(of []sized) (steps, bool) {
	s := steps{sizes: sizesOf(of)}
	n := len(s.sizes)
	counts, squares := make([]float64, n), make([]float64, n)
	s.means, s.variances, s.dfs = make([]float64, n), make([]float64, n), make([]float64, n)
	place := func(o sized) int { i, _ := slices.BinarySearch(s.sizes, o.services); return i }
	for _, o := range of {
		counts[place(o)]++
	}
	for _, o := range of {
		s.means[place(o)] += o.ns / counts[place(o)]
	}
	for _, o := range of {
		squares[place(o)] += (o.ns - s.means[place(o)]) * (o.ns - s.means[place(o)])
	}
	for i := range s.sizes {
		with := i + 1
		if with == n {
			with = max(0, i-1)
		}
		df, sum := counts[i]-1, squares[i]
		if with != i {
			df, sum = df+counts[with]-1, sum+squares[with]
		}
		if df < 1 {
			return s, false
		}
		variance := sum / df
		if i == n-1 && counts[i] > 1 {
			variance = max(variance, squares[i]/(counts[i]-1))
		}
		s.variances[i], s.dfs[i] = variance/counts[i], df
	}
	return s, true
}

func (s steps) at(services float64) (ns, reach float64) {
	i, _ := slices.BinarySearchFunc(s.sizes, services, func(n int, x float64) int { return cmp.Compare(float64(n), x) })
	i = min(i, len(s.sizes)-1)
	if i == 0 || float64(s.sizes[i]) <= services {
		return s.means[i], s.reach(i)
	}
	share := (services - float64(s.sizes[i-1])) / float64(s.sizes[i]-s.sizes[i-1])
	return s.means[i-1] + share*(s.means[i]-s.means[i-1]), max(s.reach(i-1), s.reach(i))
}

func (s steps) reach(i int) float64 { return studentQuantile(s.dfs[i]) * math.Sqrt(s.variances[i]) }

// misfit is the probability that chance alone puts the sizes as far off a line as
// they are: what is left of a line weighted by the variances, by F with the least of
// their degrees of freedom. 1 where it cannot be said.
func (s steps) misfit() float64 {
	n := float64(len(s.sizes))
	if n < 3 || slices.Min(s.variances) == 0 {
		return 1
	}
	var w, mx, my, sxx, sxy float64
	for i, size := range s.sizes {
		w += 1 / s.variances[i]
		mx += float64(size) / s.variances[i]
		my += s.means[i] / s.variances[i]
	}
	mx, my = mx/w, my/w
	for i, size := range s.sizes {
		sxx += (float64(size) - mx) * (float64(size) - mx) / s.variances[i]
		sxy += (float64(size) - mx) * (s.means[i] - my) / s.variances[i]
	}
	var off float64
	for i, size := range s.sizes {
		left := s.means[i] - my - sxy/sxx*(float64(size)-mx)
		off += left * left / s.variances[i]
	}
	f, df := off/(n-2), slices.Min(s.dfs)
	return mathx.BetaInc(df/(df+(n-2)*f), df/2, (n-2)/2)
}

// crossing is where the means rise above zero for the last time; it may be from
// where the upper ends of the intervals do for the first to where the lower do
// for the last.
func (s steps) crossing(sizes []int) (at, low, high float64) {
	var means, lower, upper []float64
	for _, n := range sizes {
		mean, below, above := interval(s, float64(n))
		means, lower, upper = append(means, mean), append(lower, below), append(upper, above)
	}
	return lastRise(sizes, means), firstRise(sizes, upper), lastRise(sizes, lower)
}

// firstRise is where straight lines through the values first rise above zero; the
// smallest size where they begin above, the largest where they never do.
func firstRise(sizes []int, values []float64) float64 {
	for i, v := range values {
		if v > 0 {
			return rise(sizes, values, i)
		}
	}
	return float64(sizes[len(sizes)-1])
}

func lastRise(sizes []int, values []float64) float64 {
	for i := len(values) - 1; i >= 0; i-- {
		if values[i] <= 0 {
			return rise(sizes, values, min(i+1, len(values)-1))
		}
	}
	return float64(sizes[0])
}

// rise is where the line that ends at the i-th size is zero.
func rise(sizes []int, values []float64, i int) float64 {
	if i == 0 || values[i] <= 0 || values[i-1] > 0 {
		return float64(sizes[i])
	}
	return float64(sizes[i-1]) + float64(sizes[i]-sizes[i-1])*-values[i-1]/(values[i]-values[i-1])
}

// clamp keeps a number of Services within what was measured.
func clamp(x float64, sizes []int) float64 {
	return min(max(x, float64(sizes[0])), float64(sizes[len(sizes)-1]))
}

// studentQuantile is the two-sided quantile of Student's t.
func studentQuantile(df float64) float64 {
	return stats.InvCDF(stats.TDist{V: df})(1 - (1-confidence)/2)
}
