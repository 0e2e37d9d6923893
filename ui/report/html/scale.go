package html

import (
	"math"
	"strconv"
	"time"

	"kpadvisor/plain"
)

// scale is one side of a picture.
type scale struct {
	low, high float64
	step      float64 // between the ticks of a linear one
	log       bool
}

// tick is a place on a scale, as a share of it from 0 to 1.
type tick struct {
	at    float64
	label string
	minor bool // left out where there is little room
}

// mostTicks is how many ticks of a linear scale have room on a phone.
const mostTicks = 5

// newScale is one from and to round numbers that holds the values. A linear one holds 0
// as well if it is asked for; a logarithmic one needs a value above 0.
func newScale(values []float64, log, zero bool) scale {
	s := scale{low: math.Inf(1), high: math.Inf(-1)}
	for _, v := range values {
		if !finite(v) || log && v <= 0 {
			continue
		}
		s.low, s.high = min(s.low, v), max(s.high, v)
	}
	switch {
	case s.low > s.high && log:
		return newScale(values, false, zero)
	case s.low > s.high:
		return scale{low: 0, high: 1, step: 0.25}
	case log:
		return logScale(s.low, s.high)
	}
	if zero {
		s.low, s.high = min(s.low, 0), max(s.high, 0)
	}
	if s.low == s.high {
		s.low, s.high = s.low-math.Abs(s.low)/2, s.high+max(math.Abs(s.high)/2, 1)
	}
	step := roundStep((s.high - s.low) / (mostTicks - 1))
	return scale{low: math.Floor(s.low/step) * step, high: math.Ceil(s.high/step) * step, step: step}
}

func logScale(low, high float64) scale {
	s := scale{low: roundDown(low), high: roundUp(high), log: true}
	if s.low == s.high {
		s.low, s.high = s.low/2, s.high*2
	}
	return s
}

// finite reports a number that can be drawn: beyond the bound steps and shares of it
// are no numbers any more.
func finite(v float64) bool { return math.Abs(v) < 1e150 }

// roundDown is the next of 1, 2, 5, 10, ... that is not above v.
func roundDown(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, f := range []float64{5, 2, 1} {
		if f*power <= v*(1+1e-9) {
			return f * power
		}
	}
	return power / 2 // v lies below its power of ten by an error of rounding
}

func roundUp(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, f := range []float64{1, 2, 5} {
		if f*power >= v*(1-1e-9) {
			return f * power
		}
	}
	return 10 * power
}

// at is where v lies, from 0 to 1; what lies outside is at the edge.
func (s scale) at(v float64) float64 {
	low, high := s.low, s.high
	switch {
	case math.IsNaN(v):
		return 0
	case s.log && v <= low:
		return 0
	case s.log:
		v, low, high = math.Log(v), math.Log(low), math.Log(high)
	}
	return max(0, min((v-low)/(high-low), 1))
}

// roundStep is a round distance of at least so much.
func roundStep(least float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(least)))
	for _, f := range []float64{1, 2, 2.5, 5} {
		if f*power >= least*(1-1e-9) {
			return f * power
		}
	}
	return 10 * power
}

func (s scale) ticks() []tick {
	if s.log {
		return s.logTicks()
	}
	var out []tick
	for i := math.Round(s.low / s.step); i*s.step <= s.high+s.step*1e-9; i++ {
		v := i * s.step
		out = append(out, tick{at: s.at(v), label: number(v)})
	}
	return out
}

// logTicks are at 1, 2 and 5 of each power of ten, or at the powers alone where those are
// many; never more than fit.
func (s scale) logTicks() []tick {
	powers := math.Log10(s.high / s.low)
	every := max(1, int(math.Ceil(powers/6)))
	factors := []float64{1, 2, 5}
	if powers > 2.5 {
		factors = factors[:1]
	}
	var out []tick
	for e := int(math.Floor(math.Log10(s.low))); e <= int(math.Ceil(math.Log10(s.high))); e++ {
		if e%every != 0 {
			continue
		}
		for _, f := range factors {
			v := f * math.Pow(10, float64(e))
			if v >= s.low*(1-1e-9) && v <= s.high*(1+1e-9) {
				out = append(out, tick{at: s.at(v), label: number(v), minor: f != 1 && powers > 1.2})
			}
		}
	}
	return out
}

// timeTicks are moments of a run at round times.
func timeTicks(length time.Duration) []tick {
	if length <= 0 {
		return nil
	}
	step := roundTime(length / mostTicks)
	var out []tick
	for at := time.Duration(0); at <= length; at += step {
		out = append(out, tick{at: float64(at) / float64(length), label: moment(at)})
	}
	return out
}

// roundTime is the next time that people count in.
func roundTime(d time.Duration) time.Duration {
	for unit := time.Millisecond; unit < time.Second; unit *= 10 {
		for _, n := range []time.Duration{1, 2, 5} {
			if n*unit >= d {
				return n * unit
			}
		}
	}
	for _, unit := range []time.Duration{time.Second, time.Minute} {
		for _, n := range []time.Duration{1, 2, 5, 10, 15, 30} {
			if n*unit >= d {
				return n * unit
			}
		}
	}
	return (d + time.Hour - 1).Truncate(time.Hour)
}

// moment is a time since the start in the largest unit that leaves it whole.
func moment(d time.Duration) string {
	switch {
	case d == 0:
		return "0"
	case d%time.Hour == 0:
		return plain.Number(int(d/time.Hour)) + " h"
	case d%time.Minute == 0:
		return plain.Number(int(d/time.Minute)) + " min"
	case d < time.Second:
		return plain.Number(int(d/time.Millisecond)) + " ms"
	}
	return number(math.Round(d.Seconds()*100)/100) + " s"
}

// number writes a value with at most three digits behind what commas divide.
func number(v float64) string {
	switch {
	case !finite(v):
		return "?"
	case math.Abs(v) >= 1e15:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case math.Abs(v) >= 1000:
		return plain.Number(int(math.Round(v)))
	}
	return strconv.FormatFloat(v+0, 'g', 4, 64) // and of a negative nothing a positive one
}

// with is a value with its unit.
func with(value, unit string) string {
	if unit == "" {
		return value
	}
	return value + " " + unit
}

// inUnit is what a scale counts, and in which unit.
func (m *markup) inUnit(name, unit string) string {
	if unit == "" {
		return name
	}
	return m.voice.Sprintf("%s (%s)", name, unit)
}
