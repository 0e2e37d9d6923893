package cli

import (
	"os"
	"path/filepath"
	"testing"
)

// TestNamedFile: NODE=FILE, unless a file of that very name is there.
func TestNamedFile(t *testing.T) {
	t.Parallel()
	there := filepath.Join(t.TempDir(), "a=b")
	if err := os.WriteFile(there, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for given, want := range map[string][2]string{
		"-":             {"", "-"},
		"node.txt":      {"", "node.txt"},
		"n1=node.txt":   {"n1", "node.txt"},
		"n1=a=node.txt": {"n1", "a=node.txt"},
		"n1=-":          {"n1", "-"},
		"=node.txt":     {"", "node.txt"},
		there:           {"", there},
	} {
		if node, file := namedFile(given); node != want[0] || file != want[1] {
			t.Errorf("%s: %q, %q", given, node, file)
		}
	}
}
