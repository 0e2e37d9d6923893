package cli

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"

	"kpadvisor/files"
	"kpadvisor/plain"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
)

// saveReport writes a report under the proposed name, in the format that its
// extension asks for, and returns the absolute path. A file that is there
// already is never overwritten: the name gets a number.
func saveReport(doc page.Audit, name string) (string, error) {
	var b bytes.Buffer
	if err := report.Audits().Write(&b, doc, formatOf(name, "text"), report.Style{}); err != nil {
		return "", err
	}
	return files.New(name, files.Ordinary, b.Bytes())
}

// formatOf is the format that a file's name asks for.
func formatOf(name, otherwise string) string {
	if format, ok := map[string]string{".json": "json", ".csv": "csv", ".md": "markdown", ".html": "html"}[filepath.Ext(name)]; ok {
		return format
	}
	return otherwise
}

// saveResult writes the file of a --save flag, if there is one.
func saveResult[D report.Paged](a *app, all report.Writers[D], file, format string, doc D) error {
	if file == "" {
		return nil
	}
	if !files.Waits(file) { // what was measured is not lost to a slow disk
		defer a.ending.hold()()
	}
	var b bytes.Buffer
	err := all.Write(&b, doc, format, report.Style{})
	if err == nil {
		err = files.Write(file, files.Ordinary, b.Bytes())
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
	if err := files.Check(file); err != nil {
		return notSaved(err)
	}
	return nil
}

func notSaved(err error) error {
	return failure{plain.Problem{
		Sentence: fmt.Sprintf("The result cannot be saved: %s.", plain.Text(err.Error())),
		Remedy:   "Name a file in a directory that you may write to.",
	}, Failure}
}

// printReport writes a report to standard output.
func printReport[D report.Paged](a *app, all report.Writers[D], doc D, format string, t terminal) error {
	if err := all.Write(a.out, doc, format, t.report()); err != nil {
		return failure{plain.Problem{Sentence: sentence(err.Error()), Remedy: "Check the disk, or the program that reads the report."}, Failure}
	}
	return nil
}

// deliver saves and prints what a run in the lab came to, says what went wrong with
// it, and ends with its exit code. What took minutes to measure is printed even if it
// cannot be saved.
func deliver[D report.Paged](a *app, all report.Writers[D], doc D, file string, problem *plain.Problem, code int, t terminal) error {
	saved := saveResult(a, all, file, formatOf(file, "json"), doc)
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
