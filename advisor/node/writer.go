package node

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"strconv"
	"strings"

	"kpadvisor/plain"
)

// Writer writes a report as the script of [Script] does, from what a program of ours has
// read. It keeps the first error of the underlying writer for Close.
type Writer struct {
	to    io.Writer
	nonce string
	err   error
}

// NewWriter begins a report.
func NewWriter(to io.Writer) *Writer {
	w := &Writer{to: to, nonce: strings.ToLower(rand.Text())}
	w.print("%s%s %s\n", schema, version, w.nonce)
	return w
}

// large is from how many bytes on a section is compressed: logs of pods are slow, and are
// cut at 10 MiB.
const large = 64 << 10

// Section writes what was read. A problem is told beside what was read before it.
func (w *Writer) Section(name string, out []byte, problem error) {
	kind := "section"
	if len(out) >= large {
		if packed, err := pack(out); err == nil {
			kind, out = "packed", packed
		}
	}
	status, complaint := 0, ""
	if problem != nil {
		status, complaint = 1, plain.Line(problem.Error(), 2_000)
	}
	w.print("@@%s %s %s\n%s\n", w.nonce, kind, name, bytes.TrimSuffix(out, []byte("\n")))
	w.print("@@%s errors %s\n%s\n@@%s end %s %s\n", w.nonce, name, complaint, w.nonce, name, strconv.Itoa(status))
}

// Skipped says why something was not read.
func (w *Writer) Skipped(name, why string) {
	w.print("@@%s skipped %s %s\n", w.nonce, name, plain.Line(why, 100))
}

// Close ends the report.
func (w *Writer) Close() error {
	w.print("@@%s done\n", w.nonce)
	return w.err
}

func (w *Writer) print(format string, parts ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.to, format, parts...)
	}
}
