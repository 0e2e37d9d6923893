package kit

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"kpadvisor/plain"
)

// Axis is what is counted along one side of a picture.
type Axis struct {
	Name, Unit string
	Log        bool
}

// ruler places values between its ends.
type ruler struct {
	low, high float64
	log       bool
}

// hugest is the largest value that is drawn as itself: sums and quotients of such are
// numbers still.
const hugest = 1e100

// drawable reports whether a value has a place at all.
func drawable(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func bounded(v float64) float64 { return max(-hugest, min(v, hugest)) }

// newRuler spans the values that can be drawn. One that is logarithmic spans those
// above 0, if there are any.
func newRuler(log bool, values ...float64) ruler {
	fits := slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return !drawable(v) || log && v <= 0 })
	if len(fits) == 0 {
		return ruler{0, 1, false}
	}
	r := ruler{bounded(slices.Min(fits)), bounded(slices.Max(fits)), log}
	switch {
	case r.low < r.high:
	case log:
		r.low, r.high = r.low/2, r.high*2
	default:
		r.high = r.low + max(math.Abs(r.low), 1)
	}
	return r
}

// rounded is a ruler with ends at round numbers, of a linear one for so many ticks.
func (r ruler) rounded(ticks int) ruler {
	if r.log {
		return ruler{roundBelow(r.low), roundStep(r.high), true}
	}
	s := roundStep((r.high - r.low) / float64(max(ticks, 1)))
	return ruler{math.Floor(r.low/s) * s, math.Ceil(r.high/s) * s, false}
}

// roundBelow is the last of 1, 2, 5, 10, ... that is not above v, which is above 0.
func roundBelow(v float64) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(v)))
	for _, f := range []float64{5, 2} {
		if f*decade <= v*(1+1e-9) {
			return f * decade
		}
	}
	return decade
}

// share is where a value is on the way from one end to the other, from 0 to 1; what is
// beyond an end is at it.
func (r ruler) share(v float64) float64 {
	part := 0.0
	switch {
	case math.IsNaN(v):
	case r.log && v <= 0:
	case r.log:
		part = math.Log(bounded(v)/r.low) / math.Log(r.high/r.low)
	default:
		part = (bounded(v) - r.low) / (r.high - r.low)
	}
	if !(part > 0) { //nolint:staticcheck // also true for NaN
		return 0
	}
	return min(part, 1)
}

// at is the place of a value among n, from 0 on.
func (r ruler) at(v float64, n int) int {
	return int(math.Round(r.share(v) * float64(max(n-1, 0))))
}

// holds reports whether a value is between the ends.
func (r ruler) holds(v float64) bool { return v >= r.low && v <= r.high }

// ticks are round numbers between the ends, about so many.
func (r ruler) ticks(most int) []float64 {
	var out []float64
	if r.log {
		for _, factors := range [][]float64{{1, 2, 5}, {1}} {
			out = nil
			for e := math.Floor(math.Log10(r.low)); e <= math.Ceil(math.Log10(r.high)); e++ {
				for _, f := range factors {
					if v := f * math.Pow(10, e); r.holds(v) {
						out = append(out, v)
					}
				}
			}
			if len(out) <= most {
				return out
			}
		}
		return thinned(out, most)
	}
	s := roundStep((r.high - r.low) / float64(max(most, 1)))
	first := math.Ceil(r.low/s - 1e-9)
	for i := range most + 2 {
		if v := (first + float64(i)) * s; v <= r.high*(1+1e-9) {
			out = append(out, v)
		}
	}
	return out
}

// thinned leaves at most so many, evenly.
func thinned(all []float64, most int) []float64 {
	every := (len(all) + max(most, 1) - 1) / max(most, 1)
	var out []float64
	for i := 0; i < len(all); i += max(every, 1) {
		out = append(out, all[i])
	}
	return out
}

// roundStep is the first of 1, 2, 5, 10, ... that is not below v.
func roundStep(v float64) float64 {
	if !(v > 0) || math.IsInf(v, 0) { //nolint:staticcheck // also true for NaN
		return 1
	}
	decade := math.Pow(10, math.Floor(math.Log10(v)))
	for _, f := range []float64{1, 2, 5} {
		if f*decade >= v*(1-1e-9) {
			return f * decade
		}
	}
	return 10 * decade
}

// tickText writes a round number, whole: two ticks never read the same.
func tickText(v float64) string {
	switch abs := math.Abs(v); {
	case abs < 1e-12:
		return "0"
	case v == math.Trunc(v) && abs < 1e9:
		return plain.Number(int(v))
	}
	const digits = 9 // more than steps need, fewer than it takes to see how 0.3 is stored
	return strconv.FormatFloat(v, 'g', digits, 64)
}

// tickLabel is a label of an axis at the left, exactly w cells wide.
func (p Palette) tickLabel(s string, w int) Line {
	l := Line{p.Right(Muted, s, w)}
	return l.Cut(w, "").Pad(w)
}

// axisLine is an axis w cells wide with as many ticks as have room, and the unit. A label
// begins in the cell of its value, or ends in it where that is too near the end.
func (p Palette) axisLine(r ruler, w int, unit string) Line {
	row := newRow(p.Fit("─"), w)
	labels := r.labels(w)
	if unit = p.Fit(unit); unit != "" {
		labels = withUnit(labels, " "+unit, w)
	}
	for _, l := range labels {
		row.put(l.at, l.text)
	}
	return Line{{Token: Muted, Text: row.String()}}
}

// withUnit has the unit after the first label that leaves room for it, or after the first
// without those that are in the way.
func withUnit(labels []axisLabel, unit string, w int) []axisLabel {
	ends := func(i int) int { return labels[i].at + len(labels[i].text) + Cells(unit) }
	for i := range labels {
		if ends(i) <= w && (i == len(labels)-1 || ends(i) < labels[i+1].at) {
			labels[i].text += unit
			return labels
		}
	}
	if len(labels) == 0 || ends(0) > w {
		return labels
	}
	others := slices.DeleteFunc(slices.Clone(labels[1:]), func(l axisLabel) bool { return l.at <= ends(0) })
	labels[0].text += unit
	return append(labels[:1:1], others...)
}

// axisLabel is a number on an axis and the cell where it begins.
type axisLabel struct {
	at   int
	text string
}

// labels are those of the ticks that have room in w cells.
func (r ruler) labels(w int) []axisLabel {
	var out []axisLabel
	for _, v := range r.ticks(max(w/8, 2)) {
		l := axisLabel{r.at(v, w), tickText(v)}
		if l.at+len(l.text) > w {
			l.at -= len(l.text) - 1
		}
		if n := len(out); l.at < 0 || n > 0 && l.at < out[n-1].at+len(out[n-1].text)+2 {
			continue
		}
		out = append(out, l)
	}
	return out
}

// row is a line in the making, cell by cell; where a wide character goes on, its second
// cell is empty.
type row []string

func newRow(fill string, w int) row { return slices.Repeat(row{fill}, max(w, 0)) }

// put writes a text over what was there, from a cell on; it must have room.
func (r row) put(at int, text string) {
	for _, c := range text {
		w := Cells(string(c))
		if w == 0 { // it belongs to the one before
			continue
		}
		r[at] = string(c)
		for i := 1; i < w; i++ {
			r[at+i] = ""
		}
		at += w
	}
}

// String is the line as it is drawn.
func (r row) String() string { return strings.Join(r, "") }
