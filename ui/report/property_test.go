package report

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/ui/page"
)

// Every text of the advice stands in every format: a report that leaves a
// caveat out in one of them is worse than none. Each text field is given a text
// of its own, so that a field added to the advice has to be added here.
func TestSameContentEverywhere(t *testing.T) {
	doc := large(t)
	doc.Facts.NodeReports = []advisor.NodeReport{{Node: "n1", Habits: []advisor.NodeHabits{{Method: advisor.ByConntrack, Over: time.Minute}}}}
	texts := map[string]string{}
	fill(reflect.ValueOf(&doc.Advice).Elem(), "Advice", texts)
	doc.Advice.Connections.Nodes = 1
	nat := &doc.Advice.Connections.BehindNAT // which is never known: why is what is said
	*nat = advisor.UnknownFor[bool](advisor.NotAsked, nat.Source)
	fill(reflect.ValueOf(&doc.Measured).Elem(), "Measured", texts)
	move := moving()
	doc.Move = move.Move
	doc.Move.Runbook = doc.Advice.Runbook // one of the two is shown
	fill(reflect.ValueOf(&doc.Move.Differs).Elem(), "Move.Differs", texts)
	var asText, asMarkdown, asHTML, asJSON bytes.Buffer
	for w, write := range map[*bytes.Buffer]func(io.Writer, page.Audit) error{&asText: Audits().in(Style{Width: 400}), &asMarkdown: Audits().markdown, &asHTML: Audits().html, &asJSON: JSON} {
		if err := write(w, doc); err != nil {
			t.Fatal(err)
		}
	}
	within := []string{
		"Advice.Reuse.Kernel", "Advice.Reuse.Kubernetes", // the name of a group holds these two already
		"Advice.Reuse.Reused.Source", // in Load, in a sentence
	}
	for path, text := range texts {
		if path != "Advice.Estimates.ChangeTime" && !strings.Contains(asJSON.String(), text) { // JSON has no such field yet
			t.Errorf("JSON lacks %s", path)
		}
		if slices.Contains(within, path) {
			continue
		}
		if !strings.Contains(asText.String(), text) {
			t.Errorf("text lacks %s", path)
		}
		if !strings.Contains(asMarkdown.String(), text) {
			t.Errorf("Markdown lacks %s", path)
		}
		if !strings.Contains(asHTML.String(), text) {
			t.Errorf("HTML lacks %s", path)
		}
	}
	if len(texts) < 40 {
		t.Errorf("only %d texts were looked for", len(texts))
	}
}

// fill gives each plain string of v a text made of its path. The named types
// (modes, actions, ...) are words of the contract and keep their values.
func fill(v reflect.Value, path string, texts map[string]string) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() {
			texts[path] = "text" + strconv.Itoa(len(texts)) + "of" + strings.ReplaceAll(path, ".", "")
			v.SetString(texts[path])
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		one := reflect.New(v.Type().Elem()).Elem()
		if v.Len() > 0 {
			one.Set(v.Index(0))
		}
		fill(one, path, texts)
		v.Set(reflect.Append(reflect.MakeSlice(v.Type(), 0, 1), one))
	case reflect.Struct:
		if state := v.FieldByName("State"); state.IsValid() && state.Type() == reflect.TypeFor[advisor.State]() {
			state.Set(reflect.ValueOf(advisor.Known)) // a fact: its value and where it is from, and no reason why not
			fill(v.FieldByName("Value"), path+".Value", texts)
			fill(v.FieldByName("Source"), path+".Source", texts)
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Tag.Get("json") != "-" { // which says what others say too
				fill(v.Field(i), path+"."+f.Name, texts)
			}
		}
	}
}

func TestNoLineIsWiderThanThePage(t *testing.T) {
	docs := cases(t)
	docs["decided"] = decided(t)
	checkWidths(t, Audits(), docs, func(doc page.Audit, line string) bool {
		steps := doc.Advice.Runbook
		if doc.Move != nil {
			steps = doc.Move.Runbook
		}
		return slices.ContainsFunc(steps, func(step advisor.Step) bool {
			return slices.ContainsFunc(step.Commands, func(c string) bool {
				return slices.ContainsFunc(plain.Lines(c), func(l string) bool { return strings.TrimSpace(l) == strings.TrimSpace(line) })
			})
		})
	})
}

func TestHostileStrings(t *testing.T) {
	doc := large(t)
	doc.Facts.Name, doc.Advice.Headline, doc.Facts.Groups[0].OSImage, doc.Advice.Reuse[0].Group = hostile, hostile, hostile, hostile
	doc.Advice.Runbook[0].Commands = []string{hostile}
	formats := goldenFormats(Audits())
	delete(formats, "80-color.txt")
	checkHostile(t, formats, doc)
}

func TestASCIIStyleIsASCII(t *testing.T) {
	doc := large(t)
	doc.Advice.Headline = "nftables ≥ 1.33 → 49 µs … “x” 集群 —"
	var b bytes.Buffer
	if err := Text(&b, doc.Page(), Style{ASCII: true}); err != nil {
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
	if err := errors.Join(Text(&with, large(t).Page(), Style{Color: true}), Text(&without, large(t).Page(), Style{})); err != nil {
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

func TestFailingWriter(t *testing.T) { checkFailingWriter(t, goldenFormats(Audits()), large(t)) }

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
