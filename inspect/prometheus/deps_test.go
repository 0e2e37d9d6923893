package prometheus

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows: reports come out, and no cluster is read for them.
func TestDependencies(t *testing.T) {
	arrows.Only(
		t,
		"kpadvisor/advisor",
		"kpadvisor/advisor/node",
		"kpadvisor/advisor/node/habit",
		"kpadvisor/advisor/release",
		"kpadvisor/advisor/reuse",
		"kpadvisor/files",
		"kpadvisor/plain",
		"kpadvisor/say",
		"kpadvisor/say/zh",
	)
	arrows.Forbid(t, map[string]string{
		"k8s.io":     "Prometheus is asked, and no API server",
		"charm.land": "a terminal is the business of ui",
	})
}
