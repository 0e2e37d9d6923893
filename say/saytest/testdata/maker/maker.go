// Package maker makes what the test of saytest looks for.
package maker

import (
	"errors"
	"fmt"
	"strings"

	"kpadvisor/plain"
)

const remedy = "Try again."

type fault struct{ of string }

func (f *fault) Error() string { return "a fault of " + f.of }

func makes(n int, name string, err error, list []string) (plain.Problem, error) {
	p := plain.Problem{Sentence: "The file " + name + " is wrong: " + fmt.Sprintf("it has %d lines.", n), Remedy: remedy + " Or not."}
	p.Sentence = fmt.Sprintf("Another %s.", name)
	text := "it has "
	text += "none"
	switch n {
	case 1:
		return p, fmt.Errorf("reading %s: %w", name, err)
	case 2:
		return p, errors.New("no list of " + strings.Join(list, ", and "))
	case 3:
		return p, plain.Fail(name+": gone", text, err)
	}
	return p, fmt.Errorf("%s: %w", name, err)
}
