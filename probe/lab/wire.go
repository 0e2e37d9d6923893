package lab

import (
	"encoding/json"
	"fmt"
	"io"

	"kpadvisor/probe/lab/rules"
)

// wireVersion is checked on both ends: a stream of another version is refused,
// not guessed at.
const wireVersion = 1

// request is what the outer half asks for, one per line.
type request struct {
	Version int     `json:"v"`
	Do      do      `json:"do"`
	Options Options `json:"options"`
}

// do is the verb of a request.
type do string

const (
	doPreflight do = "preflight"
	doSweep     do = "sweep"
	doLive      do = "live" // measures until the stream ends; another doLive changes the size
)

// Event is what the inner half says; exactly one field besides Version is set.
type Event struct {
	Version     int          `json:"v"`
	Environment *Environment `json:"environment,omitempty"`
	Missing     *Missing     `json:"missing,omitempty"`
	Skipped     *Skipped     `json:"skipped,omitempty"`
	Stage       *Stage       `json:"stage,omitempty"`
	Point       *Point       `json:"point,omitempty"`
	Live        *Live        `json:"live,omitempty"`
	Done        *Done        `json:"done,omitempty"`
}

// Stage is progress: what is being done to which mode at which size. A screen
// shows it as it comes.
type Stage struct {
	Mode     Mode    `json:"mode,omitempty"`
	Services int     `json:"services"`
	What     string  `json:"what"`  // "checking", "building", "programming", "measuring"
	Share    float64 `json:"share"` // of the whole job, 0 to 1
}

// Live is one block of connections of a live comparison.
type Live struct {
	Mode     Mode           `json:"mode"`
	Services int            `json:"services"`
	Position rules.Position `json:"position"`
	TimesNs  []int64        `json:"timesNs"`
	Failed   int            `json:"failed"`
	CPUNs    int64          `json:"cpuNs"` // of the client, all connections of the block
}

// Done ends a job; Error is one sentence, empty when it went well.
type Done struct {
	Error string `json:"error,omitempty"`
}

// eventWriter writes events, one per line.
type eventWriter struct{ enc *json.Encoder }

func newEventWriter(w io.Writer) *eventWriter { return &eventWriter{json.NewEncoder(w)} }

func (w *eventWriter) write(e Event) error {
	e.Version = wireVersion
	return w.enc.Encode(e)
}

// readEvents calls each for every event until the stream or the job ends. A
// stream that ends without Done is an error: the inner half died.
func readEvents(r io.Reader, each func(Event)) error {
	dec := json.NewDecoder(r)
	for {
		var e Event
		if err := dec.Decode(&e); err != nil {
			return fmt.Errorf("the lab ended without saying so: %w", err)
		}
		if e.Version != wireVersion {
			return fmt.Errorf("the lab speaks version %d, not %d", e.Version, wireVersion)
		}
		if e.Done != nil {
			if e.Done.Error != "" {
				return fmt.Errorf("%s", e.Done.Error)
			}
			return nil
		}
		each(e)
	}
}
