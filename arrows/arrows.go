// Package arrows keeps the direction in which packages know each other. It is for tests.
package arrows

import (
	"os/exec"
	"strings"
	"testing"
)

// Forbid fails the test if the package of the test depends, at whatever distance, on one
// of those paths or on what is below it. The values say why not.
func Forbid(t *testing.T, forbidden map[string]string) {
	t.Helper()
	for _, dep := range Of(t) {
		for path, why := range forbidden {
			if dep == path || strings.HasPrefix(dep, path+"/") {
				t.Errorf("depends on %s: %s", dep, why)
			}
		}
	}
}

// Of are the packages that the package of the test depends on, itself among them.
func Of(t *testing.T) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatalf("listing the dependencies: %v", err)
	}
	return strings.Fields(string(out))
}
