package page

import (
	"testing"
	"time"

	"kpadvisor/say"

	"kpadvisor/plain"
	"kpadvisor/probe"
)

// A row has the unit that its shortest target needs, and one time too long for
// it brings its own; no cell is wider than its column.
func TestRowUnits(t *testing.T) {
	row := func(medians ...int64) Probe {
		var p Probe
		for _, m := range medians {
			s := probe.Series{}
			if m > 0 {
				s.Phases[probe.Handshake] = probe.Stats{N: 2, MedianNs: m}
			}
			p.Result.Series = append(p.Result.Series, s)
		}
		return p
	}
	for _, tt := range []struct {
		medians []int64
		want    string
	}{
		{[]int64{5_000, 21e6}, "µs"},
		{[]int64{21e6, 5_000}, "µs"},
		{[]int64{10e6, 21e6}, "ms"},
		{[]int64{9_999_999}, "µs"},
		{[]int64{0, 21e6}, "ms"},
		{[]int64{0, 0}, "µs"},
	} {
		if got := row(tt.medians...).rowUnit(probe.Handshake).Name; got != tt.want {
			t.Errorf("medians %v: in %s, want %s", tt.medians, got, tt.want)
		}
	}
	µs, ms := Unit{"µs", 1e3}, Unit{"ms", 1e6}
	for _, tt := range []struct {
		u    Unit
		ns   float64
		want string
	}{
		{µs, 5_000, "5.0"},
		{µs, 99_999_499, "99999"},
		{µs, 99_999_500, "100ms"},
		{µs, 999_499_999, "999ms"},
		{µs, 999_500_000, "1.00s"},
		{µs, 7.1e9, "7.10s"},
		{µs, 9.995e9, "10.0s"},
		{µs, 60e9, "60.0s"},
		{µs, 99.95e9, "100s"},
		{ms, 60e9, "60000"},
		{ms, 99.9994e9, "99999"},
		{ms, 100e9, "100s"},
	} {
		if got := tt.u.Cell(tt.ns); got != tt.want {
			t.Errorf("%g ns in %s: %q, want %q", tt.ns, tt.u.Name, got, tt.want)
		}
	}
}

func TestUnit(t *testing.T) {
	for _, c := range []struct {
		largest, ns   float64
		name          string
		plain, signed string
	}{
		{900_000, 15_000, "µs", "15.0", "+15.0"},
		{900_000, 14_950, "µs", "14.9", "+14.9"},
		{900_000, 999_960, "µs", "1000", "+1000"},
		{900_000, 0, "µs", "0.0", "0.0"},
		{900_000, -20, "µs", "0.0", "0.0"},
		{900_000, -3_000, "µs", "-3.0", "-3.0"},
		{99_999_499, 99_999_499, "µs", "99999", "+99999"},
		{99_999_500, 99_999_500, "ms", "100.0", "+100.0"},
		{7e9, 15_000, "ms", "0.015", "+0.015"},
		{7e9, 9_999_600, "ms", "10.00", "+10.00"},
		{6e10, 6e10, "ms", "60000", "+60000"},
	} {
		u := unitFor(c.largest)
		if u.Name != c.name || u.format(c.ns) != c.plain || u.signed(c.ns) != c.signed {
			t.Errorf("%g of %g: %s %q %q, want %s %q %q", c.ns, c.largest, u.Name, u.format(c.ns), u.signed(c.ns), c.name, c.plain, c.signed)
		}
	}
}

func TestNumbers(t *testing.T) {
	for want, got := range map[string]string{
		"0": plain.Number(0), "999": plain.Number(999), "1,000": plain.Number(1000), "38,771": plain.Number(38771), "-1,234,567": plain.Number(-1234567),
		"1 node": plain.Count(1, "node"), "0 nodes": plain.Count(0, "node"), "2,000 nodes": plain.Count(2000, "node"),
		"about 0": Latency(say.Voice{}, 0), "under 0.1 µs": Latency(say.Voice{}, 49), "+0.8 µs": Latency(say.Voice{}, 800), "+49 µs": Latency(say.Voice{}, 49_000),
		"+1.2 ms": Latency(say.Voice{}, 1_200_000), "+12 ms": Latency(say.Voice{}, 12_000_000), "-3.0 µs": Latency(say.Voice{}, -3000), "+999 µs": Latency(say.Voice{}, 999_000),
		"14": number(14), "0.3": number(0.3), "3": number(3), "1,235": number(1234.6), "7 ": number(7) + " ",
		"7 d": span(say.Voice{}, 7*24*time.Hour), "90 min": span(say.Voice{}, 90*time.Minute), "30 s": span(say.Voice{}, 30*time.Second), "1.5 s": span(say.Voice{}, 1500*time.Millisecond), "3 h": span(say.Voice{}, 3*time.Hour),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
