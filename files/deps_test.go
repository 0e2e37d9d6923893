package files

import (
	"go/build"
	"strings"
	"testing"
)

// TestDependencies keeps the arrows: everything may use this package, so it uses
// nothing of the program.
func TestDependencies(t *testing.T) {
	pkg, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range pkg.Imports {
		if strings.HasPrefix(path, "kpadvisor/") {
			t.Errorf("imports %s", path)
		}
	}
}
