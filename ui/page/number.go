package page

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"kpadvisor/say"

	"kpadvisor/plain"
)

// Latency writes a duration in nanoseconds with the three digits an estimate
// deserves at most: "+0.8 µs", "+49 µs", "+1.2 ms". Zero is "about 0": nobody
// estimates an exact nothing.
func Latency(v say.Voice, ns int64) string {
	if ns == 0 {
		return v.Text("about 0")
	}
	if ns > -50 && ns < 50 {
		return v.Text("under 0.1 µs")
	}
	t, unit := float64(ns)/1e3, "µs"
	if t >= 1000 || t <= -1000 {
		t, unit = t/1e3, "ms"
	}
	digits := 0
	if t < 10 && t > -10 {
		digits = 1
	}
	return fmt.Sprintf("%+.*f %s", digits, t, unit)
}

// microseconds finds those of a sentence.
var microseconds = regexp.MustCompile(`(\d) us\b`)

// Micro spells the microseconds of a sentence, which is ASCII where it comes from.
func Micro(s string) string { return microseconds.ReplaceAllString(s, "$1 µs") }

// number writes a rate without an invented precision: "14", "0.3".
func number(v float64) string {
	if v >= 10 || v == float64(int(v)) {
		return plain.Number(int(v + 0.5))
	}
	return strconv.FormatFloat(v, 'g', 2, 64)
}

// inPercent writes a share from 0 to 1.
func inPercent(share float64) string { return strconv.FormatFloat(100*share, 'f', 1, 64) + " %" }

// span writes a duration in the largest unit that leaves it whole: "7 d", "30 s".
func span(v say.Voice, d time.Duration) string {
	switch {
	case d >= 24*time.Hour && d%(24*time.Hour) == 0:
		return v.Sprintf("%s d", plain.Number(int(d/(24*time.Hour))))
	case d >= time.Hour && d%time.Hour == 0:
		return v.Sprintf("%s h", plain.Number(int(d/time.Hour)))
	case d >= time.Minute && d%time.Minute == 0:
		return v.Sprintf("%s min", plain.Number(int(d/time.Minute)))
	}
	return v.Sprintf("%s s", strconv.FormatFloat(d.Seconds(), 'g', 4, 64))
}
