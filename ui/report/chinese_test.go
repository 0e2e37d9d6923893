package report

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/advisor/habitstest"
	"kpadvisor/plain"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// bilingual is a document in both languages, and what stays English in either: sources,
// commands and what others wrote.
type bilingual struct {
	english, chinese page.Document
	known            []string
}

// bilinguals are the reports on every demo and on made-up and saved results.
func bilinguals(t *testing.T) map[string]bilingual {
	t.Helper()
	zh := say.In(say.Chinese)
	all := map[string]bilingual{}
	for name, doc := range audits(t) {
		said := func(v say.Voice) page.Audit {
			d := doc
			d.Voice, d.Advice = v, advisor.DecideIn(v, d.Facts, d.Habits, d.Measured)
			if d.Move != nil {
				move := advisor.MoveToIn(v, d.Facts, d.Habits, d.Measured, d.Move.To)
				d.Move = &move
			}
			return d
		}
		english, chinese := said(say.Voice{}), said(zh)
		known := asWritten(english.Advice, doc.Facts, doc.Measured)
		all["audit "+name] = bilingual{english.Page(), chinese.Page(), known}
		if doc.Move != nil {
			known = append(known, asWritten(english.Move)...)
			all["change "+name] = bilingual{page.Change{Audit: english, Data: "{}"}.Page(), page.Change{Audit: chinese, Data: "{}"}.Page(), known}
		}
	}
	for name, d := range probeCases(t) {
		english := d.Page()
		d.Voice = zh
		all["probe "+name] = bilingual{english, d.Page(), []string{d.Command}}
	}
	for name, d := range labCases() {
		english := d.Page()
		d.Voice = zh
		all["lab "+name] = bilingual{english, d.Page(), nil}
	}
	for name, d := range drillCases() {
		english := d.Page()
		d.Voice = zh
		all["drill "+name] = bilingual{english, d.Page(), nil}
	}
	for name, d := range runsCases() {
		english := d.Page()
		d.Voice = zh
		all["runs "+name] = bilingual{english, d.Page(), nil}
	}
	return all
}

// audits are the demos with and without answers, evidence and a move.
func audits(t *testing.T) map[string]page.Audit {
	t.Helper()
	evidence := cases(t)["measured"].Measured
	all := map[string]page.Audit{}
	facts := append(cluster.Demos(), largeFacts(), advisor.Facts{Name: "nothing known"})
	for i, f := range facts {
		name := fmt.Sprintf("%d %s", i, f.Name)
		all[name] = page.Audit{Facts: f, Version: "v0.1.0"}
		short, _ := advisor.Habits{}.Set("connections", "short", "--connections")
		short, err := short.Set("new-connections", "300", "answered")
		if err != nil {
			t.Fatal(err)
		}
		with := habitstest.On(f)
		all[name+", habits measured"] = page.Audit{Facts: with, Habits: advisor.Prefill(with, advisor.Habits{}), Version: "v0.1.0"}
		all[name+", habits measured otherwise"] = page.Audit{Facts: with, Habits: advisor.Prefill(with, short), Version: "v0.1.0"}
		all[name+", measured"] = page.Audit{Facts: f, Habits: advisor.Prefill(f, short), Measured: evidence, Version: "v0.1.0"}
		for _, m := range advisor.Modes() {
			all[name+", to "+string(m)] = page.Audit{Facts: f, Move: &advisor.Move{To: m}, Version: "v0.1.0"}
		}
	}
	return all
}

// asWritten are the sources of values, what they were read from, and commands.
func asWritten(values ...any) []string {
	var all []string
	for _, v := range values {
		visit(reflect.ValueOf(v), "", func(field, s string) {
			if slices.Contains([]string{"Source", "Commands", "Name", "LargestName", "NodeNames", "OSImage"}, field) {
				all = append(all, s)
			}
		})
	}
	return all
}

// visit goes through the strings of a value, each with the name of its field.
func visit(v reflect.Value, field string, do func(field, s string)) {
	switch v.Kind() {
	case reflect.String:
		do(field, v.String())
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			visit(v.Elem(), field, do)
		}
	case reflect.Slice:
		for i := range v.Len() {
			visit(v.Index(i), field, do)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			visit(v.MapIndex(key), field, do)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				visit(v.Field(i), v.Type().Field(i).Name, do)
			}
		}
	}
}

