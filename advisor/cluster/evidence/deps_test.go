package evidence

import (
	"go/build"
	"strings"
	"testing"
)

// TestDependencies keeps the package pure and below its reader.
func TestDependencies(t *testing.T) {
	p, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range p.Imports {
		for forbidden, why := range map[string]string{
			"kpadvisor/advisor/cluster": "the reader calls this package, not the other way",
			"kpadvisor/probe":           "evidence knows no measurement",
			"kpadvisor/ui":              "nothing below the screens knows them",
			"k8s.io/client-go":          "evidence is concluded from objects, not read",
			"net/http":                  "no I/O",
			"os/exec":                   "no I/O",
			"math/rand":                 "the same objects give the same conclusion",
		} {
			if i == forbidden || strings.HasPrefix(i, forbidden+"/") {
				t.Errorf("imports %s: %s", i, why)
			}
		}
	}
}
