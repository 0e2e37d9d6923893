package cluster

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows: this package knows the advisor and client-go
// and nothing of who uses it, and it does not bring in what costs memory or time
// at start.
func TestDependencies(t *testing.T) {
	arrows.Forbid(t, map[string]string{
		"kpadvisor/ui":                 "the user interface uses this package, not the other way round",
		"kpadvisor/probe":              "measuring is not reading",
		"charm.land":                   "a terminal is the business of ui",
		"github.com/spf13/cobra":       "commands are the business of ui/cli",
		"k8s.io/client-go/kubernetes":  "the typed clientset registers every API group: start-up time and several MiB",
		"k8s.io/client-go/dynamic":     "lists are decoded one object at a time",
		"k8s.io/client-go/informers":   "one Service at a time is watched, and little of it kept",
		"k8s.io/client-go/tools/cache": "nothing is kept",
		"net/http/pprof":               "no listener that nobody asked for",
	})
}
