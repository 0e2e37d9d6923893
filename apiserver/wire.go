package apiserver

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// wire reads protobuf fields of a message of which left bytes remain.
type wire struct {
	r    *bufio.Reader
	left int64
	kind uint64 // wire type of the field just read
	buf  []byte // reused by bytes
}

// Protobuf's wire types; groups are long gone and refused.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// field reads the next tag and returns its number. io.EOF means that the message
// ended where it may.
func (w *wire) field() (uint64, error) {
	if _, err := w.r.Peek(1); errors.Is(err, io.EOF) {
		return 0, io.EOF
	}
	tag, err := w.varint()
	if err != nil {
		return 0, err
	}
	w.kind = tag & 7
	return tag >> 3, nil
}

func (w *wire) varint() (uint64, error) {
	v, err := binary.ReadUvarint(w)
	return v, noEOF(err)
}

// ReadByte is for binary.ReadUvarint.
func (w *wire) ReadByte() (byte, error) {
	if w.left <= 0 {
		return 0, ErrMalformed
	}
	w.left--
	return w.r.ReadByte()
}

// length reads the length of the field just read and takes it off w.
func (w *wire) length() (int64, error) {
	if w.kind != wireBytes {
		return 0, ErrMalformed
	}
	n, err := w.varint()
	if err != nil {
		return 0, err
	}
	if n > uint64(w.left) {
		return 0, ErrMalformed
	}
	w.left -= int64(n)
	return int64(n), nil
}

// message returns the field just read as a message to walk.
func (w *wire) message() (*wire, error) {
	n, err := w.length()
	return &wire{r: w.r, left: n}, err
}

// bytes returns the field just read; the next call overwrites it.
func (w *wire) bytes() ([]byte, error) {
	n, err := w.length()
	if err != nil {
		return nil, err
	}
	if n > maxObject {
		return nil, fmt.Errorf("%w: an object of %d bytes", ErrMalformed, n)
	}
	if int64(cap(w.buf)) < n {
		w.buf = make([]byte, n+n/4)
	}
	b := w.buf[:n]
	_, err = io.ReadFull(w.r, b)
	return b, noEOF(err)
}

// skip passes over the field just read.
func (w *wire) skip() error {
	var n int64
	var err error
	switch w.kind {
	case wireVarint:
		_, err = w.varint()
		return err
	case wireFixed64:
		n = 8
	case wireFixed32:
		n = 4
	case wireBytes:
		if n, err = w.length(); err != nil {
			return err
		}
		_, err = io.CopyN(io.Discard, w.r, n)
		return noEOF(err)
	default:
		return ErrMalformed
	}
	if n > w.left {
		return ErrMalformed
	}
	w.left -= n
	_, err = w.r.Discard(int(n))
	return noEOF(err)
}

// noEOF says that an end came too early.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
