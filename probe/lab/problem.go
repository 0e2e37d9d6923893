package lab

import "errors"

// problem is an error with a remedy, for a user.
type problem struct {
	Reason, Remedy string
	cause          error
}

func (p *problem) Error() string {
	if p.cause != nil {
		return p.Reason + ": " + p.cause.Error()
	}
	return p.Reason
}

func (p *problem) Unwrap() error { return p.cause }

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
	var p *problem
	if errors.As(err, &p) {
		return p.Reason, p.Remedy
	}
	return err.Error(), ""
}
