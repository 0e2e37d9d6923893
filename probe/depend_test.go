package probe_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestDependencies keeps the arrows: the engine is below everything else.
func TestDependencies(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatalf("could not list the dependencies: %v", err)
	}
	for _, forbidden := range []struct{ prefix, reason string }{
		{"kpadvisor/advisor", "a measurement does not know what it is used for"},
		{"kpadvisor/ui", "the engine never waits for a screen, so it must not know one"},
		{"k8s.io/", "targets are addresses; who found them is not the engine's business"},
		{"sigs.k8s.io/", "as k8s.io"},
		{"charm.land/", "no terminal here"},
		{"github.com/charmbracelet/", "no terminal here"},
		{"net/http", "hits are made by hand; a transport would pool connections"},
	} {
		for dep := range strings.Lines(string(out)) {
			if dep = strings.TrimSpace(dep); dep == strings.TrimSuffix(forbidden.prefix, "/") || strings.HasPrefix(dep, strings.TrimSuffix(forbidden.prefix, "/")+"/") {
				t.Errorf("imports %s: %s", dep, forbidden.reason)
			}
		}
	}
}
