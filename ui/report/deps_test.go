package report

import (
	"os/exec"
	"strings"
	"testing"
)

func TestDependencies(t *testing.T) {
	forbidden := []struct{ prefix, because string }{
		{"k8s.io/", "a report is made of values; only advisor/cluster talks to Kubernetes"},
		{"kpadvisor/advisor/cluster", "a report does not read anything"},
		{"kpadvisor/ui/tui", "screens and reports are siblings: the screens may use the words of a report, not the reverse"},
		{"kpadvisor/ui/cli", "the commands use the reports"},
		{"charm.land/bubbletea", "a report is written where there is no terminal"},
		{"github.com/spf13/", "flags are the business of the commands"},
	}
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Skipf("go list is not at hand: %v", err)
	}
	for dep := range strings.FieldsSeq(string(out)) {
		for _, f := range forbidden {
			if strings.HasPrefix(dep, f.prefix) {
				t.Errorf("depends on %s: %s", dep, f.because)
			}
		}
	}
}
