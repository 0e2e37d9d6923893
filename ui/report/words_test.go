package report

import (
	"reflect"
	"strings"
	"testing"

	"kpadvisor/plain"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		in   string
		w    int
		want []string
	}{
		{"", 10, []string{""}},
		{"one two three", 7, []string{"one two", "three"}},
		{"5.4.0-96-generic kernel", 18, []string{"5.4.0-96-generic", "kernel"}}, // no break at a hyphen
		{"abcdefghij", 4, []string{"abcd", "efgh", "ij"}},                       // a word wider than the page
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
