package tui

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/ui/state"
	"kpadvisor/ui/tui/ask/asktest"
	"kpadvisor/ui/tui/screen"
	"kpadvisor/ui/tui/screen/screentest"
)

// strolls of so many steps meet each place and come back.
const (
	strolls     = 8
	strollSteps = 250
)

// TestStartWalk presses keys, clicks, resizes and waits at random, over contexts that
// answer, fail, hang and change their minds. Whatever was done before: nothing breaks and
// everything fits, the pointer of the list is in sight, nobody signs in where the pointer
// was not and all were not asked for, a key that the footer names does something, and
// when it is left no read goes on.
func TestStartWalk(t *testing.T) {
	t.Parallel()
	for seed := range uint64(strolls) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) { newStroll(t, seed, dir).stroll() })
		})
	}
}

type stroll struct {
	*driven
	t      *testing.T
	of     *fakeContexts
	dice   *rand.Rand
	listed screentest.Checker
	did    []string
	asked  map[string]bool // the contexts whose plugins may run
}

func newStroll(t *testing.T, seed uint64, dir string) *stroll {
	o, f := fiveContexts()
	o.State = state.In(dir)
	nodes := &asktest.Asker{Reports: []advisor.NodeReport{told("node-1", advisor.IPVS)}}
	o.Asker, f.asker = nodes, nodes
	s := &stroll{t: t, of: f, dice: rand.New(rand.NewPCG(seed, 13)), listed: screentest.NewChecker(t), asked: map[string]bool{}}
	for i, c := range f.list {
		f.read[c.Name] = func(since time.Duration) advisor.Reading { return moody(c.Name, i, since) }
	}
	s.driven = drive(o)
	return s
}

// moody is a cluster that takes its time, and fails now and then.
func moody(name string, i int, since time.Duration) advisor.Reading {
	minute := time.Now().Minute()
	switch {
	case (minute+i)%3 == 0 && since > time.Second:
		return refuses(since)
	case since < time.Duration(i)*time.Second:
		return silent(since)
	}
	return advisor.Reading{Facts: factsOf(name), Stage: "Pods", Read: 1, Total: 2, Done: since > time.Duration(2*i)*time.Second}
}

func (s *stroll) stroll() {
	defer func() {
		v := recover()
		if v != nil || s.t.Failed() {
			s.t.Logf("%s", strings.Join(s.did[max(0, len(s.did)-60):], " "))
		}
		if v != nil {
			panic(v)
		}
	}()
	for n := 0; n < strollSteps && !s.t.Failed(); n++ {
		s.step()
		s.looks()
	}
	s.leaves()
	if nodes := s.of.asker.(*asktest.Asker); nodes.Begun() != nodes.Ended() {
		s.t.Error("nodes are asked after the end")
	}
	for _, survey := range s.reads.all {
		if !survey.(*contextSurvey).ended {
			s.t.Error("a read goes on after the end")
		}
	}
}

func (s *stroll) step() {
	all := strings.Fields("enter enter enter esc esc C C a R R / i i Y down down down up up home end j k tab shift+tab 1 2 3 4 r e c o space x left right ? y ctrl+s l 7 backspace pgdn")
	switch n := s.dice.IntN(100); {
	case n < 4:
		s.did = append(s.did, "<resize>")
		s.happens(tea.WindowSizeMsg{Width: 60 + s.dice.IntN(120), Height: 20 + s.dice.IntN(30)})
	case n < 16:
		x, y := s.dice.IntN(s.w), s.dice.IntN(s.h)
		s.did = append(s.did, fmt.Sprintf("<click %d %d>", x, y))
		s.before("enter") // a click on the row pointed at opens it
		s.happens(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	case n < 20:
		s.did = append(s.did, "<wheel>")
		s.happens(tea.MouseWheelMsg{Button: []tea.MouseButton{tea.MouseWheelUp, tea.MouseWheelDown}[s.dice.IntN(2)]})
	case n < 28:
		s.did = append(s.did, "<pause>")
		s.passes(time.Duration(s.dice.IntN(20)) * time.Second)
	case n < 55:
		s.named()
	default:
		s.pressed(all[s.dice.IntN(len(all))])
	}
}

// before notes for which contexts a key asks: enter opens the one pointed at, R reads that
// again or the one that is looked at, and a reads all.
func (s *stroll) before(key string) {
	switch p := s.start.pointed(); {
	case !s.starting():
		s.asked[s.session.context.Name] = s.asked[s.session.context.Name] || key == "R"
	case key == "a":
		for _, p := range s.places {
			s.asked[p.session.context.Name] = true
		}
	case p != nil && (key == "enter" || key == "R"):
		s.asked[p.session.context.Name] = true
	}
}

func (s *stroll) pressed(key string) {
	s.did = append(s.did, key)
	s.before(key)
	s.keys(key)
}

// named presses a key that the footer names, and wants it to do something.
func (s *stroll) named() {
	var names []string
	for _, b := range s.root.keys().ShortHelp() {
		if b.Enabled() && b.Keys()[0] != "q" && b.Keys()[0] != "ctrl+c" && b.Keys()[0] != "ctrl+z" {
			names = append(names, b.Keys()[0])
		}
	}
	if len(names) == 0 || s.help != noHelp {
		names = []string{"esc"}
	}
	name := names[s.dice.IntN(len(names))]
	shown, at := s.draw(), s.place
	s.before(name)
	s.did = append(s.did, name)
	_, cmd := s.root.Update(keyPress(name))
	acted := cmd != nil || s.draw() != shown || s.place != at
	if !acted && !strings.Contains(shown, "Not accepted") {
		s.t.Errorf("the footer names %s, which does nothing:\n%s", name, shown)
	}
	s.begin(cmd)
	s.happens()
}

func (s *stroll) looks() {
	drawn := s.draw()
	s.listed.Fits(s.t, "walk", drawn, s.w, s.h, false)
	if s.starting() && s.help == noHelp && !strings.Contains(drawn, "▸") && s.start.length() > 0 && s.start.form == nil {
		s.t.Errorf("the pointer is out of sight:\n%s", s.text())
	}
	for _, name := range s.of.noted(&s.of.signed) {
		if !s.asked[name] {
			s.t.Errorf("somebody signed in to %s unasked", name)
		}
	}
	if f := screen.Layout(s.w, s.h, tabsWidth(s.names)); f.Small {
		s.t.Fatal("too small")
	}
}
