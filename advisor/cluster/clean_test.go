package cluster

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

func TestCleanText(t *testing.T) {
	for in, want := range map[string]string{
		"":                             "",
		"v1.33.4":                      "v1.33.4",
		"Größe 漢字":                     "Größe 漢字",
		"a\x1b[31mb\x07":               "ab",
		"a\nb\r\tc\x7f":                "a b  c",
		"a\u009b31mb":                  "a31mb",
		"a\u202eb\u2066c\u200bd\u2028": "abcd ",
		"a\xffb\uFFFD":                 "ab",
		strings.Repeat("ä", maxText):   strings.Repeat("ä", (maxText-3)/2) + "...",
	} {
		if got := cleanText(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// FuzzCleanText: nothing comes out that a terminal would obey, and what is clean
// stays as it is.
func FuzzCleanText(f *testing.F) {
	f.Add("a\x1b]0;title\x07b")
	f.Add("\xc2\x9b31m")
	f.Add("\xe2\x80")
	f.Fuzz(func(t *testing.T, in string) {
		out := cleanText(in)
		if !utf8.ValidString(out) || strings.ContainsFunc(out, plain.Hidden) || len(out) > maxText {
			t.Errorf("%q becomes %q", in, out)
		}
		for _, b := range []byte(out) {
			if b < 0x20 || b == 0x7f {
				t.Errorf("%q becomes %q", in, out)
			}
		}
		if again := cleanText(out); again != out {
			t.Errorf("%q becomes %q, and that %q", in, out, again)
		}
	})
}

// TestFactsAreClean reads a cluster that tries to write to the terminal through
// every string that is kept.
func TestFactsAreClean(t *testing.T) {
	const bad = "\x1b[2Jx"
	f := newFakeAPI(t)
	f.add("/api/v1/services", serviceNamed("s", func(s *corev1.Service) { s.Namespace = bad }))
	f.add("/apis/discovery.k8s.io/v1/endpointslices", sliceNamed("s", "s", 1, func(s *discoveryv1.EndpointSlice) { s.Namespace = bad }))
	n := nodeNamed(bad, bad)
	n.Status.NodeInfo.OSImage, n.Status.NodeInfo.KubeletVersion, n.Status.NodeInfo.Architecture, n.Status.NodeInfo.OperatingSystem = bad, bad, bad, bad
	f.add("/api/v1/nodes", n)
	r := survey(t, f, Options{WithNames: true, Name: bad})
	facts := r.Facts
	if facts.Endpoints.Value.LargestName != "x/s" || facts.Groups[0].NodeNames[0] != "x" || facts.Name != "x" {
		t.Errorf("names %q %q %q", facts.Endpoints.Value.LargestName, facts.Groups[0].NodeNames, facts.Name)
	}
	checkClean(t, facts)
}

func checkClean(t *testing.T, f advisor.Facts) {
	t.Helper()
	eachString(reflect.ValueOf(&f).Elem(), func(s string) string {
		if s != cleanText(s) {
			t.Errorf("%q is not clean", s)
		}
		return s
	})
}
