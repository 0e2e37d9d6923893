package inspect

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows: this package knows how pods are run and how a report
// is read, and nothing of probes or of who uses it.
func TestDependencies(t *testing.T) {
	arrows.Forbid(t, map[string]string{
		"kpadvisor/ui":                "the user interface uses this package, not the other way round",
		"kpadvisor/probe":             "what is measured by a load of one's own is another matter",
		"kpadvisor/advisor/cluster":   "which groups there are is told by the caller",
		"github.com/spf13/cobra":      "commands are the business of ui/cli",
		"k8s.io/client-go/kubernetes": "the typed clientset registers every API group: start-up time and several MiB",
	})
}
