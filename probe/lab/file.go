package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"kpadvisor/probe"
	"kpadvisor/probe/lab/rules"
)

// maxFile and maxPoints are far above what a sweep writes (about 200 KB).
const (
	maxFile   = 16 << 20
	maxPoints = 10_000
)

// Read reads what WriteJSON wrote. The file may come from anybody: control
// characters, unknown modes and impossible numbers are refused. Break-evens are
// found anew from the points.
func Read(r io.Reader) (Result, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return Result{}, fmt.Errorf("could not read the sweep: %w", err)
	}
	if len(data) > maxFile {
		return Result{}, fmt.Errorf("could not read the sweep: it is larger than %d MB", maxFile>>20)
	}
	var out Result
	if err := json.Unmarshal(data, &out); err != nil {
		return Result{}, fmt.Errorf("could not read the sweep: %w", err)
	}
	if err := errors.Join(probe.PlainStrings(data), out.validate()); err != nil {
		return Result{}, fmt.Errorf("could not read the sweep: %w", err)
	}
	out.BreakEven = BreakEvens(out.Points)
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
			return fmt.Errorf("it has a point of %s Services", rules.Count(p.Services))
		case p.Position != NoPosition && !slices.Contains(rules.Positions(), p.Position):
			return fmt.Errorf("it has a position %q", p.Position)
		}
		for _, ns := range p.BlocksNs {
			if ns < 0 || ns > int64(time.Minute) {
				return fmt.Errorf("it has a connection of %d ns", ns)
			}
		}
	}
	return nil
}
