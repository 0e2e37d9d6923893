package apiserver

import (
	"strings"
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows: this package is a leaf above client-go's rest.
func TestDependencies(t *testing.T) {
	for _, dep := range arrows.Of(t) {
		if strings.HasPrefix(dep, "kpadvisor/") && dep != "kpadvisor/apiserver" && dep != "kpadvisor/plain" {
			t.Errorf("depends on %s: a leaf knows package plain alone", dep)
		}
	}
	arrows.Forbid(t, map[string]string{
		"k8s.io/client-go/kubernetes": "the typed clientset registers every API group: start-up time and several MiB",
		"k8s.io/client-go/dynamic":    "objects are decoded one at a time",
		"k8s.io/client-go/informers":  "nothing is kept",
		"net/http/pprof":              "no listener that nobody asked for",
	})
}
