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
	var b bytes.Buffer
	if err := report.Documents().Write(&b, doc, formatOf(name, "text"), report.Style{}); err != nil {
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

// formatOf is the format that a file's name asks for.
func formatOf(name, otherwise string) string {
	if format, ok := map[string]string{".json": "json", ".csv": "csv", ".md": "markdown"}[filepath.Ext(name)]; ok {
		return format
	}
	return otherwise
}

// saveResult writes the file of a --save flag, if there is one.
func saveResult[D any](all report.Writers[D], file, format string, doc D) error {
	if file == "" {
		return nil
	}
	var b bytes.Buffer
	err := all.Write(&b, doc, format, report.Style{})
	if err == nil {
		err = writeFile(file, b.Bytes())
	}
	if err != nil {
		return notSaved(err)
	}
	return nil
}

// maySave looks, before a run that may take minutes, whether its result can be
// saved.
func maySave(file string) error {
	if file == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Dir(file)); err != nil {
		return notSaved(err)
	}
	return nil
}

func notSaved(err error) error {
	return failure{report.Problem{
		Sentence: fmt.Sprintf("The result cannot be saved: %v.", err),
		Remedy:   "Name a file in a directory that you may write to.",
	}, Failure}
}

// printReport writes a report to standard output.
func printReport[D any](a *app, all report.Writers[D], doc D, format string, t terminal) error {
	if err := all.Write(a.out, doc, format, t.report()); err != nil {
		return failure{report.Problem{Sentence: sentence(err.Error()), Remedy: "Check the disk, or the program that reads the report."}, Failure}
	}
	return nil
}

// deliver saves and prints what a run in the lab came to, says what went wrong with
// it, and ends with its exit code. What took minutes to measure is printed even if it
// cannot be saved.
func deliver[D any](a *app, all report.Writers[D], doc D, file string, problem *report.Problem, code int, t terminal) error {
	saved := saveResult(all, file, formatOf(file, "json"), doc)
	if err := printReport(a, all, doc, a.flags.output, t); err != nil {
		return err
	}
	if problem != nil {
		a.complain(failure{*problem, code})
	}
	var f failure
	if errors.As(saved, &f) {
		if a.complain(f); code == Fine {
			code = f.code
		}
	}
	return exit(code)
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
