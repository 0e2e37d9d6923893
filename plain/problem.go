package plain

// Problem is what went wrong, for the user: one sentence and one thing to do.
type Problem struct {
	Sentence string `json:"sentence"`
	Remedy   string `json:"remedy"` // works where it is printed; empty if nothing is known to help
}

// Error is a Problem on its way up, with what was behind it.
type Error struct {
	Problem
	Cause error // nil if it was no error
}

// Fail makes an Error; cause may be nil.
func Fail(sentence, remedy string, cause error) *Error {
	return &Error{Problem{sentence, remedy}, cause}
}

// Error is the sentence.
func (e *Error) Error() string { return e.Sentence }

// Unwrap is what was behind it.
func (e *Error) Unwrap() error { return e.Cause }
