package lab

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"kpadvisor/files"
	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/probe/lab/rules"
)

// maxFile and maxPoints are far above what a sweep writes (about 200 KB).
const (
	maxFile   = 16 << 20
	maxPoints = 10_000
)

// Read reads what WriteJSON wrote. The file may come from anybody: control
// characters, unknown modes and impossible numbers are refused. What follows from
// the points is found anew.
func Read(r io.Reader) (Result, error) {
	data, err := files.Bounded(r, maxFile)
	if err != nil {
		return Result{}, fmt.Errorf("could not read the sweep: %w", err)
	}
	var out Result
	if err := plain.Decode(data, &out); err != nil {
		return Result{}, fmt.Errorf("could not read the sweep: %w", err)
	}
	if err := errors.Join(probe.PlainStrings(data), probe.FileBounds().Check(out, "")); err != nil {
		return Result{}, fmt.Errorf("could not read the sweep: %w", err)
	}
	if err := out.validate(); err != nil {
		return Result{}, fmt.Errorf("could not read the sweep: %w", err)
	}
	out.conclude()
	return out, nil
}

func (r Result) validate() error {
	if r.Schema != Schema {
		return fmt.Errorf("its schema is %q, not %q", r.Schema, Schema)
	}
	if len(r.Points) > maxPoints {
		return fmt.Errorf("it has %d points", len(r.Points))
	}
	if n := r.Environment.RulesPerPort; n < 0 || n > 2 {
		return fmt.Errorf("it has %d rules per port", n)
	}
	for _, p := range r.Points {
		switch {
		case !known(p.Mode):
			return fmt.Errorf("it has a mode %q", p.Mode)
		case p.Services < 1 || p.Services > rules.MaxServices:
			return fmt.Errorf("it has a point of %s Services", plain.Number(p.Services))
		case p.Position != NoPosition && !slices.Contains(rules.Positions(), p.Position):
			return fmt.Errorf("it has a position %q", p.Position)
		}
		if err := p.validateTimes(); err != nil {
			return err
		}
	}
	return nil
}

// MaxBuilds bounds how often a size is built.
const MaxBuilds = 100

func (p Point) validateTimes() error {
	if len(p.Builds) > MaxBuilds {
		return fmt.Errorf("it has a point of %d builds", len(p.Builds))
	}
	times := slices.Clone(p.BlocksNs)
	for i, o := range p.Builds {
		if o.Build < 0 || o.Build >= MaxBuilds || slices.ContainsFunc(p.Builds[:i], func(b Observation) bool { return b.Build == o.Build }) {
			return fmt.Errorf("it has a point with a build %d that cannot be", o.Build)
		}
		times = append(times, o.HotNs, o.ColdNs)
	}
	for _, ns := range times {
		if ns < 0 || ns > int64(time.Minute) {
			return fmt.Errorf("it has a connection of %d ns", ns)
		}
	}
	return nil
}
