package report

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"kpadvisor/plain"
)

func TestNumbers(t *testing.T) {
	for want, got := range map[string]string{
		"0": plain.Number(0), "999": plain.Number(999), "1,000": plain.Number(1000), "38,771": plain.Number(38771), "-1,234,567": plain.Number(-1234567),
		"1 node": plain.Count(1, "node"), "0 nodes": plain.Count(0, "node"), "2,000 nodes": plain.Count(2000, "node"),
		"about 0": latency(0), "under 0.1 us": latency(49), "+0.8 us": latency(800), "+49 us": latency(49_000),
		"+1.2 ms": latency(1_200_000), "+12 ms": latency(12_000_000), "-3.0 us": latency(-3000), "+999 us": latency(999_000),
		"14": number(14), "0.3": number(0.3), "3": number(3), "1,235": number(1234.6), "7 ": number(7) + " ",
		"7 d": span(7 * 24 * time.Hour), "90 min": span(90 * time.Minute), "30 s": span(30 * time.Second), "1.5 s": span(1500 * time.Millisecond), "3 h": span(3 * time.Hour),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		in   string
		w    int
		want []string
	}{
		{"", 10, []string{""}},
		{"one two three", 7, []string{"one two", "three"}},
		{"5.4.0-96-generic kernel", 18, []string{"5.4.0-96-generic", "kernel"}}, // no break at a hyphen
		{"abcdefgh", 3, []string{"abc", "def", "gh"}},                           // a word wider than the page
		{"集群 名", 4, []string{"集群", "名"}},                                        // columns, not characters
		{"集", 1, []string{"集"}},                                                 // no room for it at all
	} {
		if got := wrap(c.in, c.w); !reflect.DeepEqual(got, c.want) {
			t.Errorf("wrap(%q, %d) = %q, want %q", c.in, c.w, got, c.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("\x1b[31mred\x1b[0m\u009b5m\u202e x", 3)
	f.Add("集群 a-b", 1)
	f.Fuzz(func(t *testing.T, s string, w int) {
		c := plain.Line(s, 0)
		if strings.ContainsAny(c, "\x1b\n\r\t\u009b\u202e") {
			t.Errorf("plain.Line(%q, 0) = %q", s, c)
		}
		if again := plain.Line(c, 0); again != c {
			t.Errorf("clean twice: %q then %q", c, again)
		}
		w = w%200 + 200 // any page, without minding negative ones
		if got := strings.Join(wrap(c, w), ""); strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(c, " ", "") {
			t.Errorf("wrap lost something of %q: %q", c, got)
		}
	})
}
