package cli

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"kpadvisor/files"
	"kpadvisor/plain"
	"kpadvisor/ui/report"
)

// faces are those that somebody keeps, by the ends of their names: one to read, one to
// show, and one that programs and this one read.
func faces() [][2]string { return [][2]string{{"md", "markdown"}, {"html", "html"}, {"json", "json"}} }

// saveFaces writes a document in each face, side by side under the proposed name, all or
// none, and returns their absolute path: "/home/me/kpadvisor-prod.{md,html,json}". Files
// that are there already are never overwritten: the name gets a number.
func saveFaces[D report.Paged](all report.Writers[D], doc func(format string) D, name string) (string, error) {
	var parts []files.Part
	var ends []string
	for _, f := range faces() {
		var b bytes.Buffer
		if err := all.Write(&b, doc(f[1]), f[1], report.Style{}); err != nil {
			return "", err
		}
		parts, ends = append(parts, files.Part{End: "." + f[0], Content: b.Bytes()}), append(ends, f[0])
	}
	paths, err := files.New(strings.TrimSuffix(name, filepath.Ext(name)), files.Ordinary, parts...)
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(paths[0], ends[0]) + "{" + strings.Join(ends, ",") + "}", nil
}

// always is a document that is the same in each of its faces.
func always[D report.Paged](doc D) func(string) D { return func(string) D { return doc } }

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

func notSaved(err error) failure {
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
