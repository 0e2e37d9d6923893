package report

import (
	"bytes"
	"html"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"kpadvisor/plain"
	"kpadvisor/plain/plaintest"
)

// rendered is what another implementation makes of Markdown: GitHub's dialect with
// footnotes.
func rendered(t testing.TB, markdown string) string {
	t.Helper()
	var b bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote, extension.DefinitionList)).Convert([]byte(markdown), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// tags are the elements of a page, each as often as it is opened.
func tags(page string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`<([a-z][a-z0-9]*)[^>]*>|<!--`).FindAllStringSubmatch(page, -1) {
		out = append(out, m[1])
	}
	return out
}

// spoken is the text of a page, without its elements.
func spoken(page string) string {
	return strings.Join(strings.Fields(html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, ""))), " ")
}

// literalIn checks that a string is text wherever a report may place it: the page
// has the elements of the place and at most code besides, and says what the string says.
func literalIn(t testing.TB, in string) {
	t.Helper()
	want := strings.Join(strings.Fields(plain.Line(in, 0)), " ")
	for place, c := range map[string]struct {
		before, text, after string
		has                 []string
	}{
		"a heading":   {"# ", escape(in), "\n", []string{"h1"}},
		"a paragraph": {"x\n\n", escape(in), "\n\ny\n", []string{"p", "p", "p"}},
		"an item":     {"- ", escape(in), "\n- z\n", []string{"ul", "li", "li"}},
		"strong":      {"x **", escape(in), "**\n", []string{"p", "strong"}},
		"a cell":      {"| a | b |\n| --- | --- |\n| ", escapeCell(in), " | c |\n", []string{"table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"}},
	} {
		if want == "" {
			continue
		}
		page := rendered(t, c.before+c.text+c.after)
		got := slices.DeleteFunc(tags(page), func(tag string) bool { return tag == "code" })
		if !slices.Equal(got, c.has) || !strings.Contains(strings.ReplaceAll(spoken(page), " ", ""), strings.ReplaceAll(want, " ", "")) {
			t.Errorf("%s of %q (%q):\n%s", place, in, c.text, page)
		}
	}
}

func TestEscape(t *testing.T) {
	for _, in := range append(markup(), plaintest.Hostile) {
		literalIn(t, in)
	}
}

// markup is each construct of Markdown and of GitHub's dialect.
func markup() []string {
	return []string{
		"_x_", "__x__", "a _x_ b", "*x*", "**x**", "***", "___", "---", "- - -", "~~x~~", "~x~", "~~~", "a ~~b c~~ d", "`x`", "``x``", "```", "`", "a `b", "x`y`z",
		"# x", "## x", "x #", "- x", "+ x", "* x", "1. x", "12) x", "1.", "-", "+", "=", "===", "> x", ">x", "    x", "\tx", "a\nb", "a\\", "a  \nb", `\`, `\\`, `\*x*`,
		"[x](http://evil.example)", "[x](y)", "[x][y]", "[x]", "![x](y)", "[x]: y", "[^1]", "[^1]: x", "[ ] x", "[x] y", ": x",
		"http://evil.example", "https://evil.example/a_b_c", "HTTPS://evil.example.", "ftp://evil.example", "www.evil.example", "(http://evil.example)", "_http://evil.example_", "a@evil.example", "mailto:a@evil.example", "xmpp:a@evil.example/b",
		"<b>x</b>", "<http://evil.example>", "<!-- x -->", "<a@evil.example>", "<script>alert(1)</script>", "&lt;b&gt;", "&#60;b&#62;", "&copy;", "&amp;", "a & b",
		"a|b", "|", "| a | b |", `a\|b`, "http://x/`|y", "http://x/`", "http://x/``a`", "`http://x", "http://x/|", "a_b_c", "conn_reuse_mode", "_", "a_", "_a", "$x$", "$$x$$",
		"@who", "@org/team", "#12", "GH-12", "owner/repo#12", "who#12", strings.Repeat("0123456789", 4), ":shipit:", "name: value", "fe80::1", "10:00:00",
	}
}

