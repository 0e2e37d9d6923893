package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/probe/lab/drill"
)

// wireVersion is checked on both ends: a stream of another version is refused,
// not guessed at.
const wireVersion = 1

// request is what the outer half asks for, one per line.
type request struct {
	Version int        `json:"v"`
	Job     int        `json:"job"` // every event of the job repeats it
	Do      do         `json:"do"`
	Options Options    `json:"options"`
	Drill   drill.Plan `json:"drill,omitzero"` // of doDrill, which has no Options
}

// do is the verb of a request.
type do string

const (
	doPreflight do = "preflight"
	doSweep     do = "sweep"
	doLive      do = "live" // measures by a plan; another doLive changes the size
	doStop      do = "stop" // ends the job that runs, under whose number it comes
	doDrill     do = "drill"
)

// Event is what the inner half says; one field besides Version and Job is set.
type Event struct {
	Version     int             `json:"v"`
	Job         int             `json:"job"`
	Environment *Environment    `json:"environment,omitempty"`
	Missing     *Missing        `json:"missing,omitempty"`
	Skipped     *Skipped        `json:"skipped,omitempty"`
	Stage       *Stage          `json:"stage,omitempty"`
	Point       *Point          `json:"point,omitempty"`
	Built       *Built          `json:"built,omitempty"`
	Snapshot    *probe.Snapshot `json:"snapshot,omitempty"` // what is new since the job's last one, see newsroom
	Result      *probe.Result   `json:"result,omitempty"`
	Done        *Done           `json:"done,omitempty"`

	DrillEnvironment *DrillEnvironment `json:"drillEnvironment,omitempty"`
	Drill            *DrillProgress    `json:"drill,omitempty"`
}

// ptr makes a field of an Event of a value.
func ptr[T any](v T) *T { return &v }

// Stage is progress: what is being done to which mode at which size. A screen
// shows it as it comes.
type Stage struct {
	Mode     Mode    `json:"mode,omitempty"`
	Services int     `json:"services"`
	What     string  `json:"what"`  // "checking", "building", "programming", "measuring"
	Share    float64 `json:"share"` // of the whole job, 0 to 1
}

// Built says what programming a mode of a live comparison took.
type Built struct {
	Mode      Mode   `json:"mode"`
	Services  int    `json:"services"`
	ProgramNs int64  `json:"programNs"` // of what changed since the last size
	Counts    Counts `json:"objects"`
}

// Done ends a job. Error is one sentence, empty when it went well; Remedy says
// what to do, if that is known.
type Done struct {
	Error  string `json:"error,omitempty"`
	Remedy string `json:"remedy,omitempty"`
}

// eventWriter writes events, one per line. Jobs and what they start share it.
type eventWriter struct {
	mu  sync.Mutex
	enc *json.Encoder
	job int
}

func newEventWriter(w io.Writer) *eventWriter { return &eventWriter{enc: json.NewEncoder(w)} }

func (w *eventWriter) write(e Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	e.Version, e.Job = wireVersion, w.job
	return w.enc.Encode(e)
}

// begin makes all that follows belong to a job.
func (w *eventWriter) begin(job int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.job = job
}

// eventReader reads what an eventWriter wrote.
type eventReader struct{ dec *json.Decoder }

func newEventReader(r io.Reader) *eventReader { return &eventReader{json.NewDecoder(r)} }

// job calls each for every event until a job is done and says which. A stream
// that ends before is an error: the inner half died.
func (r *eventReader) job(each func(Event)) (int, error) {
	for {
		var e Event
		if err := r.dec.Decode(&e); err != nil {
			return 0, fmt.Errorf("%w: %w", errStream, err)
		}
		if e.Version != wireVersion {
			return 0, fmt.Errorf("%w: it speaks version %d, not %d", errStream, e.Version, wireVersion)
		}
		if e.Done == nil {
			each(e)
			continue
		}
		if e.Done.Error != "" {
			return e.Job, plain.Fail(e.Done.Error, e.Done.Remedy, nil)
		}
		return e.Job, nil
	}
}

// errStream says that nothing more can come.
var errStream = errors.New("the lab ended without saying so")
