package cli

import (
	"bytes"
	"fmt"
	"os"

	"kpadvisor/probe"
	"kpadvisor/ui/report"
)

// saveResult writes the file of --save, if there is one.
func (a *app) saveResult(file string, doc report.Probe) error {
	if file == "" {
		return nil
	}
	var b bytes.Buffer
	err := report.ProbeJSON(&b, doc)
	if err == nil {
		err = writeFile(file, b.Bytes())
	}
	if err != nil {
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

// readResult reads what --save wrote.
func (a *app) readResult(file string) (probe.Result, error) {
	in := a.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return probe.Result{}, notRead(file, err)
		}
		defer f.Close()
		in = f
	}
	r, err := probe.Read(in)
	if err != nil {
		return r, notRead(file, err)
	}
	return r, nil
}

func notRead(file string, err error) error {
	return failure{report.Problem{
		Sentence: fmt.Sprintf("The result %s cannot be used: %v.", file, plainText(unwrapAll(err).Error())),
		Remedy:   "Write one with \"kpadvisor probe A B --save FILE\".",
	}, Failure}
}
