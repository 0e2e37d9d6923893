package incluster

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"kpadvisor/jobs"
	"kpadvisor/plain"
	"kpadvisor/probe"
)

// wireVersion is of Line. A session refuses to read another one: the image in the
// cluster is not of the same version then.
const wireVersion = 1

// maxLine is far above what an agent writes at once.
const maxLine = 4 << 20

// Line is one line of an agent's log. Exactly one of its pointers is set, or Seen
// holds something.
type Line struct {
	Version  int           `json:"v"`
	Sequence int64         `json:"seq"` // 1, 2, 3, ...
	At       time.Time     `json:"at"`  // by the node's clock
	Hello    *Hello        `json:"hello,omitempty"`
	Progress *Stage        `json:"progress,omitempty"`
	Seen     []Seen        `json:"seen,omitempty"`
	Record   *probe.Record `json:"record,omitempty"` // its round is one of the schedule, its time since the epoch
	End      *End          `json:"end,omitempty"`
}

// Hello is the first line.
type Hello struct {
	Run         string            `json:"run"`
	Node        string            `json:"node"`
	Group       int               `json:"group"`
	Index       int               `json:"index"`
	First       int               `json:"first"`    // the round of its first block that is no warm-up
	Resolved    []string          `json:"resolved"` // of each target, what is connected to
	Environment probe.Environment `json:"environment"`
	Budget      probe.Budget      `json:"budget"`
}

// Stage is what an agent does, written when it changes and once a second.
type Stage struct {
	State probe.State `json:"state"`
	Why   string      `json:"why,omitempty"`
}

// Seen is what an agent saw of one of its targets in 100 ms.
type Seen struct {
	Target   int            `json:"target"`
	Interval probe.Interval `json:"interval"` // its time is since the epoch
}

// End is the last line.
type End struct {
	Check     *probe.SelfCheck `json:"check,omitempty"` // absent if nothing was measured
	Told      bool             `json:"told,omitempty"`  // it was told to end before it was done
	Skipped   int              `json:"skipped"`         // rounds that it came too late for
	Throttled int64            `json:"throttled"`       // times the CPU limit of its container stopped it
	Error     string           `json:"error,omitempty"` // one sentence; empty if it ended as it should, or was told to
}

// writer writes lines, one at a time.
type writer struct {
	mu  sync.Mutex
	to  io.Writer
	now func() time.Time
	seq int64
	err error // the first of a write: nothing is written after it
}

func (w *writer) write(l Line) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	w.seq++
	l.Version, l.Sequence, l.At = wireVersion, w.seq, w.now().UTC()
	text, err := json.Marshal(l)
	if err == nil {
		_, err = w.to.Write(append(text, '\n'))
	}
	if err != nil {
		w.err = fmt.Errorf("could not write to the log: %w", err)
	}
	return w.err
}

// errNotALine is a line that no agent wrote: what the Go runtime says when a
// program ends badly, for instance.
var errNotALine = errors.New("not a line of an agent")

// readLine reads a line and refuses what cannot be: it comes from a pod, whose
// image may be any. Strings are stripped of what a terminal would obey.
func readLine(text []byte) (Line, error) {
	var l Line
	if text = bytes.TrimSpace(text); len(text) == 0 || text[0] != '{' {
		return l, errNotALine
	}
	if err := plain.Decode(text, &l); err != nil {
		return l, fmt.Errorf("%w: %w", errNotALine, err)
	}
	if l.Version == 0 { // what another program says in JSON
		return l, errNotALine
	}
	if l.Version != wireVersion {
		return l, fmt.Errorf("the agent in the image speaks version %d, this program version %d", l.Version, wireVersion)
	}
	return l, l.validate()
}

func (l *Line) validate() error {
	if l.Sequence < 1 || l.At.IsZero() {
		return errNotALine
	}
	if len(l.Seen) > 1024 {
		return errors.New("an agent's line holds too many intervals")
	}
	for _, s := range l.Seen {
		i := s.Interval
		if s.Target < 0 || i.At < 0 || i.Length < 0 || i.Requests < 0 || i.Errors < 0 || i.Errors > i.Requests || i.Retransmitted < 0 {
			return errors.New("an agent's line holds an interval that cannot be")
		}
	}
	if l.Hello != nil {
		if l.Hello.Group < 0 || l.Hello.Index < 0 || l.Hello.First < 0 || len(l.Hello.Resolved) > 16 {
			return errors.New("an agent's first line cannot be")
		}
		l.Hello.clean()
	}
	if l.Progress != nil {
		l.Progress.State, l.Progress.Why = probe.State(plain.Line(string(l.Progress.State), jobs.MostText)), plain.Line(l.Progress.Why, jobs.MostText)
	}
	if l.Record != nil {
		l.Record.OtherError = plain.Line(l.Record.OtherError, jobs.MostText)
		return l.Record.Validate()
	}
	if l.End != nil {
		l.End.Error = plain.Line(l.End.Error, jobs.MostText)
		if l.End.Check != nil {
			for i, why := range l.End.Check.Why {
				l.End.Check.Why[i] = plain.Line(why, jobs.MostText)
			}
		}
	}
	return nil
}

func (h *Hello) clean() {
	for _, s := range []*string{
		&h.Run, &h.Node, &h.Environment.Version, &h.Environment.Kernel, &h.Environment.System, &h.Environment.Go, &h.Environment.Engine,
		&h.Budget.Why, &h.Budget.Target,
	} {
		*s = plain.Line(*s, jobs.MostText)
	}
	for i, r := range h.Resolved {
		h.Resolved[i] = plain.Line(r, jobs.MostText)
	}
}
