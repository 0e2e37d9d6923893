package evidence

import (
	"os/exec"
	"strings"
	"testing"
)

// TestDependencies keeps the package pure: Kubernetes types in, advisor facts
// out, and nobody asked.
func TestDependencies(t *testing.T) {
	forbidden := map[string]string{
		"k8s.io/client-go":            "objects are handed in; who reads them is advisor/cluster's matter",
		"kpadvisor/advisor/cluster":   "the reader uses this package, not the other way round",
		"kpadvisor/ui":                "evidence knows no screen",
		"kpadvisor/probe":             "evidence is read, not measured",
		"k8s.io/apimachinery/pkg/api": "errors of the API stop at advisor/cluster",
	}
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}} {{join .Imports \" \"}}{{end}}", ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		of, imports, _ := strings.Cut(strings.TrimSpace(line), " ")
		if of != "kpadvisor/advisor/cluster/evidence" {
			continue // what libraries import is theirs
		}
		for dep := range strings.FieldsSeq(imports) {
			for path, reason := range forbidden {
				if dep == path || strings.HasPrefix(dep, path+"/") {
					t.Errorf("%s is imported: %s", dep, reason)
				}
			}
		}
	}
}
