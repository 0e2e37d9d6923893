package report

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows.
func TestDependencies(t *testing.T) {
	arrows.Forbid(t, map[string]string{
		"k8s.io":                    "a report is made of values; only advisor/cluster talks to Kubernetes",
		"kpadvisor/advisor/cluster": "a report does not read anything",
		"kpadvisor/ui/tui":          "screens and reports are siblings: the screens may use the words of a report, not the reverse",
		"kpadvisor/ui/cli":          "the commands use the reports",
		"charm.land/bubbletea":      "a report is written where there is no terminal",
		"github.com/spf13":          "flags are the business of the commands",
	})
}
