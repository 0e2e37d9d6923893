package incluster

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows: this package knows the engine and client-go,
// and nothing of who uses it or of the advice.
func TestDependencies(t *testing.T) {
	arrows.Forbid(t, map[string]string{
		"kpadvisor/advisor":           "a measurement does not know what it is used for; who runs which mode is told by the caller",
		"kpadvisor/ui":                "the user interface uses this package, not the other way round",
		"kpadvisor/probe/lab":         "the lab is on this machine",
		"charm.land":                  "a terminal is the business of ui",
		"github.com/spf13/cobra":      "commands are the business of ui/cli",
		"k8s.io/client-go/kubernetes": "the typed clientset registers every API group: start-up time and several MiB",
		"k8s.io/client-go/dynamic":    "a few kinds are all it takes",
		"k8s.io/client-go/informers":  "the pods of one run are watched",
		"net/http/pprof":              "no listener that nobody asked for",
	})
}
