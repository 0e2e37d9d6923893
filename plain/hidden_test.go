package plain_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"kpadvisor/plain"
	"kpadvisor/plain/plaintest"
)

// TestHidden compares every code point with the list made from the Unicode Character
// Database. The list is of the version of Go's own tables; with another Go the
// characters assigned since would differ, and the list is made anew.
func TestHidden(t *testing.T) {
	if unicode.Version != "15.0.0" {
		t.Errorf("the list is of Unicode 15.0.0 and Go's tables are of %s: make it anew (plaintest/hidden.py)", unicode.Version)
	}
	listed := plaintest.NewChecker(t)
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if plain.Hidden(r) != listed.Hidden(r) {
			t.Errorf("%U: hidden %v, listed %v", r, plain.Hidden(r), listed.Hidden(r))
		}
	}
	for _, r := range begins(t) {
		if got := plain.Text("a" + string(r) + "é"); got != "aé" && got != "a é" {
			t.Errorf("%U is left in %q", r, got)
		}
	}
}

// begins are the listed characters, of each long range the first 300.
func begins(t *testing.T) []rune {
	var out []rune
	for _, r := range plaintest.List(t) {
		for x := r[0]; x <= r[1] && x < r[0]+300; x++ {
			out = append(out, x)
		}
	}
	return out
}

// TestEveryWayOut sends each listed character, and a string of everything hostile,
// through each way of cleaning.
func TestEveryWayOut(t *testing.T) {
	listed := plaintest.NewChecker(t)
	for _, in := range []string{plaintest.Hostile, string(begins(t)), "\xff" + plaintest.Hostile + "\xe2\x82"} {
		document, err := plain.JSON(map[string]string{in: in})
		if err != nil {
			t.Fatal(err)
		}
		var back map[string]string
		if err := json.Unmarshal(document, &back); err != nil || utf8.ValidString(in) && back[in] != in {
			t.Errorf("the document does not say what was there: %v", err)
		}
		var plainly, styled bytes.Buffer
		for w, may := range map[*bytes.Buffer]plain.Passes{&plainly: {}, &styled: {Styles: true, Links: true}} {
			guard := plain.NewWriter(w, may)
			for i := range len(in) { // byte by byte: a character may come in parts
				if n, err := guard.Write([]byte{in[i]}); n != 1 || err != nil {
					t.Fatal(n, err)
				}
			}
		}
		for what, out := range map[string]string{
			"Text": plain.Text(in), "Line": plain.Line(in, 0), "Lines": strings.Join(plain.Lines(in), "\n"), "Cell": plain.Cell(in),
			"JSON": string(document), "Writer": strings.ReplaceAll(plainly.String(), "\t", ""), "a styled Writer": strings.ReplaceAll(styled.String(), "\t", ""),
		} {
			listed.Check(t, what, out)
		}
	}
}

// TestWriter: what is our own passes, in one piece or in several.
func TestWriter(t *testing.T) {
	for _, c := range []struct{ in, plain, styled string }{
		{"a\tb\n中文 é µ\n", "a\tb\n中文 é µ\n", "a\tb\n中文 é µ\n"},
		{"\x1b[1;32mok\x1b[0m", "[1;32mok[0m", "\x1b[1;32mok\x1b[0m"},
		{"\x1b[2J\x1b[1;3\x1b[m\x1b]0;x\a\u202e", "[2J[1;3[m]0;x", "[2J[1;3\x1b[m]0;x"},
		{"\x1b]8;;https://a.example/\aa\x1b]8;;\a", "]8;;https://a.example/a]8;;", "\x1b]8;;https://a.example/\aa\x1b]8;;\a"},
		{"\x1b]8;;https://a.example/\aa", "]8;;https://a.example/a", "\x1b]8;;https://a.example/\aa\x1b]8;;\a"},
		{"\x1b]8;;file:///a\aa\x1b]8;x;https://a\ab\x1b]8;;https://\u202e\ac", "]8;;file:///aa]8;x;https://ab]8;;https://c", "]8;;file:///aa]8;x;https://ab]8;;https://c"},
		{"\x1b]8;;https://a.example", "]8;;https://a.example", "]8;;https://a.example"},
		{"a\xffb\ufffdc", "abc", "abc"},
	} {
		for _, styles := range []bool{false, true} {
			want := map[bool]string{false: c.plain, true: c.styled}[styles]
			var whole bytes.Buffer
			if n, err := plain.NewWriter(&whole, plain.Passes{Styles: styles, Links: styles}).Write([]byte(c.in)); n != len(c.in) || err != nil || whole.String() != want {
				t.Errorf("%q, styles %v: %q, %d, %v", c.in, styles, whole.String(), n, err)
			}
		}
	}
	var parts bytes.Buffer
	w := plain.NewWriter(&parts, plain.Passes{})
	for _, b := range []byte("中é\n") {
		if n, err := w.Write([]byte{b}); n != 1 || err != nil {
			t.Error(n, err)
		}
	}
	if parts.String() != "中é\n" {
		t.Errorf("%q", parts.String())
	}
}

// TestSequences: an escape sequence goes whole, and takes nothing along that is not its own.
func TestSequences(t *testing.T) {
	for in, want := range map[string]string{
		"a\x1b]0;evil b c": "a0;evil b c", "a\x1bPq b": "aq b", "a\x1b[31": "a31", "a\x1b[31é": "a31é", "a\x1b": "a", "a\x1b_ b\nc": "a b c",
		"\x1b]0;a\ab\x1b]c d": "bc d", "\x1b]8;;http://x\x1b\\a\x1b]8;;\x1b\\b": "ab", "\x1b(Ba\x1bMb\x1b[?25lc\x1b[1 qd": "abcd", "\x1b]a\x1b[2Jb": "ab",
	} {
		if got := plain.Text(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// TestMarks: as many as languages need are left, and no more.
func TestMarks(t *testing.T) {
	for _, in := range []string{"e\u0301", "ệ", "שָּׁ", "กี่"} {
		if got := plain.Text(in); got != in {
			t.Errorf("%q became %q", in, got)
		}
	}
	if got := plain.Text("Z" + strings.Repeat("\u0335\u200b", 1000) + "y\u0301"); got != "Z\u0335\u0335\u0335\u0335y\u0301" {
		t.Errorf("%d bytes: %.60q", len(got), got)
	}
	for _, in := range []string{"a\u2800b", "a\U0001d159b", "a\u3000b", "a\u00a0b"} {
		if got := plain.Text(in); got != "a b" {
			t.Errorf("%q became %q", in, got)
		}
	}
	for _, in := range []string{"a\u3164b", "a\u115fb", "a\uffa0b", "a\u17b4b"} {
		if got := plain.Text(in); got != "ab" {
			t.Errorf("%q became %q", in, got)
		}
	}
}

// TestCell: a spreadsheet takes none of these for a formula.
func TestCell(t *testing.T) {
	for in, want := range map[string]string{
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'=1", "\r=1": "'=1", "\n=1": "'=1", "  =1": "'=1", "\u00a0\u3000=1": "'=1",
		"\u200b=1": "'=1", "\x1b[31m=1": "'=1", "＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠x": "'＠x", "−1": "'−1",
		"": "", "a=1": "a=1", "A - B": "A - B", "10.0.0.1:80": "10.0.0.1:80", "'=1": "'=1",
	} {
		if got := plain.Cell(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	if got := plain.Row("a,b", `"`, "x\ny"); got != "\"a,b\",\"\"\"\",\"x\ny\"\n" {
		t.Errorf("%q", got)
	}
}
