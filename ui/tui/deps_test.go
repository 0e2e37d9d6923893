package tui

import (
	"os/exec"
	"strings"
	"testing"
)

// forbidden is what this package must not depend on, and why.
func forbidden() map[string]string {
	return map[string]string{
		"kpadvisor/advisor/cluster":          "a screen shows facts, whoever read them",
		"kpadvisor/ui/cli":                   "the command line starts the screens, not the other way",
		"k8s.io/":                            "Kubernetes types stop at advisor/cluster",
		"charm.land/lipgloss/v2/compat":      "its package variables query the terminal at start",
		"github.com/charmbracelet/bubbletea": "version 1 queries the terminal at start",
	}
}

func TestDependencies(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Skipf("could not list the dependencies: %v", err)
	}
	for _, dep := range strings.Fields(string(out)) {
		for bad, why := range forbidden() {
			if dep == strings.TrimSuffix(bad, "/") || strings.HasPrefix(dep, strings.TrimSuffix(bad, "/")+"/") {
				t.Errorf("imports %s: %s", dep, why)
			}
		}
	}
}
