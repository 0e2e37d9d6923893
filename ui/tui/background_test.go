package tui

import (
	"image/color"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/ui/kit"
)

// TestBackground: what the terminal answers holds from the next frame on, on every screen;
// nothing but the colours changes.
func TestBackground(t *testing.T) {
	t.Parallel()
	o := done(mixedFacts())
	o.Style = kit.Style{Color: true, Rich: true, Dark: true}
	a := start(o, 80, 24).read().press("3")
	dark := a.draw()
	a.Update(tea.BackgroundColorMsg{Color: color.White})
	light := a.draw()
	o.Style.Dark = false
	if want := start(o, 80, 24).read().press("3").draw(); light != want || light == dark {
		t.Error("a light background does not give the light theme")
	}
	a.Update(tea.BackgroundColorMsg{Color: color.Black})
	if a.draw() != dark {
		t.Error("a dark background does not give the dark theme")
	}
}

// TestTitle: the window says which cluster it is, in clean text.
func TestTitle(t *testing.T) {
	t.Parallel()
	f := mixedFacts()
	f.Name = "prod\x1b]0;evil\a" + strings.Repeat("x", 1000)
	a := start(done(f), 80, 24).read()
	if got := a.View().WindowTitle; !strings.HasPrefix(got, "kpadvisor prod") || strings.ContainsAny(got, "\x1b\a") || len(got) > mostTitle+len("…") {
		t.Errorf("title %q", got)
	}
}
