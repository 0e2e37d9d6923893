package apiserver

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows: this package is a leaf above client-go's rest.
func TestDependencies(t *testing.T) {
	arrows.Only(t, "kpadvisor/plain")
	arrows.Forbid(t, map[string]string{
		"k8s.io/client-go/kubernetes": "the typed clientset registers every API group: start-up time and several MiB",
		"k8s.io/client-go/dynamic":    "objects are decoded one at a time",
		"k8s.io/client-go/informers":  "nothing is kept",
		"net/http/pprof":              "no listener that nobody asked for",
	})
}
