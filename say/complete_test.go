package say_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kpadvisor/say/saytest"
	"kpadvisor/say/zh"
)

// TestComplete: whatever is said anywhere in this program is in the catalogue, with the
// same arguments, and nothing else is.
func TestComplete(t *testing.T) {
	t.Parallel()
	dirs := speaking(t)
	if len(dirs) < 5 {
		t.Fatalf("only %q speak", dirs)
	}
	saytest.Complete(t, zh.All(), dirs...)
}

// speaking are the folders of the packages that know a voice, or a palette, which has one.
func speaking(t *testing.T) []string {
	t.Helper()
	var dirs []string
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "testdata" || path == filepath.Join("..", "say") || len(d.Name()) > 2 && strings.HasPrefix(d.Name(), ".")) {
			if err != nil {
				return err
			}
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range f.Imports {
			if dir := filepath.Dir(path); (i.Path.Value == `"kpadvisor/say"` || i.Path.Value == `"kpadvisor/ui/kit"`) && !slices.Contains(dirs, dir) {
				dirs = append(dirs, dir)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}
