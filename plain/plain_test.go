package plain

import (
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// hostile are characters that do something to a reader's screen, named one by one
// from the Unicode charts and from published attacks on terminals and reviewers
// (Trojan Source, CVE-2021-42574), not from the tables that Text uses.
func hostile() map[string]string {
	return map[string]string{
		"bell": "\a", "backspace": "\b", "escape": "\x1b\x1b\\", "delete": "\x7f", "null": "\x00", "carriage return": "\r", "C1 CSI": "\u009b", "C1 OSC": "\u009d",
		"LRE": "\u202a", "RLE": "\u202b", "PDF": "\u202c", "LRO": "\u202d", "RLO": "\u202e", "LRI": "\u2066", "RLI": "\u2067", "FSI": "\u2068", "PDI": "\u2069",
		"LRM": "\u200e", "RLM": "\u200f", "ALM": "\u061c", "ZWSP": "\u200b", "ZWNJ": "\u200c", "ZWJ": "\u200d", "word joiner": "\u2060", "BOM": "\ufeff", "soft hyphen": "\u00ad",
		"line separator": "\u2028", "paragraph separator": "\u2029", "next line": "\u0085", "vertical tab": "\v", "form feed": "\f",
		"tag A": "\U000e0041", "cancel tag": "\U000e007f", "variation selector 16": "\ufe0f", "variation selector 17": "\U000e0100", "interlinear anchor": "\ufff9",
		"musical begin beam": "\U0001d173", "Hangul filler": "\u3164", "combining grapheme joiner": "\u034f", "Mongolian vowel separator": "\u180e",
		"private use": "\ue000", "noncharacter": "\ufffe", "invalid UTF-8": "\xff\xfe", "cut UTF-8": "\xe2\x82", "surrogate": "\xed\xa0\x80",
		"colour": "\x1b[31m", "title": "\x1b]0;pwned\a", "link": "\x1b]8;;http://evil\x1b\\", "clear": "\x1b[2J", "device query": "\x1b[6n", "DCS": "\x1bP$q\"p\x1b\\", "APC": "\x1b_x\x1b\\",
	}
}

func TestText(t *testing.T) {
	for name, bad := range hostile() {
		got := Text("a" + bad + "b")
		if got != "ab" && got != "a b" {
			t.Errorf("%s: %q", name, got)
		}
		if utf8.ValidString(bad) && Safe("a"+bad+"b") {
			t.Errorf("%s is called safe", name)
		}
	}
	for _, good := range []string{"", "kube-proxy", "µs ≥ 3, 中文, naïve, ½", "a  b"} {
		if got := Text(good); got != good || !Safe(good) {
			t.Errorf("%q became %q", good, got)
		}
	}
}

func TestLine(t *testing.T) {
	for _, c := range []struct {
		in   string
		most int
		want string
	}{
		{" a\n\tb  c ", 0, "a b c"},
		{"abcdefgh", 6, "abc..."},
		{"äöüäöü", 6, "äöüäöü"},
		{"", 3, ""},
	} {
		if got := Line(c.in, c.most); got != c.want {
			t.Errorf("Line(%q, %d) is %q", c.in, c.most, got)
		}
	}
	if got := strings.Join(Lines("a \x1b[31m b\n\n  c\t\n"), "|"); got != "a  b||  c" {
		t.Errorf("%q", got)
	}
}

func FuzzText(f *testing.F) {
	for _, bad := range hostile() {
		f.Add("a" + bad + "b")
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		if !utf8.ValidString(got) || Text(got) != got || strings.ContainsAny(got, "\x1b\n\r\u2028\u202e") {
			t.Errorf("%q became %q, then %q", s, got, Text(got))
		}
		if line := Line(s, 20); utf8.RuneCountInString(line) > 20 {
			t.Errorf("%q", line)
		}
	})
}

func TestNumber(t *testing.T) {
	for n, want := range map[int]string{0: "0", -1: "-1", 999: "999", -999: "-999", 1000: "1,000", -1000: "-1,000", 1234567: "1,234,567", -123456: "-123,456"} {
		if got := Number(n); got != want {
			t.Errorf("%d is %q", n, got)
		}
	}
	if Count(1, "node") != "1 node" || Count(0, "node") != "0 nodes" || Count(4312, "node") != "4,312 nodes" {
		t.Error("a count of nodes")
	}
}

func TestUpper(t *testing.T) {
	for in, want := range map[string]string{"": "", "the node": "The node", "iptables is": "iptables is", "élan": "Élan", "kube-proxy": "kube-proxy"} {
		if got := Upper(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
}

func TestError(t *testing.T) {
	err := error(Fail("No room.", "Make some.", io.ErrShortWrite))
	var e *Error
	if !errors.As(err, &e) || e.Remedy != "Make some." || err.Error() != "No room." || !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("%v", err)
	}
}
