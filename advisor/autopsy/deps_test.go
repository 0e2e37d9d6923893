package autopsy

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows: an autopsy stands above what reads reports and above
// the generator of rules, and neither knows the other.
func TestDependencies(t *testing.T) {
	arrows.Only(t, "kpadvisor/advisor", "kpadvisor/advisor/node", "kpadvisor/advisor/node/habit", "kpadvisor/advisor/release", "kpadvisor/advisor/reuse",
		"kpadvisor/probe/lab/rules", "kpadvisor/files", "kpadvisor/plain", "kpadvisor/say", "kpadvisor/say/zh")
	arrows.Forbid(t, map[string]string{
		"k8s.io":     "no cluster is needed to read what a node says",
		"charm.land": "a terminal is the business of ui",
	})
}
