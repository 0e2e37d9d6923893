package tui

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"kpadvisor/advisor"
	"kpadvisor/ui/kit"
)

var update = flag.Bool("update", false, "write the golden files anew")

// states are the screens worth a picture, each reached as a user would.
func states() map[string]func(o Options, w, h int) app {
	reading := func(o Options, w, h int) app {
		o.Reading = func() advisor.Reading {
			f := mixedFacts()
			f.Endpoints, f.RolloutsPerDay, f.Groups = advisor.Fact[advisor.EndpointCounts]{}, advisor.Fact[float64]{}, nil
			f.Coverage = advisor.Coverage{}
			return advisor.Reading{Facts: f, Stage: "EndpointSlices", Read: 3120, Total: 4530}
		}
		a := start(o, w, h)
		a.Update(readingMsg(o.Reading()))
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
		"connecting":     func(o Options, w, h int) app { return start(Options{Style: o.Style, Reading: lost().Reading}, w, h) },
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
		"help":           keys(ready, "?"),
		"lost":           without,
		"lost-advice":    keys(without, "3"),
		"demo":           keys(without, "enter"),
		"typed":          keys(without, "down", "enter"),
		"typed-invalid":  keys(without, "down", "enter", "up", "enter"),
		"open":           keys(without, "G", "enter", "x", "enter"),
	}
	maps.Copy(all, probeStates())
	maps.Copy(all, labStates())
	maps.Copy(all, drillStates())
	maps.Copy(all, nodesStates())
	return all
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, state := range states() {
		if strings.HasSuffix(name, "-invalid") {
			continue // the sentence is of another package
		}
		for _, size := range [][2]int{{80, 24}, {120, 40}, {66, 30}, {40, 12}} {
			w, h := size[0], size[1]
			compare(t, fmt.Sprintf("%s-%dx%d", name, w, h), ansi.Strip(state(Options{}, w, h).draw()))
		}
	}
	for _, name := range []string{"reading", "cluster", "advice", "habits-choice", "lost", "probe", "probe-ready", "probe-running", "probe-errors"} {
		a := states()[name](Options{Style: kit.Style{ASCII: true}}, 80, 24)
		compare(t, name+"-ascii", ansi.Strip(a.draw()))
		compare(t, name+"-color", strings.ReplaceAll(states()[name](Options{Style: kit.Style{Color: true, Dark: true}}, 80, 24).draw(), "\x1b", "ESC"))
	}
	bare := states()["probe-running"](Options{}, 80, 24).draw()
	compare(t, "probe-running-nocolor", strings.ReplaceAll(bare, "\x1b", "ESC"))
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	lines := strings.Split(got, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	got = strings.Join(lines, "\n") + "\n"
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got:\n%s\nwant:\n%s", name, got, want)
	}
}
