package probe

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows: the engine is below everything else.
func TestDependencies(t *testing.T) {
	arrows.Forbid(t, map[string]string{
		"kpadvisor/advisor":                  "a measurement does not know what it is used for",
		"kpadvisor/ui":                       "the engine never waits for a screen, so it must not know one",
		"k8s.io":                             "targets are addresses; who found them is not the engine's business",
		"sigs.k8s.io":                        "as k8s.io",
		"charm.land":                         "no terminal here",
		"github.com/charmbracelet/bubbletea": "no terminal here", // x/ansi is no terminal: it tells escape sequences from text
		"github.com/charmbracelet/lipgloss":  "no terminal here",
		"net/http":                           "hits are made by hand; a transport would pool connections",
	})
}
