// Package arrows keeps the direction in which packages know each other. It is for tests.
package arrows

import (
	"os/exec"
	"slices"
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

// Only fails the test if the package of the test depends, at whatever distance, on another
// package of this program than those: of a leaf on none.
func Only(t *testing.T, allowed ...string) {
	t.Helper()
	all := Of(t)
	own := all[len(all)-1] // go list names what is depended on first
	for _, dep := range all {
		if strings.HasPrefix(dep, "kpadvisor/") && dep != own && !slices.Contains(allowed, dep) {
			t.Errorf("depends on %s: of this program it may know %q alone", dep, allowed)
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
