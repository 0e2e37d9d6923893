package measure

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/screen/screentest"
)

// TestSameKeysInChinese: a key does the same in every language, and says so in it.
func TestSameKeysInChinese(t *testing.T) {
	t.Parallel()
	voice := say.In(say.Chinese)
	for name, state := range states() {
		english, chinese := state(kit.Style{}, 80, 24), state(kit.Style{Voice: voice}, 80, 24)
		groups := chinese.keys().FullHelp()
		for i, group := range english.keys().FullHelp() {
			for j, b := range group {
				other := groups[i][j]
				if !slices.Equal(b.Keys(), other.Keys()) || b.Enabled() != other.Enabled() || b.Help().Key != other.Help().Key {
					t.Errorf("%s: %v %s, in Chinese %v %s", name, b.Keys(), b.Help().Key, other.Keys(), other.Help().Key)
				}
				if does := other.Help().Desc; other.Enabled() && does == b.Help().Desc {
					t.Errorf("%s: %s does %q, in Chinese %q", name, b.Help().Key, b.Help().Desc, does)
				}
			}
		}
	}
}

// TestNoEnglishIsLeft: nothing but commands, rights, modes and what stands beside this
// screen in these tests is English where it speaks Chinese.
func TestNoEnglishIsLeft(t *testing.T) {
	t.Parallel()
	words := regexp.MustCompile(`[A-Za-z][A-Za-z'’-]+(?:,? [A-Za-z][A-Za-z'’-]+){3,}`)
	same := strings.NewReplacer("3 Advice takes this in.", "#", "list events in default", "#", strings.Join(modeWords(), ", "), "#")
	for name, state := range states() {
		text := strings.Join(strings.Fields(ansi.Strip(state(kit.Style{Voice: say.In(say.Chinese)}, 99, 2000).draw())), " ")
		for _, found := range words.FindAllString(same.Replace(text), -1) {
			t.Errorf("%s: English is left: %q", name, found)
		}
	}
}

// TestEverySizeInChinese: nothing is wider than the terminal where characters take two
// cells.
func TestEverySizeInChinese(t *testing.T) {
	t.Parallel()
	for name, state := range states() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := state(kit.Style{Voice: say.In(say.Chinese)}, 80, 24)
			checker := screentest.NewChecker(t)
			for a.w = 60; a.w <= 160; a.w += screentest.SweepStep {
				a.h = 20 + (a.w*7)%31
				checker.Fits(t, name, a.draw(), a.w, a.h, false)
			}
		})
	}
}
