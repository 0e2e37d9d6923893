package cli

import (
	"fmt"
	"os"

	"kpadvisor/probe"
	"kpadvisor/ui/report"
)

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
