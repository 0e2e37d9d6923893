package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"kpadvisor/ui/report"
)

// saveReport writes a report under the proposed name, in the format that its
// extension asks for, and returns the absolute path. A file that is there
// already is never overwritten: the name gets a number.
func saveReport(doc report.Document, name string) (string, error) {
	format := map[string]string{".json": "json", ".md": "markdown"}[filepath.Ext(name)]
	var b bytes.Buffer
	if err := writeReport(&b, doc, format, report.Style{}); err != nil {
		return "", err
	}
	f, err := createNew(name)
	if err != nil {
		return "", fmt.Errorf("create the report: %w", err)
	}
	_, err = f.Write(b.Bytes())
	if err = errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("write the report: %w", err)
	}
	return filepath.Abs(f.Name())
}

// createNew creates name, or name-2, name-3, ... if it is taken.
func createNew(name string) (*os.File, error) {
	ext := filepath.Ext(name)
	for n := 1; ; n++ {
		try := name
		if n > 1 {
			try = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), n, ext)
		}
		f, err := os.OpenFile(try, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// writeFile replaces a file by way of a new one beside it, so that whoever
// reads it never sees half of it.
func writeFile(name string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".kpadvisor-*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // of the part that was written; err says more
	}
	return err
}
