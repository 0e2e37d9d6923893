package drill

import (
	"go/build"
	"testing"
)

// TestDependencies keeps the plan pure: it reads no clock and does no I/O.
func TestDependencies(t *testing.T) {
	pkg, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range pkg.Imports {
		switch path {
		case "errors", "fmt", "maps", "slices", "strings", "time", "kpadvisor/probe": // of probe the error classes
		default:
			t.Errorf("imports %s: the plan and its arithmetic need nothing else", path)
		}
	}
}
