package incluster

// Trouble is why a run could not be made, or not to its end, in the words of the
// user: one sentence with the object's own reason, and one remedy.
type Trouble struct {
	Sentence string
	Remedy   string
	err      error
}

// Error is the sentence.
func (t *Trouble) Error() string { return t.Sentence }

// Unwrap is what was behind it, if that was an error.
func (t *Trouble) Unwrap() error { return t.err }
