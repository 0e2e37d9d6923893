package tui

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows.
func TestDependencies(t *testing.T) {
	t.Parallel()
	arrows.Forbid(t, map[string]string{
		"kpadvisor/advisor/cluster":          "a screen shows facts, whoever read them",
		"kpadvisor/ui/cli":                   "the command line starts the screens, not the other way",
		"k8s.io":                             "Kubernetes types stop at advisor/cluster",
		"charm.land/lipgloss/v2/compat":      "its package variables query the terminal at start",
		"github.com/charmbracelet/bubbletea": "version 1 queries the terminal at start",
	})
}
