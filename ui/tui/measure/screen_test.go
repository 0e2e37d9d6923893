package measure

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/screen"
	"kpadvisor/ui/tui/screen/screentest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden is what a person reviews: each face of the screen once. Everything else is
// checked by what holds for all of it.
func TestGolden(t *testing.T) {
	t.Parallel()
	all := states()
	for _, name := range []string{
		"probe", "probe-ready", "probe-running", "probe-errors", "probe-finished", "lab-running", "lab-finished", "drill-running", "drill-finished", "nodes-review",
	} {
		for _, size := range [][2]int{{80, 24}, {120, 40}} {
			w, h := size[0], size[1]
			screentest.Golden(t, fmt.Sprintf("%s-%dx%d", name, w, h), all[name](kit.Style{}, w, h).text(), *update)
		}
	}
	for _, name := range []string{"probe-ready", "probe-finished", "lab-running", "drill-finished", "nodes-review"} {
		screentest.Golden(t, name+"-zh-80x24", all[name](kit.Style{Voice: say.In(say.Chinese)}, 80, 24).text(), *update)
	}
	for theme, style := range map[string]kit.Style{"ascii": {ASCII: true}, "dark": {Color: true, Dark: true}, "light": {Color: true}} {
		screentest.Golden(t, "probe-running-"+theme, strings.ReplaceAll(all["probe-running"](style, 80, 24).draw(), "\x1b", "ESC"), *update)
	}
}

// TestEveryKeyActs: each key that the footer or the help of the screen names, other than
// those of the program, changes what is seen or sets something going.
func TestEveryKeyActs(t *testing.T) {
	t.Parallel()
	for name, state := range states() {
		if strings.HasSuffix(name, "-invalid") {
			continue // what was refused is refused again
		}
		first := state(kit.Style{}, 80, 24)
		for _, b := range first.keys().ShortHelp() {
			if !b.Enabled() || !first.Takes() && ofTheProgram(b.Help().Desc) || b.Help().Desc == "quit" {
				continue
			}
			a := state(kit.Style{}, 80, 24)
			before := a.draw()
			if cmd := a.Update(screentest.Press(b.Keys()[0])); cmd == nil && a.draw() == before {
				t.Errorf("%s: %s (%s) does nothing", name, b.Keys()[0], b.Help().Desc)
			}
		}
	}
}

// ofTheProgram reports what a key does on every screen.
func ofTheProgram(does string) bool { return does == "next" || does == "help" }

// TestNoKeyTwice walks the bindings that are live in every state: a key does one thing.
func TestNoKeyTwice(t *testing.T) {
	t.Parallel()
	for name, state := range states() {
		screentest.NoKeyTwice(t, name, state(kit.Style{}, 80, 24).keys())
	}
}

// TestFooterNamesTheWayOut: help and quit stand in the footer at the smallest width.
func TestFooterNamesTheWayOut(t *testing.T) {
	t.Parallel()
	for name, state := range states() {
		a := state(kit.Style{}, screen.MinWidth, screen.MinHeight)
		lines := strings.Split(ansi.Strip(a.draw()), "\n")
		footer := lines[len(lines)-1]
		if !strings.Contains(footer, "quit") || !a.Takes() && !strings.Contains(footer, "? help") {
			t.Errorf("%s: no way out or no help in %q", name, footer)
		}
	}
}

// TestNoOtherKeyActs: a key that is not named does nothing, unless it is typed.
func TestNoOtherKeyActs(t *testing.T) {
	t.Parallel()
	for name, state := range states() {
		a := state(kit.Style{}, 80, 24)
		before, named := a.draw(), screentest.Named(a.keys())
		for k := range named {
			if named[k] || a.Takes() {
				continue
			}
			if cmd := a.Update(screentest.Press(k)); cmd != nil || a.draw() != before {
				t.Errorf("%s: %s acts, and is not named", name, k)
				a = state(kit.Style{}, 80, 24)
			}
		}
	}
}

// TestEverySize draws every face at every size, over well-behaved and over hostile
// measurements: nothing too wide or too long, and no control character but the program's
// own colours.
func TestEverySize(t *testing.T) {
	t.Parallel()
	for name, state := range states() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sweep(t, name, state(kit.Style{Color: true, Dark: true}, 80, 24))
			for _, style := range []kit.Style{{}, {ASCII: true}} {
				a := state(style, 80, 24)
				corrupt(a)
				sweep(t, name, a)
			}
		})
	}
}

func sweep(t *testing.T, name string, a app) {
	t.Helper()
	checker := screentest.NewChecker(t)
	at := func(w, h int) {
		a.Update(tea.WindowSizeMsg{Width: w, Height: h})
		checker.Fits(t, name, a.draw(), w, h, a.ascii)
	}
	for w := 20; w <= 160; w += screentest.SweepStep {
		at(w, 10+(w*7)%41)
	}
	for h := 10; h <= 50; h += screentest.SweepStep {
		at(60, h)
		at(110, h)
	}
}
