//go:build linux

package e2e

import (
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster/clustertest"
)

// TestHost: a real kube-proxy that is a plain process outside any pod, which the API does
// not show, and each way of learning of it. None of them changes anything that lasts, so
// that one machine for each mode does for all.
func TestHost(t *testing.T) {
	for _, mode := range []advisor.Mode{advisor.IPTables, advisor.NFTables} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			h := clustertest.StartHost(t, "node-plain", string(mode))
			h.SeedYAML(t, someServices(20, 3))
			t.Run("node report", func(t *testing.T) { nodeReport(t, h, mode) })
			t.Run("Prometheus", func(t *testing.T) { readPrometheus(t, h, mode) })
			t.Run("autopsy", func(t *testing.T) { autopsied(t, h, mode) })
		})
	}
}
