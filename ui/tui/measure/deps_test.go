package measure

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows; that ui/tui knows this and not the other way is kept
// by the compiler.
func TestDependencies(t *testing.T) {
	t.Parallel()
	arrows.Forbid(t, map[string]string{
		"kpadvisor/advisor/cluster":          "a screen shows what was measured, whoever did it",
		"kpadvisor/probe/incluster":          "the same",
		"kpadvisor/ui/cli":                   "the command line starts the screens, not the other way",
		"k8s.io":                             "Kubernetes types stop where the cluster is talked to",
		"charm.land/lipgloss/v2/compat":      "its package variables query the terminal at start",
		"github.com/charmbracelet/bubbletea": "version 1 queries the terminal at start",
	})
}
