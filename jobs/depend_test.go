package jobs

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows: this package knows the API server and nothing of
// what the pods are for.
func TestDependencies(t *testing.T) {
	arrows.Only(t, "kpadvisor/plain", "kpadvisor/apiserver")
	arrows.Forbid(t, map[string]string{
		"github.com/spf13/cobra":      "commands are the business of ui/cli",
		"k8s.io/client-go/kubernetes": "the typed clientset registers every API group: start-up time and several MiB",
		"k8s.io/client-go/dynamic":    "a few kinds are all it takes",
		"k8s.io/client-go/informers":  "the pods of one run are watched",
	})
}
