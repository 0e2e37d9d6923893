package tui

import (
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"kpadvisor/ui/kit"
)

var osc8 = regexp.MustCompile("\x1b\\]8;;([^\a\x1b]*)\a")

// TestLinksOnScreens: links change nothing of what is seen on any screen, over hostile
// clusters too; each is closed on its line and leads to a page of those that sources name.
func TestLinksOnScreens(t *testing.T) {
	t.Parallel()
	linked := 0
	for name, state := range states() {
		for _, corrupted := range []bool{false, true} {
			drawn := map[bool]string{}
			for _, links := range []bool{false, true} {
				a := state(Options{Style: kit.Style{Color: true, Links: links}}, 100, 40)
				if corrupted {
					corrupt(a)
				}
				drawn[links] = a.draw()
			}
			if strings.Contains(drawn[false], "\x1b]") || ansi.Strip(drawn[true]) != ansi.Strip(drawn[false]) {
				t.Errorf("%s is seen otherwise with links", name)
			}
			for _, row := range strings.Split(drawn[true], "\n") {
				all := osc8.FindAllStringSubmatch(row, -1)
				for i, found := range all {
					opens := i%2 == 0
					if opens != (found[1] != "") || opens && !strings.HasPrefix(found[1], "https://github.com/") && !strings.HasPrefix(found[1], "https://git.kernel.org/") {
						t.Errorf("%s: %q", name, row)
					}
				}
				if len(all)%2 != 0 {
					t.Errorf("%s: a link is open at the end of %q", name, row)
				}
				linked += len(all) / 2
			}
		}
	}
	if linked < 20 {
		t.Errorf("%d links on all screens", linked)
	}
}

// TestRunbookCopiesOneCommand: y on the runbook sends the command that the pointer is on,
// as it is, and says so; on a step without commands there is none.
func TestRunbookCopiesOneCommand(t *testing.T) {
	t.Parallel()
	a := real(Options{}, 80, 24, "3", "r")
	copied := 0
	for range 60 {
		a.draw()
		at, ok := a.screens[adviceTab].(*adviceScreen).run.at()
		if !ok {
			t.Fatal("the pointer is on nothing")
		}
		k := a.keys()
		if k.Take.Enabled() != (at.command != "") || k.Copy.Enabled() {
			t.Errorf("on %q: copies %v", at.command, k.Take.Enabled())
		}
		if at.command != "" {
			_, cmd := a.Update(keyPress("y"))
			msg, ok := cmd().(copiedMsg)
			if !ok || msg.text != at.command {
				t.Fatalf("copied %+v, pointed at %q", msg, at.command)
			}
			a.Update(msg)
			first, _, _ := strings.Cut(at.command, "\n")
			if a.wants(t, "To the terminal's clipboard (OSC 52): "+first[:20]); !strings.Contains(a.text(), "▸     $ "+first[:20]) {
				t.Errorf("the pointer is not on %q:\n%s", first, a.text())
			}
			copied++
		}
		a.press("down")
	}
	if copied < 10 {
		t.Errorf("%d commands copied", copied)
	}
}
