package probe

import (
	"strings"
	"testing"
	"unicode"
)

// FuzzTarget: what is taken for a target cannot end a line of a request, nor reach
// the terminal as more than text.
func FuzzTarget(f *testing.F) {
	for _, s := range []string{
		"10.0.0.1:80", "http://10.0.0.1/path?q=1", "tcp://[::1]:5432", "udp://10.96.0.10:53/kubernetes.default.svc", "http://user@a:80", "http://a:80/\r\nX: y",
		"http://[::1%25eth0]:80", "//a", "http://a:0", "http://a:99999999999", "udp://a/" + strings.Repeat("x.", 200), "http://a:80#f", "http://\x1b[2J:80",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		target, err := ParseTarget("A", text)
		if err != nil {
			return
		}
		for _, s := range []string{target.Address, target.Path, target.Host} {
			if strings.ContainsFunc(s, func(r rune) bool { return r == ' ' || unicode.IsControl(r) }) {
				t.Errorf("%q holds %q", text, s)
			}
		}
		if err := target.Validate(); err != nil {
			t.Errorf("%q is taken for %+v, which a file may not hold: %v", text, target, err)
		}
	})
}
