package tui

import (
	"context"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"kpadvisor/advisor"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/screen/screentest"
)

// inChinese are options of a terminal whose reader is Chinese.
func inChinese() Options { return Options{Style: kit.Style{Voice: say.In(say.Chinese)}} }

// spoken are the screens over the rules as they are, each reached as a user would.
func spoken() map[string]func(o Options, w, h int) app {
	out := map[string]func(o Options, w, h int) app{
		"lost": func(o Options, w, h int) app {
			return unread(o, w, h, advisor.Reading{Err: lost().Survey.Reading().Err})
		},
		"reading": func(o Options, w, h int) app {
			return unread(o, w, h, advisor.Reading{Facts: beingRead(), Stage: "Services", Read: 1000, Total: 4312})
		},
		"reading-advice": func(o Options, w, h int) app {
			return unread(o, w, h, advisor.Reading{Facts: beingRead(), Stage: "Services"}).press("3", "e")
		},
		"connecting": func(o Options, w, h int) app { return unread(o, w, h, advisor.Reading{}) },
	}
	for name, keys := range map[string][]string{
		"cluster": {"1"}, "evidence": {"1", "down", "enter"}, "filter": {"1", "/", "i", "p", "v"}, "filter-none": {"1", "/", "x", "x", "x"},
		"choice": {"2"}, "answered": {"2", "down", "enter", "left"}, "number": {"2", "enter"}, "refused": {"2", "enter", "1", ".", ".", "enter"},
		"over":   {"2", "right", "right", "right", "right", "right", "right", "right"},
		"advice": {"3"}, "why": {"3", "enter"}, "why-last": {"3", "down", "down", "enter"}, "curve": {"3", "c"}, "explain": {"3", "e"},
		"runbook": {"3", "r"}, "runbook-other": {"3", "r", "o"}, "runbook-third": {"3", "r", "o", "o"},
		"help": {"?"}, "help-all": {"?", "?"}, "copied": {"y"}, "saved": {"s"},
	} {
		out[name] = func(o Options, w, h int) app { return real(o, w, h, keys...) }
	}
	for name, state := range states() {
		if strings.HasPrefix(name, "start") && name != "start-advice" || strings.HasPrefix(name, "ask") && !slices.Contains([]string{"ask-denied", "ask-review", "ask-answer"}, name) || slices.Contains([]string{"demo", "typed", "typed-invalid", "open"}, name) {
			out[name] = state
		}
	}
	return out
}

// unread is a survey that has come so far.
func unread(o Options, w, h int, r advisor.Reading) app {
	of := surveyed(func() advisor.Reading { return r })
	of.Style, of.Offline = o.Style, fakeOffline{}
	a := app{newRoot(context.Background(), of)}
	a.Update(tea.WindowSizeMsg{Width: w, Height: h})
	return a.read()
}

// beingRead is a cluster whose Services have not come yet.
func beingRead() advisor.Facts {
	f := demoMixed()
	f.Origin, f.Name, f.Coverage = advisor.FromCluster, "prod-eu", advisor.Coverage{}
	f.Services, f.Load, f.Endpoints = advisor.Fact[advisor.ServiceCounts]{}, advisor.Fact[advisor.Load]{}, advisor.Fact[advisor.EndpointCounts]{}
	return f
}

// TestSameKeysInChinese: a key does the same in every language, and says so in it.
func TestSameKeysInChinese(t *testing.T) {
	t.Parallel()
	for name, state := range spoken() {
		english, chinese := state(Options{}, 80, 24), state(inChinese(), 80, 24)
		groups := chinese.keys().FullHelp()
		for i, group := range english.keys().FullHelp() {
			for j, b := range group {
				other := groups[i][j]
				if !slices.Equal(b.Keys(), other.Keys()) || b.Enabled() != other.Enabled() || b.Help().Key != other.Help().Key {
					t.Errorf("%s: %v %s, in Chinese %v %s", name, b.Keys(), b.Help().Key, other.Keys(), other.Help().Key)
				}
				if does := other.Help().Desc; other.Enabled() && (does == b.Help().Desc) != (does == "Service") {
					t.Errorf("%s: %s does %q, in Chinese %q", name, b.Help().Key, b.Help().Desc, does)
				}
			}
		}
	}
}

