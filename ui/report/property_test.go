package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"kpadvisor/advisor"
)

// Every text of the advice stands in every format: a report that leaves a
// caveat out in one of them is worse than none.
func TestSameContentEverywhere(t *testing.T) {
	doc := large(t)
	doc.Advice.Headline = "Headline of the advice"
	squash := func(s string) string { return strings.Join(strings.Fields(s), "") }
	var asText, asMarkdown, asJSON bytes.Buffer
	for w, write := range map[*bytes.Buffer]writer{&asText: textIn(Style{Width: 400}), &asMarkdown: Markdown, &asJSON: JSON} {
		if err := write(w, doc); err != nil {
			t.Fatal(err)
		}
	}
	unescaped := regexp.MustCompile("\\\\([\\\\`*\\[|])").ReplaceAllString(asMarkdown.String(), "$1")
	unescaped = strings.ReplaceAll(unescaped, "&lt;", "<")
	for _, s := range texts(reflect.ValueOf(doc.Advice)) {
		if !strings.Contains(squash(asText.String()), squash(s)) {
			t.Errorf("text lacks %q", s)
		}
		if !strings.Contains(squash(unescaped), squash(s)) {
			t.Errorf("Markdown lacks %q", s)
		}
		quoted := new(bytes.Buffer)
		enc := json.NewEncoder(quoted)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(s); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(asJSON.String(), strings.TrimSpace(quoted.String())) {
			t.Errorf("JSON lacks %q", s)
		}
	}
}

// texts collects the plain strings of v, without the named types (modes,
// actions, ...), which are words of the contract and not of a report.
func texts(v reflect.Value) []string {
	var out []string
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.String() != "" {
			out = append(out, v.String())
		}
	case reflect.Slice:
		for i := range v.Len() {
			out = append(out, texts(v.Index(i))...)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			out = append(out, texts(v.Field(i))...)
		}
	}
	return out
}

func TestNoLineIsWiderThanThePage(t *testing.T) {
	command := strings.TrimSpace(largeAdvice().Runbook[0].Commands[0])
	for name, doc := range cases(t) {
		for w := minWidth; w <= 130; w++ {
			var b bytes.Buffer
			if err := Text(&b, doc, Style{Width: w, Color: w%2 == 0}); err != nil {
				t.Fatal(err)
			}
			for l := range strings.Lines(b.String()) {
				l = strings.TrimSuffix(l, "\n")
				if ansi.StringWidth(l) > w && !strings.Contains(l, command) {
					t.Errorf("%s at %d columns: %d in %q", name, w, ansi.StringWidth(l), l)
				}
				if ansi.Strip(l) != strings.TrimRight(ansi.Strip(l), " ") {
					t.Errorf("%s at %d columns: space at the end of %q", name, w, l)
				}
			}
		}
	}
}

func TestHostileStrings(t *testing.T) {
	doc := large(t)
	evil := "\x1b]0;owned\x07\x1b[2Jshop\u009b31m\u202e\r\ncart|<b>`*[x](y)\U000e0041"
	doc.Facts.Name = evil
	doc.Advice.Headline = evil
	doc.Facts.Groups[0].OSImage = evil
	doc.Advice.Reuse[0].Group = evil
	doc.Advice.Runbook[0].Commands = []string{evil}
	for format, write := range writers() {
		if strings.HasSuffix(format, "color.txt") {
			continue
		}
		var b bytes.Buffer
		if err := write(&b, doc); err != nil {
			t.Fatal(err)
		}
		if i := strings.IndexFunc(b.String(), func(r rune) bool {
			return r != '\n' && (unicode.IsControl(r) || (r < 0x10000 && unicode.Is(unicode.Cf, r)))
		}); i >= 0 {
			t.Errorf("%s holds %q", format, b.String()[i:i+8])
		}
	}
}

func TestASCIIStyleIsASCII(t *testing.T) {
	doc := large(t)
	doc.Advice.Headline = "nftables ≥ 1.33 → 49 µs … “x” 集群 —"
	var b bytes.Buffer
	if err := Text(&b, doc, Style{ASCII: true}); err != nil {
		t.Fatal(err)
	}
	if strings.IndexFunc(b.String(), func(r rune) bool { return r > '~' }) >= 0 {
		t.Errorf("not ASCII:\n%s", b.String())
	}
	if !strings.Contains(b.String(), `nftables >= 1.33 -> 49 us ... "x" ?? -`) {
		t.Errorf("odd spelling:\n%s", b.String())
	}
}

func TestColorOnlyWhenAsked(t *testing.T) {
	var with, without bytes.Buffer
	if err := errors.Join(Text(&with, large(t), Style{Color: true}), Text(&without, large(t), Style{})); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(without.String(), "\x1b") || !strings.Contains(with.String(), "\x1b[") {
		t.Error("escape sequences are not where they should be")
	}
	if ansi.Strip(with.String()) != without.String() {
		t.Error("colour changes the words")
	}
}

// failing fails on its n-th write, as a full disk or a closed pipe does.
type failing struct{ n int }

var errFull = errors.New("no space left")

func (f *failing) Write(b []byte) (int, error) {
	if f.n--; f.n < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestFailingWriter(t *testing.T) {
	for format, write := range writers() {
		for n := 0; ; n++ {
			w := &failing{n}
			err := write(w, large(t))
			if w.n >= 0 { // fewer than n writes were made: the report is whole
				if err != nil {
					t.Errorf("%s: %v with a working writer", format, err)
				}
				break
			}
			if !errors.Is(err, errFull) {
				t.Errorf("%s: write %d failed and the error is %v", format, n, err)
			}
		}
	}
}

func TestAdviceIsNotTouched(t *testing.T) {
	doc := large(t)
	doc.Advice.Ranking[0].Reasons = nil
	doc.Advice.Reuse[0].Remedy = nil
	before := doc.Advice
	before.Ranking = append([]advisor.Ranked(nil), doc.Advice.Ranking...)
	if err := JSON(io.Discard, doc); err != nil {
		t.Fatal(err)
	}
	if doc.Advice.Ranking[0].Reasons != nil || doc.Advice.Reuse[0].Remedy != nil || !reflect.DeepEqual(before, doc.Advice) {
		t.Error("JSON changed the caller's advice")
	}
}
