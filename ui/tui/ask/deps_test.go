package ask

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows; that ui/tui knows this and not the other way is kept
// by the compiler.
func TestDependencies(t *testing.T) {
	t.Parallel()
	arrows.Forbid(t, map[string]string{
		"kpadvisor/advisor/cluster": "a screen shows what nodes said, whoever asked them",
		"kpadvisor/inspect":         "the same",
		"kpadvisor/jobs":            "the same",
		"kpadvisor/ui/cli":          "the command line starts the screens, not the other way",
		"k8s.io":                    "Kubernetes types stop where the cluster is talked to",
	})
}
