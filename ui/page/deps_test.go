package page

import (
	"strings"
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows: what is said knows nothing of who shows it.
func TestDependencies(t *testing.T) {
	t.Parallel()
	arrows.Forbid(t, map[string]string{
		"k8s.io":                    "facts are values by now; only advisor/cluster talks to Kubernetes",
		"kpadvisor/advisor/cluster": "the facts are read by the caller",
		"charm.land":                "a terminal is the business of the faces",
		"github.com/charmbracelet":  "a terminal is the business of the faces",
		"github.com/spf13":          "flags are the business of the commands",
	})
	for _, dep := range arrows.Of(t) {
		if strings.HasPrefix(dep, "kpadvisor/ui/") && dep != "kpadvisor/ui/page" && dep != "kpadvisor/ui/evidence" {
			t.Errorf("depends on %s: faces and screens draw pages, not the reverse", dep)
		}
	}
}
