package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWithdrawn: what had been written of a set is gone, and what cannot be removed is said.
func TestWithdrawn(t *testing.T) {
	dir := t.TempDir()
	written, kept := filepath.Join(dir, "a.md"), filepath.Join(dir, "a.html")
	if err := errors.Join(os.WriteFile(written, nil, 0o600), os.MkdirAll(filepath.Join(kept, "full"), 0o700)); err != nil {
		t.Fatal(err)
	}
	if err := withdrawn([]string{written, filepath.Join(dir, "gone")}, fs.ErrExist); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	if _, err := os.Stat(written); !errors.Is(err, fs.ErrNotExist) {
		t.Error("it is still there")
	}
	err := withdrawn([]string{kept}, fs.ErrExist)
	if err == nil || errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), fs.ErrExist.Error()+"; "+kept+" was written already and could not be removed: ") {
		t.Error(err)
	}
}
