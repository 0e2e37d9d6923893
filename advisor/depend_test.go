package advisor

import (
	"go/build"
	"testing"
)

// TestDependencies keeps the package pure: nothing but the standard library,
// and of that nothing that reads a clock, a file or the network.
func TestDependencies(t *testing.T) {
	forbidden := map[string]string{
		"os":          "the decision reads no files and no environment",
		"io/fs":       "the decision reads no files",
		"net":         "the decision talks to nobody",
		"net/http":    "the decision talks to nobody",
		"math/rand":   "the same facts give the same advice",
		"sync":        "the decision starts no goroutine",
		"crypto/rand": "the same facts give the same advice",
	}
	pkg, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range pkg.Imports {
		if why, bad := forbidden[path]; bad {
			t.Errorf("imports %s: %s", path, why)
		}
		std, err := build.Import(path, ".", build.FindOnly)
		if err != nil || !std.Goroot {
			t.Errorf("imports %s, which is not in the standard library", path)
		}
	}
}
