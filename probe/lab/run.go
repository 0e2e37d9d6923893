package lab

import (
	"context"
	"slices"

	"kpadvisor/probe/lab/rules"
)

// Sweep measures o.Sizes in turn and calls each, if it is not nil, for every
// event as it comes. Cancelled, it returns what was measured so far and the
// context's error. Nothing is left behind either way.
func Sweep(ctx context.Context, o Options, each func(Event)) (Result, error) {
	r := Result{Schema: Schema, Points: []Point{}, Missing: []Missing{}}
	err := run(ctx, doSweep, o, func(e Event) {
		r.add(e)
		if each != nil {
			each(e)
		}
	})
	r.conclude()
	return r, err
}

// Run measures the one size of o.Shape.
func Run(ctx context.Context, o Options, each func(Event)) (Result, error) {
	o.Sizes = []int{o.Shape.Services}
	return Sweep(ctx, o, each)
}

// Preflight builds the smallest lab of every mode and says which of o.Modes
// cannot run, and why. An error means that no lab can run at all; Explain gives
// its remedy.
func Preflight(ctx context.Context, o Options) (Environment, []Missing, error) {
	var r Result
	o.Shape, o.Sizes = rules.Shape{Services: 1}, nil
	err := run(ctx, doPreflight, o, r.add)
	return r.Environment, r.Missing, err
}

// add keeps what an event says.
func (r *Result) add(e Event) {
	switch {
	case e.Environment != nil:
		r.Environment = *e.Environment
	case e.Missing != nil:
		r.Missing = append(r.Missing, *e.Missing)
	case e.Skipped != nil:
		r.Skipped = append(r.Skipped, *e.Skipped)
	case e.Point != nil:
		r.point(*e.Point)
	}
}

// point takes the place of what earlier builds said.
func (r *Result) point(p Point) {
	i := slices.IndexFunc(r.Points, func(q Point) bool {
		return q.Mode == p.Mode && q.Services == p.Services && q.Position == p.Position
	})
	if i < 0 {
		r.Points = append(r.Points, p)
		return
	}
	r.Points[i] = p
}

// conclude finds what the points say together.
func (r *Result) conclude() {
	r.Effects, r.BreakEven, r.Flat = Effects(r.Points), append([]BreakEven{}, BreakEvens(r.Points)...), Flats(r.Points)
}
