package measure

import (
	"strings"

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
