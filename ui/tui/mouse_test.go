package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"kpadvisor/ui/tui/measure/measuretest"
	"kpadvisor/ui/tui/screen"
)

// clicked clicks in the middle of where a text stands, and reports whether it does.
func (a app) clicked(t *testing.T, text string) app {
	t.Helper()
	for y, row := range strings.Split(a.text(), "\n") {
		if before, _, found := strings.Cut(row, text); found {
			x := ansi.StringWidth(before) + ansi.StringWidth(text)/2
			_, cmd := a.Update(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
			a.run(cmd)
			return a
		}
	}
	t.Errorf("no %q to click on:\n%s", text, a.text())
	return a
}

func (a app) wheels(button tea.MouseButton) app {
	_, cmd := a.Update(tea.MouseWheelMsg{X: 10, Y: 10, Button: button})
	a.run(cmd)
	return a
}

// TestTabsCanBeClicked: each tab where the layout has it, at every width, and nothing
// beside them.
func TestTabsCanBeClicked(t *testing.T) {
	t.Parallel()
	for w := screen.MinWidth; w <= 200; w += 7 {
		a := start(done(mixedFacts()), w, 24).read()
		where := a.tabs(screen.Layout(w, 24, tabsWidth(a.names)))
		for i := len(where) - 1; i >= 0; i-- {
			r := where[i]
			for _, x := range []int{r.X, r.X + r.W - 1} {
				a.goTo((i + 1) % len(where))
				if a.Update(tea.MouseClickMsg{X: x, Y: r.Y, Button: tea.MouseLeft}); a.active != i {
					t.Errorf("width %d: a click at %d goes to %d, want %d", w, x, a.active, i)
				}
			}
			row := []rune(strings.Split(a.text(), "\n")[r.Y])
			if name := string(row[r.X : r.X+r.W]); name != string(rune('1'+i))+" "+a.names[i] {
				t.Errorf("width %d: %q stands where a click goes to %d", w, name, i)
			}
		}
		for _, at := range [][2]int{{0, 0}, {where[1].X - 1, where[1].Y}, {where[3].X + where[3].W, where[3].Y}, {5, where[0].Y + 1}} {
			a.goTo(clusterTab)
			if a.Update(tea.MouseClickMsg{X: at[0], Y: at[1], Button: tea.MouseLeft}); a.active != clusterTab {
				t.Errorf("width %d: a click at %v goes to %d", w, at, a.active)
			}
		}
	}
}

// TestRowsCanBeClicked: a click points at a row, one on that row opens it, in every list.
func TestRowsCanBeClicked(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		ready := func() app { return start(done(mixedFacts()), size[0], size[1]).read() }
		a := ready().clicked(t, "5.4.0-96").clicked(t, "5.4.0-96")
		a.wants(t, "32 nodes  IPVS", "esc back")

		a = ready().press("2").clicked(t, "short connections")
		a.wants(t, "▸ ○ short connections")
		a.clicked(t, "short connections").wants(t, "Question 2 of 2")

		a = ready().press("3").clicked(t, "iptables  ▏")
		a.wants(t, "▸ iptables")
		a.clicked(t, "iptables  ▏").wants(t, "Why iptables is in place 2")

		a = ready().press("3", "r").clicked(t, "$ kubectl -n kube-system edit")
		a.wants(t, "▸     $ kubectl -n kube-system edit")
		a.clicked(t, "$ kubectl -n kube-system edit").wants(t, "[x] 2")

		all, _ := fiveContexts()
		a = start(all, size[0], size[1]).seen(1).clicked(t, "lab.example")
		a.wants(t, "▸ lab")
		a.clicked(t, "type the counts").wants(t, "▸ type the counts")
		a.clicked(t, "type the counts").wants(t, "Proxy mode")
	}
}

// TestWheel: the wheel moves what is in the window, back and forth, and changes no answer.
func TestWheel(t *testing.T) {
	t.Parallel()
	for _, keys := range [][]string{{"1"}, {"3"}, {"3", "e"}, {"3", "r"}, {"?"}} {
		a := real(Options{}, 60, 20, keys...)
		before := a.text()
		down := a.wheels(tea.MouseWheelDown).text()
		if down == before {
			t.Errorf("%v: the wheel does nothing:\n%s", keys, before)
		}
		if a.wheels(tea.MouseWheelUp); keys[0] != "?" && strings.Split(a.text(), "\n")[5] != strings.Split(before, "\n")[5] {
			t.Errorf("%v: the wheel does not lead back:\n%s\nbegan as\n%s", keys, a.text(), before)
		}
	}
	a := start(done(mixedFacts()), 80, 24).read().press("2").wheels(tea.MouseWheelDown)
	if a.wants(t, "▸ ○ long-lived"); a.session.habits.Connections.IsKnown() {
		t.Error("the wheel answers")
	}
	a = start(with(done(mixedFacts()), measuretest.Everything(&measuretest.Prober{})), 80, 24).read().press("4")
	first := a.text()
	if a.wheels(tea.MouseWheelDown); a.text() == first {
		t.Errorf("the wheel does nothing on Probe:\n%s", first)
	}
}

// TestOnlyTheLeftButton: other buttons, and clicks while something is typed, do nothing.
func TestOnlyTheLeftButton(t *testing.T) {
	t.Parallel()
	a := start(done(mixedFacts()), 80, 24).read()
	where := a.tabs(screen.Layout(80, 24, tabsWidth(a.names)))[2]
	for _, button := range []tea.MouseButton{tea.MouseRight, tea.MouseMiddle, tea.MouseNone} {
		if a.Update(tea.MouseClickMsg{X: where.X, Y: where.Y, Button: button}); a.active != clusterTab {
			t.Errorf("button %v clicks", button)
		}
	}
	a = start(lost(), 80, 24).read().press("down", "enter", "7")
	if a.Update(tea.MouseClickMsg{X: where.X, Y: where.Y, Button: tea.MouseLeft}); a.active != clusterTab || a.start.form == nil {
		t.Error("a click leaves a form")
	}
	if v := a.View(); v.MouseMode != tea.MouseModeCellMotion {
		t.Errorf("the mouse mode is %v", v.MouseMode)
	}
}