func FuzzEscape(f *testing.F) {
	for _, in := range append(markup(), plaintest.Hostile) {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) { literalIn(t, in) })
}

// TestMentions: what GitHub makes of words by itself, which no renderer here knows: it
// leaves code alone.
func TestMentions(t *testing.T) {
	for in, want := range map[string]string{
		"@who": "`@who`", "by @who.": "by `@who`.", "@org/team": "`@org/team`", "see #12, #13": "see `#12`, `#13`", "GH-12": "`GH-12`", "gh-1": "`gh-1`", "owner/repo#1": "`owner/repo#1`",
		"https://x/": "`https://x/`", "www.x": "`www.x`", "a@b": "`a@b`", ":shipit:": "`:shipit:`", "x/y@0123456": "`x/y@0123456`",
		strings.Repeat("0123456789", 4): "`" + strings.Repeat("0123456789", 4) + "`",
	} {
		if got := escape(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
		if got := escapeCell(in); got != want {
			t.Errorf("in a cell %q became %q, want %q", in, got, want)
		}
	}
	for _, prose := range []string{
		"Keep iptables: 4,312 Services, 180 nodes.", "net.ipv4.vs.conn_reuse_mode is 0", "--behind-nat: no", "-0.5 us", "~ is not detected", "10:00:00 UTC", "5.4.0 < 5.4.163", "5 % (95 % interval)", "A - B", "v1.33.4-gke.1", "a/b", "Is it? Yes!",
	} {
		if got := escape(prose); got != prose {
			t.Errorf("prose %q became %q", prose, got)
		}
	}
}

// TestHostileMarkdown renders whole reports that hold nothing but hostile strings.
func TestHostileMarkdown(t *testing.T) {
	for name, write := range hostileReports(t)["markdown"] {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		found := tags(rendered(t, b.String()))
		for _, tag := range []string{"", "a", "em", "del", "img", "input", "h3", "h4", "h5", "h6", "b", "sup", "script", "dl"} {
			if slices.Contains(found, tag) {
				t.Errorf("%s: an element <%s> came of a string", name, tag)
			}
		}
		if n := len(slices.DeleteFunc(found, func(tag string) bool { return tag != "h1" })); n != 1 {
			t.Errorf("%s has %d titles", name, n)
		}
	}
}

// hostileReports are the writers of each format, by the kind of report: every string
// of the report is hostile.
func hostileReports(t *testing.T) map[string]map[string]func(io.Writer) error {
	t.Helper()
	out := map[string]map[string]func(io.Writer) error{}
	add(out, "advice", Audits(), hostileOf(large(t)))
	add(out, "the problem alone", Audits(), hostileOf(failed()))
	add(out, "a move", Audits(), hostileOf(moving()))
	for name, p := range probeCases(t) {
		add(out, "probe "+name, Probes(), hostileOf(p))
	}
	for name, l := range labCases() {
		add(out, "lab "+name, Labs(), hostileOf(l))
	}
	for name, d := range drillCases() {
		add(out, "drill "+name, Drills(), hostileOf(d))
	}
	return out
}

func hostileOf[D any](doc D) D {
	plaintest.Fill(&doc, plaintest.Hostile)
	return doc
}

func add[D Paged](out map[string]map[string]func(io.Writer) error, kind string, w Writers[D], doc D) {
	for _, format := range w.Formats() {
		if out[format] == nil {
			out[format] = map[string]func(io.Writer) error{}
		}
		out[format][kind] = func(to io.Writer) error { return w.Write(to, doc, format, Style{Color: true, Width: 100}) }
	}
}

// TestHostileReports checks each character of each report in each format.
func TestHostileReports(t *testing.T) {
	listed := plaintest.NewChecker(t)
	for format, all := range hostileReports(t) {
		for name, write := range all {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			text := b.String()
			if format == "text" {
				text = plaintest.Unstyled(text)
			}
			listed.Check(t, name+" as "+format, text)
			if format != "csv" && !strings.Contains(text, plaintest.Word) { // that of a lab has numbers alone
				t.Errorf("%s as %s: nothing hostile got into it", name, format)
			}
		}
	}
}
