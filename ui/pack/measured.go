package pack

import (
	"errors"
	"fmt"
	"slices"

	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
	"kpadvisor/probe"
)

// What is far above all that anybody measures: of a count, of rows of one kind, of those
// of all kinds, and of the bytes that say where something was measured.
const (
	mostCounted = 1_000_000_000
	mostRows    = 1_000
	mostInAll   = 10_000
	mostWords   = 4_000
)

// checkMeasured refuses evidence that no measurement can have come to: who reads it adds
// and divides by it.
func checkMeasured(m advisor.Measured) error {
	if err := probe.FileBounds().Check(m, "measured"); err != nil {
		return err
	}
	if err := rows(len(m.Comparisons), len(m.BreakEvens), len(m.Drills)); err != nil {
		return err
	}
	all := 0
	for _, e := range m.BreakEvens {
		all += len(e.Differences)
	}
	for _, d := range m.Drills {
		all += len(d.Rows)
	}
	if all > mostInAll {
		return fmt.Errorf("%s rows are more than %s", plain.Number(all), plain.Number(mostInAll))
	}
	for _, c := range m.Comparisons {
		if err := errors.Join(words(c.Where, c.Kernel), modes(c.A, c.B), counts(c.Services, c.Blocks), interval(c.LowNs, c.MedianDiffNs, c.HighNs), arrival(c.Arrival)); err != nil {
			return first(err)
		}
	}
	for _, e := range m.BreakEvens {
		if err := breakEven(e); err != nil {
			return first(err)
		}
	}
	for _, d := range m.Drills {
		if err := errors.Join(words(d.Where, d.Kernel), rows(len(d.Rows))); err != nil {
			return first(err)
		}
		for _, r := range d.Rows {
			if !slices.Contains(reuse.Exposures(), r.Seen) && r.Seen != reuse.NotIPVS {
				return fmt.Errorf("a drill does not see %q", plain.Line(string(r.Seen), 40))
			}
			if err := errors.Join(modes(advisor.Mode(r.Mode), ""), counts(r.ConnReuseMode, r.ExpireNodestConn, r.Conntrack, r.After, r.Failed, r.ToOldPod)); err != nil {
				return first(err)
			}
		}
	}
	return nil
}

func breakEven(e advisor.BreakEven) error {
	err := errors.Join(words(e.Where, e.Kernel), rows(len(e.Differences)), modes(e.A, e.B), counts(e.Services, e.Low, e.High, e.RulesPerPort), arrival(e.Arrival))
	switch {
	case err != nil:
		return err
	case !slices.Contains([]release.Backend{release.BackendLegacy, release.BackendNFT, release.BackendUnknown}, e.Backend):
		return fmt.Errorf("there is no backend %q of iptables", plain.Line(string(e.Backend), 40))
	case !slices.Contains([]advisor.BreakEvenOutcome{advisor.Crosses, advisor.ACheaper, advisor.BCheaper, advisor.AtMost, advisor.NotDetected}, e.Outcome):
		return fmt.Errorf("a sweep does not come to %q", plain.Line(string(e.Outcome), 40))
	case len(e.Differences) == 0:
		return errors.New("a sweep has measured at no size")
	}
	last := 0
	for _, d := range e.Differences {
		if d.Services <= last {
			return errors.New("the sizes of a sweep do not ascend")
		}
		last = d.Services
		if err := errors.Join(counts(d.Services), interval(d.LowNs, d.DiffNs, d.HighNs)); err != nil {
			return err
		}
	}
	return nil
}

// modes refuses two that are not to be told apart, or of which one is none that can be
// run. Of a single one the second is empty.
func modes(a, b advisor.Mode) error {
	for _, m := range []advisor.Mode{a, b} {
		if m != "" && !slices.Contains(advisor.Modes(), m) || a == "" {
			return fmt.Errorf("there is no mode %q", plain.Line(string(m), 40))
		}
	}
	if a == b {
		return fmt.Errorf("%s is compared with itself", a)
	}
	return nil
}

func rows(all ...int) error {
	for _, n := range all {
		if n > mostRows {
			return fmt.Errorf("%s rows are more than %s", plain.Number(n), plain.Number(mostRows))
		}
	}
	return nil
}

func words(all ...string) error {
	for _, s := range all {
		if len(s) > mostWords {
			return fmt.Errorf("a name of %s bytes is longer than %s", plain.Number(len(s)), plain.Number(mostWords))
		}
	}
	return nil
}

func counts(all ...int) error {
	for _, n := range all {
		if n < 0 || n > mostCounted {
			return fmt.Errorf("%s is no count of anything", plain.Number(n))
		}
	}
	return nil
}

func interval(low, value, high int64) error {
	if low > value || value > high {
		return errors.New("a difference lies outside its interval")
	}
	return nil
}

func arrival(a advisor.Arrival) error {
	if a != "" && a != advisor.Cold && a != advisor.Hot {
		return fmt.Errorf("connections do not come %q", plain.Line(string(a), 40))
	}
	return nil
}

// first is the first of several errors that were joined.
func first(err error) error {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		return joined.Unwrap()[0]
	}
	return err
}
