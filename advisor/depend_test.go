package advisor

import (
	"go/build"
	"slices"
	"strings"
	"testing"
)

// TestDependencies keeps the decision pure: nothing but the standard library and
// the packages of ours that are named, and nothing that reads a clock, a file or
// the network.
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
	const root = "kpadvisor/advisor"
	for _, c := range []struct {
		dir  string
		ours []string
		why  string
	}{
		{"release", nil, "what a release string says does not depend on who asks"},
		{"reuse", []string{root + "/release"}, "the table of issue 81775 needs kernels and versions, and no cluster"},
		{".", []string{root + "/release", root + "/reuse"}, "the advice shares both with the drill and the report"},
	} {
		pkg, err := build.ImportDir(c.dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range pkg.Imports {
			if why, bad := forbidden[path]; bad {
				t.Errorf("%s imports %s: %s", c.dir, path, why)
			}
			if path == "kpadvisor/plain" || path == "kpadvisor/say" { // spelling, and the language
				continue
			}
			if strings.HasPrefix(path, "kpadvisor/") {
				if !slices.Contains(c.ours, path) {
					t.Errorf("%s imports %s: %s", c.dir, path, c.why)
				}
				continue
			}
			if std, err := build.Import(path, ".", build.FindOnly); err != nil || !std.Goroot {
				t.Errorf("%s imports %s, which is not in the standard library", c.dir, path)
			}
		}
	}
}
