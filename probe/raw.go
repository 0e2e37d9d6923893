package probe

import (
	"bufio"
	"io"
	"strconv"
	"strings"

	"kpadvisor/plain"
)

// rawSamples writes each hit as one line of CSV, times in ns since the start of the run, and
// nothing in a phase that the hit does not have. It is called between hits: it costs
// about 1 µs a hit, which is in no time measured, and in an open loop in lateness.
type rawSamples struct {
	out    *bufio.Writer
	line   []byte
	target string // of the current block, as CSV has it
	err    error  // the first; nothing is written after it
}

func newRaw(to io.Writer) *rawSamples {
	r := &rawSamples{out: bufio.NewWriterSize(to, 256<<10)}
	head := []string{"target", "round", "warm", "due_ns", "sent_ns", "done_ns"}
	for _, p := range Phases() {
		head = append(head, p.String()+"_ns")
	}
	r.text(strings.Join(append(head, "resent_syns", "failure"), ",") + "\n")
	return r
}

func (r *rawSamples) text(s string) {
	if r.err == nil {
		_, r.err = r.out.WriteString(s)
	}
}

// begin is told which target's block follows.
func (r *rawSamples) begin(t Target) {
	r.target = strings.TrimSuffix(plain.Row(plain.Cell(t.Name)), "\n")
}

func (r *rawSamples) hit(h *hit, turn Turn, openLoop bool) {
	if r.err != nil {
		return
	}
	l := append(r.line[:0], r.target...)
	l = strconv.AppendInt(append(l, ','), int64(turn.Round), 10)
	l = strconv.AppendBool(append(l, ','), turn.Warm)
	for _, ns := range [3]int64{h.due, h.sent, h.done} {
		l = strconv.AppendInt(append(l, ','), ns, 10)
	}
	for _, p := range Phases() {
		l = append(l, ',')
		if ns, ok := h.phase(p, openLoop); ok {
			l = strconv.AppendInt(l, ns, 10)
		}
	}
	l = append(strconv.AppendInt(append(l, ','), h.resentSYNs, 10), ',')
	if h.failure != NoFailure {
		l = append(l, h.failure.String()...)
	}
	r.line = append(l, '\n')
	_, r.err = r.out.Write(r.line)
}

func (r *rawSamples) flush() error {
	if r.err != nil {
		return r.err
	}
	return r.out.Flush()
}
