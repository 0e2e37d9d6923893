package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"kpadvisor/files"
	"kpadvisor/plain"
)

// maxInput is above what any of the formats takes, in bytes; each has its own bound.
const maxInput = 64 << 20

// input is the whole of a file, or of standard input for "-".
func (a *app) input(ctx context.Context, name string) ([]byte, error) {
	if name == "-" {
		return files.From(ctx, a.in, maxInput)
	}
	return files.Read(ctx, name, maxInput)
}

// unread is the failure of a file that could not be used; problem has a place for its
// name and one for the reason. If it was not waited for, that is all there is to say.
func unread(ctx context.Context, err error, problem, name, remedy string) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	return failure{plain.Problem{
		Sentence: fmt.Sprintf(problem, plain.Text(name), plain.Text(err.Error())), Remedy: remedy,
	}, Failure}
}

// namedFile reads NODE=FILE. A file that is there is taken whole: its name may hold =.
func namedFile(given string) (node, file string) {
	if _, err := os.Stat(given); err == nil {
		return "", given
	}
	if node, file, ok := strings.Cut(given, "="); ok {
		return node, file
	}
	return "", given
}

// onInput are the flags that read standard input.
func (a *app) onInput() (at []string) {
	if a.flags.source.facts == "-" {
		at = append(at, "--facts")
	}
	for _, f := range []struct {
		flag  string
		files []string
	}{{"--metrics", a.flags.source.metrics}, {"--node-report", a.flags.source.nodeReports}, {"--sysctls", a.flags.sysctls}} {
		for _, given := range f.files {
			if _, file := namedFile(given); file == "-" {
				at = append(at, f.flag)
			}
		}
	}
	return at
}

// oneInput refuses standard input where more than one flag asks for it: the second would
// find nothing left of it.
func (a *app) oneInput(cmd *cobra.Command) error {
	at := a.onInput()
	switch {
	case len(at) < 2:
		return nil
	case at[0] == at[1]:
		return usagef(cmd, "%s cannot be standard input twice", at[0])
	}
	return usagef(cmd, "%s and %s cannot both be standard input", at[0], at[1])
}
