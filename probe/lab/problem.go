package lab

import (
	"errors"

	"kpadvisor/plain"
)

// reason is an error in one clause, with what helps if that is known.
func reason(err error) string {
	sentence, remedy := Explain(err)
	if remedy == "" {
		return sentence
	}
	return sentence + "; remedy: " + remedy
}

// Explain splits an error of this package into a sentence and what to do about
// it; remedy is empty if nothing is known to help.
func Explain(err error) (sentence, remedy string) {
	var p *plain.Error
	if errors.As(err, &p) {
		return p.Sentence, p.Remedy
	}
	return err.Error(), ""
}
