package evidence

import (
	"strings"
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows: of this program, what is joined here and nothing
// else; and nothing of the world.
func TestDependencies(t *testing.T) {
	t.Parallel()
	arrows.Forbid(t, map[string]string{
		"k8s.io":                    "facts are values by now; only advisor/cluster talks to Kubernetes",
		"kpadvisor/advisor/cluster": "the facts are read by the caller",
		"kpadvisor/probe/incluster": "a run from pods has a result like any other",
		"charm.land":                "a terminal is the business of the screens",
		"github.com/spf13":          "flags are the business of the commands",
	})
	for _, dep := range arrows.Of(t) {
		if strings.HasPrefix(dep, "kpadvisor/ui/") && dep != "kpadvisor/ui/evidence" {
			t.Errorf("depends on %s: evidence is made of results, whoever shows them", dep)
		}
	}
}
