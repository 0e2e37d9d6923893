package advisor

import (
	"encoding/json"
	"fmt"
)

// State says how much is known of a fact. The zero value is Unknown, so that a
// fact nobody filled in is never taken for a zero.
type State int

// The three values of a fact.
const (
	Unknown State = iota // not read; Fact.Why says for what reason
	Known                // read; Fact.Source says where
	Absent               // looked for, and not there; Fact.Source says where
)

// Why says why a fact is unknown.
type Why string

// The reasons a fact can be unknown for.
const (
	NotAsked   Why = ""            // nobody looked, or nobody answered
	Forbidden  Why = "forbidden"   // the API server refused the read (403)
	TimedOut   Why = "timed out"   // no answer within the request timeout
	NotServed  Why = "not served"  // the API server does not serve the resource (404 on the kind)
	Invisible  Why = "not visible" // not in the API on this platform (systemd unit, managed node)
	Unreadable Why = "unreadable"  // an answer that could not be parsed
	Failed     Why = "failed"      // any other error
	Bounded    Why = "bounded"     // the read was stopped by --max-pages, or for its size, before it was complete
	Late       Why = "out of time" // the read was stopped by --timeout before it was complete
)

// Fact is a value of type T with its provenance.
type Fact[T any] struct {
	State  State  `json:"state"`
	Value  T      `json:"value"`            // written for Known only
	Source string `json:"source,omitempty"` // object and key, or "asked", "--services", ...
	Why    Why    `json:"why,omitempty"`    // only for Unknown
	Detail string `json:"detail,omitempty"` // one clause more on Why, never a stack trace
}

// KnownFrom returns a known fact with its source.
func KnownFrom[T any](v T, source string) Fact[T] {
	return Fact[T]{State: Known, Value: v, Source: source}
}

// AbsentFrom returns a fact that was looked for in source and is not there.
func AbsentFrom[T any](source string) Fact[T] { return Fact[T]{State: Absent, Source: source} }

// UnknownFor returns a fact that could not be learned.
func UnknownFor[T any](why Why, detail string) Fact[T] {
	return Fact[T]{Why: why, Detail: detail}
}

// Get returns the value, and whether it is known.
func (f Fact[T]) Get() (T, bool) { return f.Value, f.State == Known }

// IsKnown reports whether the value may be used.
func (f Fact[T]) IsKnown() bool { return f.State == Known }

// Or returns the value if it is known, and otherwise v.
func (f Fact[T]) Or(v T) T {
	if f.State == Known {
		return f.Value
	}
	return v
}

// MarshalJSON leaves the value out unless it is known, so that no reader of a
// file takes the zero of an unknown fact for a count.
func (f Fact[T]) MarshalJSON() ([]byte, error) {
	out := struct {
		State  State  `json:"state"`
		Value  *T     `json:"value,omitempty"`
		Source string `json:"source,omitempty"`
		Why    Why    `json:"why,omitempty"`
		Detail string `json:"detail,omitempty"`
	}{State: f.State, Source: f.Source, Why: f.Why, Detail: f.Detail}
	if f.State == Known {
		out.Value = &f.Value
	}
	return json.Marshal(out)
}

// String returns "unknown", "known" or "absent".
func (s State) String() string {
	switch s {
	case Unknown:
		return "unknown"
	case Known:
		return "known"
	case Absent:
		return "absent"
	}
	return fmt.Sprintf("State(%d)", int(s))
}

// MarshalText writes the state as its name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *State) UnmarshalText(b []byte) error {
	for _, state := range []State{Unknown, Known, Absent} {
		if state.String() == string(b) {
			*s = state
			return nil
		}
	}
	return fmt.Errorf("fact state %q is none of unknown, known, absent", b)
}
