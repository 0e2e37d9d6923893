package tui

import (
	"fmt"
	"strconv"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// latency writes what a mode adds to a new connection, with no more digits
// than an estimate deserves. Nobody estimates an exact nothing.
func latency(ns int64) string {
	switch {
	case ns == 0:
		return "about 0"
	case ns > -50 && ns < 50:
		return "< 0.1 us"
	case ns > -9950 && ns < 9950:
		return fmt.Sprintf("%+.1f us", float64(ns)/1e3)
	case ns > -999500 && ns < 999500:
		return fmt.Sprintf("%+.0f us", float64(ns)/1e3)
	}
	return fmt.Sprintf("%+.1f ms", float64(ns)/1e6)
}

// decimal writes a rate with at most two decimals and no trailing zeros.
func decimal(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	whole, frac, _ := strings.Cut(s, ".")
	if n, err := strconv.Atoi(whole); err == nil {
		whole = plain.Number(n)
	}
	if frac = strings.TrimRight(frac, "0"); frac != "" {
		return whole + "." + frac
	}
	return whole
}

// notKnown says why a fact has no value.
func notKnown[T any](f advisor.Fact[T]) string {
	switch {
	case f.State == advisor.Absent:
		return "none"
	case f.Why == advisor.NotAsked:
		return "unknown"
	}
	return "unknown: " + string(f.Why)
}

// missingWhy is why something was not read, and how far the read came.
func missingWhy(m advisor.Missing) string {
	why := string(m.Why)
	if why == "" {
		why = "not asked"
	}
	switch {
	case m.Read > 0 && m.Total > 0:
		return why + " after " + plain.Number(m.Read) + " of " + plain.Number(m.Total)
	case m.Read > 0:
		return why + " after " + plain.Number(m.Read)
	}
	return why
}
