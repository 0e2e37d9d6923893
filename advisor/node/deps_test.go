package node

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows: a report is text, read without a cluster and
// without whoever shows it.
func TestDependencies(t *testing.T) {
	arrows.Only(t, "kpadvisor/advisor", "kpadvisor/advisor/node/habit", "kpadvisor/advisor/release", "kpadvisor/advisor/reuse",
		"kpadvisor/files", "kpadvisor/plain", "kpadvisor/say", "kpadvisor/say/zh")
	arrows.Forbid(t, map[string]string{
		"k8s.io":     "no cluster is needed to read what a node says",
		"charm.land": "a terminal is the business of ui",
	})
}