// TestSameInChinese: a report has the same blocks in both languages, with the same
// numbers in each section, and a text wherever the other has one.
func TestSameInChinese(t *testing.T) {
	for name, b := range bilinguals(t) {
		t.Run(name, func(t *testing.T) {
			alikeValues(t, "", reflect.ValueOf(b.english), reflect.ValueOf(b.chinese))
			for i, s := range b.chinese.Sections {
				if a, b := numbersIn(b.english.Sections[i]), numbersIn(s); !slices.Equal(a, b) {
					t.Errorf("%s: numbers %q, in Chinese %q", s.ID, without(a, b), without(b, a))
				}
			}
		})
	}
}

// alikeValues compares everything but texts, and of those only whether they say anything.
func alikeValues(t *testing.T, path string, a, b reflect.Value) {
	t.Helper()
	if a.Kind() != b.Kind() {
		t.Errorf("%s: %v and %v", path, a.Kind(), b.Kind())
		return
	}
	switch a.Kind() {
	case reflect.String:
		if (a.String() == "") != (b.String() == "") {
			t.Errorf("%s: %q and %q", path, a, b)
		}
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() != b.IsNil() {
			t.Errorf("%s: one of them is nil", path)
		} else if !a.IsNil() {
			if a.Elem().Type() != b.Elem().Type() {
				t.Errorf("%s: %v and %v", path, a.Elem().Type(), b.Elem().Type())
				return
			}
			alikeValues(t, path, a.Elem(), b.Elem())
		}
	case reflect.Slice:
		if a.Len() != b.Len() {
			t.Errorf("%s: %d and %d: %v, %v", path, a.Len(), b.Len(), a, b)
			return
		}
		for i := range a.Len() {
			alikeValues(t, fmt.Sprintf("%s %d", path, i), a.Index(i), b.Index(i))
		}
	case reflect.Struct:
		for i := range a.NumField() {
			if f := a.Type().Field(i); f.Name != "Voice" {
				alikeValues(t, path+"."+f.Name, a.Field(i), b.Field(i))
			}
		}
	default:
		if a.Interface() != b.Interface() && fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%s: %v and %v", path, a, b)
		}
	}
}

