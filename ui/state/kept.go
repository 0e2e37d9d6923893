package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"kpadvisor/plain"
)

// version is that of the files; it changes when what is written means something else.
const version = 1

// Bounds of a file: nobody has more to say.
const (
	mostBytes   = 64 << 10
	mostAnswers = 64
	mostModes   = 8
	mostSteps   = 256 // of one runbook
	mostWord    = 64  // of a name, a value or a step, in bytes
)

// Kept is what is kept for one cluster.
type Kept struct {
	Answers map[string]Answer   // by habit, as its flag is called
	Steps   map[string][]string // those ticked, by the mode that their runbook leads to; sorted
}

// Answer is what somebody said of a habit, as its flag takes it, and on which day.
type Answer struct {
	Value string
	On    time.Time // midnight UTC
}

// Empty reports that there is nothing to keep.
func (k Kept) Empty() bool { return len(k.Answers)+len(k.Steps) == 0 }

// file is how that is written.
type file struct {
	Version int                 `json:"version"`
	Answers map[string]answered `json:"answers,omitempty"`
	Steps   map[string][]string `json:"steps,omitempty"`
}

type answered struct {
	Value string `json:"value"`
	On    string `json:"on"`
}

// encode is the file of what is kept.
func (k Kept) encode() ([]byte, error) {
	f := file{Version: version, Steps: k.Steps}
	for habit, a := range k.Answers {
		if f.Answers == nil {
			f.Answers = map[string]answered{}
		}
		f.Answers[habit] = answered{a.Value, a.On.UTC().Format(time.DateOnly)}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	if err := e.Encode(f); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// decode takes a file as it stands or not at all. Its error is one clause.
func decode(text []byte) (Kept, error) {
	var head struct {
		Version int `json:"version"`
	}
	if err := plain.Decode(text, &head); err != nil {
		return Kept{}, err
	}
	if head.Version != version {
		return Kept{}, fmt.Errorf("it is of version %d, and this kpadvisor reads version %d", head.Version, version)
	}
	var f file
	if err := plain.DecodeStrict(text, &f); err != nil {
		return Kept{}, err
	}
	if err := f.check(); err != nil {
		return Kept{}, err
	}
	var k Kept
	for mode, steps := range f.Steps {
		slices.Sort(steps)
		if f.Steps[mode] = slices.Compact(steps); len(steps) == 0 {
			delete(f.Steps, mode)
		}
	}
	if len(f.Steps) > 0 {
		k.Steps = f.Steps
	}
	for habit, a := range f.Answers {
		on, err := time.Parse(time.DateOnly, a.On)
		if err != nil {
			return Kept{}, fmt.Errorf("%q is no day such as 2026-11-30", plain.Line(a.On, mostWord))
		}
		if k.Answers == nil {
			k.Answers = map[string]Answer{}
		}
		k.Answers[habit] = Answer{a.Value, on}
	}
	return k, nil
}

// check says what of a file is out of bounds.
func (f file) check() error {
	if len(f.Answers) > mostAnswers || len(f.Steps) > mostModes {
		return errors.New("it holds more than there is to keep")
	}
	words := slices.Collect(maps.Keys(f.Answers))
	for _, a := range f.Answers {
		words = append(words, a.Value, a.On)
	}
	for mode, steps := range f.Steps {
		if len(steps) > mostSteps {
			return errors.New("it holds more steps than a runbook has")
		}
		words = append(append(words, mode), steps...)
	}
	for _, w := range words {
		if w == "" || len(w) > mostWord || !plain.ASCII(w) {
			return fmt.Errorf("%q is nothing that is kept", plain.Line(w, mostWord))
		}
	}
	return nil
}
