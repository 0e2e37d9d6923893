package tui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
)

// largeFacts have so many node groups, no two alike.
func largeFacts(groups int) advisor.Facts {
	f := mixedFacts()
	from := f.Groups
	f.Groups = nil
	for i := range groups {
		g := from[i%len(from)]
		g.Nodes = 1 + i%7
		g.Kernel = fmt.Sprintf("5.%d.%d-%d-generic", 4+i%12, i%200, i)
		g.Kubelet = fmt.Sprintf("v1.%d.%d", 24+i%12, i%9)
		g.NodeNames = []string{fmt.Sprintf("node-%d", i)}
		f.Groups = append(f.Groups, g)
	}
	return f
}

// TestKeysOnManyGroups: on 2,000 node groups, no two alike, a key that moves the window
// lays nothing out anew, on any page. What that saves is counted in allocations, which
// do not depend on how busy the machine is; the times are only said.
func TestKeysOnManyGroups(t *testing.T) {
	for _, l := range say.Languages() {
		t.Run(string(l), func(t *testing.T) { keysOnManyGroups(t, l) })
	}
}

func keysOnManyGroups(t *testing.T, l say.Language) {
	t.Helper()
	o := done(largeFacts(2000))
	o.Style.Voice = say.In(l)
	a := app{newRoot(context.Background(), o)}
	a.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	a.read()
	for _, size := range [][2]int{{80, 24}, {200, 60}} {
		a.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		for _, keys := range [][]string{{"1"}, {"2"}, {"3"}, {"3", "r"}, {"3", "e"}, {"3", "c"}, {"3", "enter"}, {"1", "enter"}, {"1", "/"}, {"4"}, {"?"}} {
			a.press(keys...)
			began := time.Now()
			a.draw()
			first := time.Since(began)
			key := func() { // without what it may decide, which is a command's
				a.act(keyPress("j"))
				a.considers()
				a.draw()
			}
			allocations := testing.AllocsPerRun(5, key)
			began = time.Now()
			key()
			t.Logf("%v %v: first %v, then %v and %.0f allocations for a key", size, keys, first, time.Since(began), allocations)
			if allocations > mostAllocations {
				t.Errorf("%v %v: %.0f allocations for a key", size, keys, allocations)
			}
			a.press("esc", "esc")
		}
	}
}

// mostAllocations are many times what a screen full of cells takes, and a fraction of
// what the lines of 2,000 groups take.
const mostAllocations = 10_000

// TestExplainsFewGroups: the page that explains is as long for 2,000 node groups as for
// 200, so that its first layout and each resize are quick.
func TestExplainsFewGroups(t *testing.T) {
	lines := func(groups int) []kit.Line {
		a := app{newRoot(context.Background(), done(largeFacts(groups)))}
		a.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
		a.read()
		return newAdvice(a.palette, a.session).explanation(80)
	}
	few, many := lines(200), lines(2000)
	if len(many) > len(few)+len(few)/10 || len(many) > 3_000 {
		t.Errorf("%d lines for 200 groups, %d for 2,000", len(few), len(many))
	}
	said := 0
	for _, l := range many {
		for _, s := range l {
			if strings.Contains(s.Text, "And 1,900 more") {
				said++
			}
		}
	}
	if said == 0 {
		t.Error("nothing says that there are more")
	}
}

// TestKeysWhileReadingManyGroups: each look at a survey that goes on may lay a screen
// out anew, once, at a cost that grows with the number of groups and not faster; the
// keys between two looks do not.
func TestKeysWhileReadingManyGroups(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 60}} {
		for _, key := range []string{"1", "2", "3", "4"} {
			work := func(groups int) (look, press float64) {
				f := largeFacts(groups)
				a := app{newRoot(context.Background(), surveyed(func() advisor.Reading { return advisor.Reading{Facts: f} }))}
				a.session.decide = fixedAdvice
				a.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
				a.press(key)
				read := 0
				look = testing.AllocsPerRun(3, func() {
					read++
					a.sees(advisor.Reading{Facts: f, Stage: "Pods", Read: read})
					a.draw()
				})
				press = testing.AllocsPerRun(3, func() {
					a.Update(keyPress("j"))
					a.draw()
				})
				began := time.Now()
				a.sees(advisor.Reading{Facts: f, Stage: "Pods", Read: read + 1})
				a.draw()
				t.Logf("%v %s: %d groups: %v and %.0f allocations for a look, %.0f for a key", size, key, groups, time.Since(began), look, press)
				return look, press
			}
			few, _ := work(200)
			many, press := work(2000)
			if many > 14*few+mostAllocations || press > mostAllocations {
				t.Errorf("%v %s: a look takes %.0f allocations with 200 groups, %.0f with 2,000; a key %.0f", size, key, few, many, press)
			}
		}
	}
}