// numbersIn are the numbers in the texts of a section, each once.
func numbersIn(s page.Section) []string {
	found := map[string]bool{}
	visit(reflect.ValueOf(s), "", func(field, text string) {
		if field != "ID" {
			for _, n := range regexp.MustCompile(`\d+(?:[.,]\d+)*`).FindAllString(strings.ReplaceAll(text, "5-tuple", ""), -1) {
				found[n] = true
			}
		}
	})
	return slices.Sorted(maps.Keys(found))
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// chineseFaces are the faces of a document, as texts whose lines are not broken.
func chineseFaces(t *testing.T, d page.Document) map[string]string {
	t.Helper()
	var text, markdown, site bytes.Buffer
	if err := Text(&text, d, Style{Width: 5000}); err != nil {
		t.Fatal(err)
	}
	if err := Markdown(&markdown, d); err != nil {
		t.Fatal(err)
	}
	if err := HTML(&site, d); err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile(`(?s)<style>.*?</style>|<pre>.*?</pre>|<[^>]*>`).ReplaceAllString(site.String(), "\n")
	fenced := regexp.MustCompile("(?s)```sh.*?```").ReplaceAllString(markdown.String(), "")
	return map[string]string{"text": text.String(), "Markdown": fenced, "HTML": html.UnescapeString(shown)}
}

// englishRun is four or more English words in a row, none of which is a name with a
// capital, a digit or a dot in it.
var englishRun = regexp.MustCompile(`(?:^|[^\w/=.@-])([A-Za-z]?[a-z][a-z'-]*(?:[,;:]? [A-Za-z]?[a-z][a-z'-]*){3,})\b`)

// others are what somebody else wrote, and the sources that stand inside sentences.
func others() []string {
	return []string{
		"boot banners of Ubuntu on public pages", "iptables-restore failed: no such thing",
	}
}

// TestNoEnglishIsLeft: no sentence of a Chinese report is English, in any face, but names,
// sources and commands.
func TestNoEnglishIsLeft(t *testing.T) {
	for name, b := range bilinguals(t) {
		t.Run(name, func(t *testing.T) {
			known := append(slices.Clone(b.known), others()...)
			visit(reflect.ValueOf(b.chinese), "", func(field, s string) {
				if field == "Commands" || field == "Label" && plain.ASCII(s) { // a name
					known = append(known, plain.Lines(s)...)
				}
			})
			for _, s := range b.chinese.Sections {
				for _, block := range s.Blocks {
					if sources, ok := block.(page.Sources); ok {
						for _, one := range sources {
							known = append(known, one.Text)
						}
					}
				}
			}
			slices.SortFunc(known, func(a, b string) int { return len(b) - len(a) })
			for face, text := range chineseFaces(t, b.chinese) {
				for line := range strings.Lines(text) {
					rest := line
					for _, k := range known {
						if strings.Contains(k, " ") {
							rest = strings.ReplaceAll(rest, k, "…")
						}
					}
					if m := englishRun.FindString(rest); m != "" {
						t.Errorf("%s: %q is English in %q", face, m, strings.TrimSpace(line))
					}
				}
			}
		})
	}
}

// TestChineseWidths: no line of a Chinese report is wider than it was asked for but
// commands, none begins with what closes, and none ends with what opens.
func TestChineseWidths(t *testing.T) {
	for name, b := range bilinguals(t) {
		var commands []string
		visit(reflect.ValueOf(b.chinese), "", func(field, s string) {
			if field == "Commands" {
				commands = append(commands, plain.Lines(s)...)
			}
		})
		for _, width := range []int{60, 80, 120} {
			var out bytes.Buffer
			if err := Text(&out, b.chinese, Style{Width: width}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(out.String()) {
				line = strings.TrimRight(line, "\n")
				said := strings.TrimSpace(line)
				if slices.Contains(commands, said) || said == "" {
					continue
				}
				if n := kit.Cells(line); n > width {
					t.Errorf("%s: %d columns of %d: %q", name, n, width, line)
				}
				runes := []rune(said)
				if first := runes[0]; strings.ContainsRune("。，、；：？！）》」』】”’", first) {
					t.Errorf("%s: a line of %d begins with %c: %q", name, width, first, line)
				}
				if last := runes[len(runes)-1]; strings.ContainsRune("（《「『【“‘", last) {
					t.Errorf("%s: a line of %d ends with %c: %q", name, width, last, line)
				}
			}
		}
	}
}

// TestPicturesInChinese: where an English report has a picture the Chinese one has it too.
func TestPicturesInChinese(t *testing.T) {
	pictures := func(d page.Document, width int) int {
		text := newText(d.Voice, Style{Width: width})
		n := 0
		for _, s := range d.Sections {
			for _, b := range s.Blocks {
				if c, ok := b.(page.Chart); ok && text.picture(c) {
					n++
				}
			}
		}
		return n
	}
	for name, b := range bilinguals(t) {
		for _, width := range []int{80, 120} {
			if a, b := pictures(b.english, width), pictures(b.chinese, width); a != b {
				t.Errorf("%s at %d: %d pictures, in Chinese %d", name, width, a, b)
			}
		}
	}
}

// TestHanIsSetApart: between Chinese and Latin letters or digits stands a space, between
// two Chinese characters none.
func TestHanIsSetApart(t *testing.T) {
	odd := regexp.MustCompile(`\p{Han} +\p{Han}|[，。；：、（] | [，。；：、）]|。。|：。|（）`)
	for name, b := range bilinguals(t) {
		visit(reflect.ValueOf(b.chinese), "", func(field, s string) {
			if field == "Commands" {
				return
			}
			if m := odd.FindString(s); m != "" {
				t.Errorf("%s: %q in %q", name, m, s)
			}
			before := ' '
			for _, r := range s {
				letter := func(r rune) bool { return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
				if unicode.Is(unicode.Han, before) && letter(r) || letter(before) && unicode.Is(unicode.Han, r) {
					t.Errorf("%s: no space between %c and %c in %q", name, before, r, s)
				}
				before = r
			}
		})
	}
}

// TestChineseGolden is the report on the demo of mixed modes as a Chinese reader gets it.
func TestChineseGolden(t *testing.T) {
	v := say.In(say.Chinese)
	facts := cluster.Demos()
	f := facts[slices.IndexFunc(facts, func(f advisor.Facts) bool { return f.Name == "demo-mixed" })]
	h := advisor.Prefill(f, advisor.Habits{})
	doc := page.Audit{Voice: v, Facts: f, Habits: h, Advice: advisor.DecideIn(v, f, h, advisor.Measured{}), Version: "v0.1.0"}
	compareGoldens(t, "zh-", map[string]page.Audit{"mixed": doc}, map[string]func(io.Writer, page.Audit) error{
		"80.txt": Audits().in(Style{}), "html": Audits().html,
	})
}
