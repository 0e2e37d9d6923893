package forward

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows: reports come out, and who shows them is not known.
func TestDependencies(t *testing.T) {
	arrows.Forbid(t, map[string]string{
		"kpadvisor/ui":                "the user interface uses this package, not the other way round",
		"kpadvisor/advisor/cluster":   "which nodes are asked is told by the caller",
		"k8s.io/client-go/kubernetes": "the typed clientset registers every API group: start-up time and several MiB",
		"charm.land":                  "a terminal is the business of ui",
	})
}
