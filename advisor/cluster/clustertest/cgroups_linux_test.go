package clustertest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestHasCgroups: a machine without the cgroups that nodes need says so in one line,
// and what is left untested.
func TestHasCgroups(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"v1":   {"cpuset/cgroup.procs", ""},
		"v2":   {"cgroup.controllers", "this machine has cgroup version 2 alone, on which they were never tried; left untested: probe --in-cluster"},
		"none": {"other", "this machine has no cgroups at "},
	} {
		root := t.TempDir()
		file := filepath.Join(root, c.file)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		switch err := hasCgroups(root); {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