// TestNoEnglishIsLeft: nothing but commands, names and sources is English on a screen that
// speaks Chinese.
func TestNoEnglishIsLeft(t *testing.T) {
	t.Parallel()
	words := regexp.MustCompile(`[A-Za-z][A-Za-z'’-]*(?:,? [A-Za-z][A-Za-z'’-]*){3,}`)
	kept := asTheyAre(t)
	for name, state := range spoken() {
		text := " " + strings.Join(strings.Fields(ansi.Strip(state(inChinese(), 99, 2000).draw())), " ")
		for _, s := range kept {
			text = strings.ReplaceAll(text, s, "#")
		}
		for _, found := range words.FindAllStringIndex(text, -1) {
			t.Errorf("%s: English is left: %q", name, text[max(found[0]-30, 0):min(found[1]+30, len(text))])
		}
	}
}

// asTheyAre are the texts that are the same in every language: what was read of a cluster,
// commands and sources. The longest come first.
func asTheyAre(t *testing.T) []string {
	t.Helper()
	var out []string
	add := func(s string) {
		if s = strings.Join(strings.Fields(s), " "); strings.Contains(s, " ") && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	f := demoMixed()
	all := []any{f}
	for _, l := range say.Languages() { // commands have remarks, which are said
		v := say.In(l)
		all = append(all, advisor.DecideIn(v, f, advisor.Habits{}, advisor.Measured{}))
		for _, m := range advisor.Modes() {
			all = append(all, advisor.MoveToIn(v, f, advisor.Habits{}, advisor.Measured{}, m))
		}
	}
	data, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	var read any
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	same := []string{"source", "commands", "name", "osImage", "kernel"}
	var visit func(field string, v any)
	visit = func(field string, v any) {
		switch v := v.(type) {
		case string:
			if slices.Contains(same, field) {
				for _, line := range strings.Split(v, "\n") {
					add(line)
				}
			}
		case []any:
			for _, x := range v {
				visit(field, x)
			}
		case map[string]any:
			for field, x := range v {
				visit(field, x)
			}
		}
	}
	visit("", read)
	add("boot banners of Ubuntu on public pages") // a source inside a sentence
	add("preStop, readiness and strategy")
	add(fixedAdvice(say.Voice{}, f, advisor.Habits{}, advisor.Measured{}).Headline)
	slices.SortFunc(out, func(a, b string) int { return len(b) - len(a) })
	return out
}

// TestEverySizeInChinese: nothing is wider than the terminal where characters take two
// cells.
func TestEverySizeInChinese(t *testing.T) {
	t.Parallel()
	for name, state := range spoken() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := state(inChinese(), 80, 24)
			checker := screentest.NewChecker(t)
			for w := 20; w <= 160; w += screentest.SweepStep {
				h := 10 + (w*7)%41
				a.Update(tea.WindowSizeMsg{Width: w, Height: h})
				checker.Fits(t, name, a.draw(), w, h, false)
			}
		})
	}
}

// TestReportInEveryLanguage: what is saved can be had in each language, whichever the
// screens speak, and is a report on a read that has ended.
func TestReportInEveryLanguage(t *testing.T) {
	t.Parallel()
	chinese := say.In(say.Chinese)
	o := surveyed(func() advisor.Reading { return advisor.Reading{Facts: beingRead(), Stage: "Services"} })
	o.Style.Voice = chinese
	a := app{newRoot(context.Background(), o)}
	a.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	a.read().press("3", "r", "o")
	doc := a.session.document("v1")
	for _, l := range say.Languages() {
		d := doc(say.In(l))
		text := d.Advice.Headline + d.Move.Differs[0].Text
		if han := strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }); han != (l == say.Chinese) || d.Voice.Language() != l {
			t.Errorf("%s: %q", l, text)
		}
		if strings.Contains(text, "being read") || strings.Contains(text, "正在读取") {
			t.Errorf("%s: it says that the read goes on: %q", l, text)
		}
	}
	if same := doc(chinese); !reflect.DeepEqual(same, doc(chinese)) {
		t.Error("asked twice it is another")
	}
}
