package measure

import (
	"slices"
	"strings"

	"kpadvisor/say"
	"kpadvisor/ui/kit/form"
)

// filled is what the fields of a form hold, the usual value where one is empty.
func filled(fields, usual []string) []string {
	out := make([]string, len(fields))
	for i, text := range fields {
		if out[i] = strings.TrimSpace(text); out[i] == "" {
			out[i] = usual[i]
		}
	}
	return out
}

// plainly are fields as they are read: a choice that was said stands for what it is in
// every language.
func plainly(v say.Voice, fields []string) []string {
	out := slices.Clone(fields)
	for i, text := range fields {
		switch strings.TrimSpace(text) {
		case v.Text("this machine"):
			out[i] = thisMachine
		case v.Text("not known"):
			out[i] = notKnown
		case v.Text("drains"):
			out[i] = drains
		case v.Text("lost"):
			out[i] = isLost
		}
	}
	return out
}

// at says which field an error is about.
func at(field int, err error) error {
	if err == nil {
		return nil
	}
	return form.FieldError{At: field, Err: err}
}

// first is the first of some errors: they are told one at a time, from the top.
func first(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}
