package pack

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/plain"
	"kpadvisor/say"
)

// Schema names the data of a change request. Fields may be added to them; what older
// versions would misread gets a new number.
const Schema = "kpadvisor.change/v1"

// data are what a document is made from, as they stand in it.
type data struct {
	Schema   string           `json:"schema"`
	Version  string           `json:"version"` // of the program that made the document
	Language say.Language     `json:"language"`
	To       advisor.Mode     `json:"to,omitempty"`
	Answers  []answer         `json:"answers"`
	Measured advisor.Measured `json:"measured"`
	Snapshot json.RawMessage  `json:"snapshot"` // as kpadvisor snapshot writes it

	facts  advisor.Facts // of the snapshot
	named  bool          // it may hold names
	habits advisor.Habits
}

// answer is a habit that somebody answered.
type answer struct {
	Habit  advisor.HabitID `json:"habit"`
	Value  string          `json:"value"` // as its flag takes it
	Source string          `json:"source"`
}

// longestSource is how much of the source of an answer is kept, in characters.
const longestSource = 120

func answersOf(h advisor.Habits) []answer {
	out := []answer{}
	for _, q := range advisor.Questions() {
		if value, source, ok := h.Answer(q.ID); ok {
			out = append(out, answer{q.ID, value, source})
		}
	}
	return out
}

// decode reads data, whoever wrote them. The error is one sentence without its full stop.
func decode(text string) (data, error) {
	var d data
	if err := plain.Decode([]byte(text), &d); err != nil {
		return d, err
	}
	switch {
	case d.Schema != Schema:
		return d, fmt.Errorf("their schema is %q and this version reads %q", plain.Line(d.Schema, 60), Schema)
	case !slices.Contains(say.Languages(), d.Language):
		return d, fmt.Errorf("they are of a document in the language %q, which this version does not write", plain.Line(string(d.Language), 20))
	case d.To != "" && !slices.Contains(advisor.Modes(), d.To):
		return d, fmt.Errorf("they ask for the mode %q, and there is none of that name", plain.Line(string(d.To), 40))
	}
	if err := checkMeasured(d.Measured); err != nil {
		return d, fmt.Errorf("what was measured cannot be: %w", err)
	}
	for _, a := range d.Answers {
		var err error
		if d.habits, err = d.habits.Set(a.Habit, a.Value, plain.Line(a.Source, longestSource)); err != nil {
			return d, err
		}
	}
	return d, d.readFacts()
}

// readFacts reads the snapshot. Its facts are what they were when the document was made:
// those of a cluster are not a snapshot's by being written down.
func (d *data) readFacts() error {
	var head struct {
		Names bool
		Facts struct{ Origin advisor.Origin }
	}
	if err := plain.Decode(d.Snapshot, &head); err != nil {
		return err
	}
	f, err := cluster.ReadSnapshot(strings.NewReader(string(d.Snapshot)))
	if err != nil {
		return errors.Unwrap(err)
	}
	if head.Facts.Origin == advisor.FromCluster {
		f.Origin = advisor.FromCluster
	}
	d.facts, d.named = f, head.Names
	return nil
}
