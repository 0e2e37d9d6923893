package tui

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/measure/measuretest"
	"kpadvisor/ui/tui/screen/screentest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// states are the screens worth a picture, each reached as a user would.
func states() map[string]func(o Options, w, h int) app {
	reading := func(o Options, w, h int) app {
		o.Survey = fakeSurvey(func() advisor.Reading {
			f := mixedFacts()
			f.Endpoints, f.RolloutsPerDay, f.Groups = advisor.Fact[advisor.EndpointCounts]{}, advisor.Fact[float64]{}, nil
			f.Coverage = advisor.Coverage{}
			return advisor.Reading{Facts: f, Stage: "EndpointSlices", Read: 3120, Total: 4530}
		})
		a := start(o, w, h)
		a.sees(o.Survey.Reading())
		return a
	}
	ready := func(o Options, w, h int) app {
		r := done(mixedFacts())
		r.Style = o.Style
		return start(r, w, h).read()
	}
	without := func(o Options, w, h int) app {
		l := lost()
		l.Style = o.Style
		return start(l, w, h).read()
	}
	keys := func(from func(Options, int, int) app, keys ...string) func(Options, int, int) app {
		return func(o Options, w, h int) app { return from(o, w, h).press(keys...) }
	}
	all := map[string]func(o Options, w, h int) app{
		"ticked":         keys(ready, "3", "r", "space", "down"),
		"connecting":     func(o Options, w, h int) app { return start(Options{Style: o.Style, Source: lost().Source}, w, h) },
		"reading":        reading,
		"cluster":        ready,
		"habits-choice":  keys(ready, "2"),
		"habits-number":  keys(ready, "2", "enter"),
		"habits-invalid": keys(ready, "2", "right", "1", ".", ".", "enter"),
		"habits-over":    keys(ready, "2", "enter", "enter"),
		"advice":         keys(ready, "3"),
		"advice-reading": keys(reading, "3"),
		"advice-runbook": keys(ready, "3", "r"),
		"advice-move":    keys(ready, "3", "r", "o"),
		"advice-explain": keys(ready, "3", "e"),
		"advice-why":     keys(ready, "3", "enter"),
		"advice-curve":   keys(ready, "3", "c"),
		"evidence":       keys(ready, "down", "enter"),
		"filter":         keys(ready, "/", "a", "r", "m"),
		"help":           keys(ready, "?"),
		"lost":           without,
		"lost-advice":    keys(without, "3"),
		"demo":           keys(without, "enter"),
		"typed":          keys(without, "down", "enter"),
		"typed-invalid":  keys(without, "down", "enter", "up", "enter"),
		"open":           keys(without, "G", "enter", "x", "enter"),
	}
	maps.Copy(all, startStates())
	maps.Copy(all, askStates())
	measuring := func(o Options, w, h int, keys ...string) app {
		r := with(done(mixedFacts()), measuretest.Everything(&measuretest.Prober{}))
		r.Style = o.Style
		return start(r, w, h).read().press("4").press(keys...)
	}
	all["probe"] = func(o Options, w, h int) app { return measuring(o, w, h) }
	all["probe-typing"] = func(o Options, w, h int) app { return measuring(o, w, h, "j", "enter", "t").typed("10.96.0.10:80") }
	return all
}

// real are the screens over a demo and the rules as they are, as a user reaches them.
func real(o Options, w, h int, keys ...string) app {
	r := done(demoMixed())
	r.Style = o.Style
	a := app{newRoot(context.Background(), r)}
	a.Update(tea.WindowSizeMsg{Width: w, Height: h})
	return a.read().press(keys...)
}

func demoMixed() advisor.Facts {
	for _, f := range cluster.Demos() {
		if f.Name == "demo-mixed" {
			return f
		}
	}
	return advisor.Facts{}
}

// frames are what a person reviews: each screen once. Everything else that a screen can
// show is checked by what holds for all of it: no line too wide, no key without effect.
func frames() map[string]func(o Options, w, h int) app {
	out := map[string]func(o Options, w, h int) app{}
	for name, keys := range map[string][]string{
		"cluster": {"1"}, "cluster-evidence": {"1", "down", "enter"}, "cluster-filter": {"1", "/", "i", "p", "v"}, "habits": {"2"}, "help": {"?"},
		"advice": {"3"}, "advice-why": {"3", "enter"}, "advice-curve": {"3", "c"}, "advice-runbook": {"3", "r"}, "advice-explain": {"3", "e"},
	} {
		out[name] = func(o Options, w, h int) app { return real(o, w, h, keys...) }
	}
	all := states()
	for _, name := range []string{"lost", "start", "start-failed", "start-typed", "reading", "probe", "ask", "ask-pods", "ask-review", "ask-answer"} {
		out[name] = all[name]
	}
	return out
}

func TestGolden(t *testing.T) {
	t.Parallel()
	all := frames()
	for name, state := range all {
		for _, size := range [][2]int{{80, 24}, {120, 40}} {
			w, h := size[0], size[1]
			screentest.Golden(t, fmt.Sprintf("%s-%dx%d", name, w, h), ansi.Strip(state(Options{}, w, h).draw()), *update)
		}
	}
	for name, sizes := range map[string][][2]int{"lost": {{80, 24}}, "start": {{80, 24}}, "cluster": {{80, 24}}, "habits": {{80, 24}}, "advice": {{80, 24}, {120, 40}}, "help": {{80, 24}}, "ask": {{80, 24}}, "ask-review": {{80, 24}}, "ask-answer": {{80, 24}}} {
		for _, size := range sizes {
			screentest.Golden(t, fmt.Sprintf("%s-zh-%dx%d", name, size[0], size[1]), ansi.Strip(all[name](inChinese(), size[0], size[1]).draw()), *update)
		}
	}
	for _, name := range []string{"start", "cluster", "advice", "advice-curve", "habits"} {
		for theme, style := range map[string]kit.Style{"ascii": {ASCII: true}, "dark": {Color: true, Dark: true}, "light": {Color: true}} {
			screentest.Golden(t, name+"-"+theme, strings.ReplaceAll(all[name](Options{Style: style}, 80, 24).draw(), "\x1b", "ESC"), *update)
		}
	}
}

// TestEveryKeyActs: each key that the footer or the help of a screen names, other than
// those that move a window, changes what is seen or sets something going.
func TestEveryKeyActs(t *testing.T) {
	t.Parallel()
	for name, state := range states() {
		if strings.HasSuffix(name, "-invalid") {
			continue // what was refused is refused again
		}
		first := state(Options{}, 80, 24)
		for _, b := range first.keys().ShortHelp() {
			if !b.Enabled() {
				continue
			}
			a := state(Options{}, 80, 24)
			before := a.draw()
			if _, cmd := a.Update(keyPress(b.Keys()[0])); cmd == nil && a.draw() == before {
				t.Errorf("%s: %s (%s) does nothing", name, b.Keys()[0], b.Help().Desc)
			}
		}
	}
}
