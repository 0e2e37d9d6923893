package cluster

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// object is a Kubernetes type that can be decoded from protobuf and from JSON.
type object[T any] interface {
	*T
	Unmarshal([]byte) error
}

// maxObject bounds one object on the wire. etcd refuses requests above 1.5 MiB
// by default; a server may be configured for more.
const maxObject = 32 << 20

// errNotKubernetes is an answer that no Kubernetes API server gives.
var errNotKubernetes = errors.New("the answer is not that of a Kubernetes API server")

// decodeList reads one page of a list and hands over its objects one by one, in
// the same T each time: each must copy what it keeps. Only one object is in
// memory at a time, so a page of slices with 1,000 endpoints each costs no more
// than a page of small ones. An error after some objects leaves those counted.
func decodeList[T any, P object[T]](r io.Reader, each func(P)) (metav1.ListMeta, error) {
	br := bufio.NewReaderSize(r, 32<<10)
	magic, err := br.Peek(len(protobufMagic))
	if err != nil && !errors.Is(err, io.EOF) {
		return metav1.ListMeta{}, err
	}
	if string(magic) == protobufMagic {
		_, _ = br.Discard(len(protobufMagic)) // it was just peeked
		return decodeProtobuf[T, P](&wire{r: br, left: math.MaxInt64}, each)
	}
	return decodeJSON[T, P](br, each)
}

// protobufMagic starts every protobuf answer of an API server; after it comes a
// runtime.Unknown (k8s.io/apimachinery/pkg/runtime/generated.proto).
const protobufMagic = "k8s\x00"

// Field numbers of runtime.Unknown and, the same in every list type, of a list.
const (
	unknownRaw = 2
	listMeta   = 1
	listItems  = 2
)

// decodeProtobuf walks Unknown.raw, which holds the list.
func decodeProtobuf[T any, P object[T]](w *wire, each func(P)) (meta metav1.ListMeta, err error) {
	seen := false
	for {
		field, err := w.field()
		if errors.Is(err, io.EOF) {
			if !seen {
				return meta, fmt.Errorf("%w: an envelope without a list", errNotKubernetes)
			}
			return meta, nil
		}
		if err != nil {
			return meta, err
		}
		if field != unknownRaw {
			if err := w.skip(); err != nil {
				return meta, err
			}
			continue
		}
		inner, err := w.message()
		if err != nil {
			return meta, err
		}
		seen = true
		if meta, err = decodeItems[T, P](inner, each); err != nil {
			return meta, err
		}
	}
}

func decodeItems[T any, P object[T]](w *wire, each func(P)) (meta metav1.ListMeta, err error) {
	var item T
	for w.left > 0 {
		field, err := w.field()
		if err != nil {
			return meta, noEOF(err)
		}
		switch field {
		case listMeta:
			b, err := w.bytes()
			if err != nil {
				return meta, err
			}
			if err := meta.Unmarshal(b); err != nil {
				return meta, fmt.Errorf("decoding a list: %w", err)
			}
		case listItems:
			b, err := w.bytes()
			if err != nil {
				return meta, err
			}
			var zero T
			item = zero
			if err := P(&item).Unmarshal(b); err != nil {
				return meta, fmt.Errorf("decoding an object: %w", err)
			}
			each(&item)
		default:
			if err := w.skip(); err != nil {
				return meta, err
			}
		}
	}
	return meta, nil
}

// decodeJSON is for servers and proxies that do not speak protobuf.
func decodeJSON[T any, P object[T]](r io.Reader, each func(P)) (meta metav1.ListMeta, err error) {
	d := json.NewDecoder(r)
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return meta, errors.Join(errNotKubernetes, readError(err))
	}
	list := false
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return meta, fmt.Errorf("decoding a list: %w", noEOF(err))
		}
		switch key {
		case "kind":
			var kind string
			err = d.Decode(&kind)
			list = strings.HasSuffix(kind, "List")
		case "metadata":
			err = d.Decode(&meta)
		case "items":
			err = decodeArray[T, P](d, each)
		default:
			var ignored json.RawMessage
			err = d.Decode(&ignored)
		}
		if err != nil {
			return meta, fmt.Errorf("decoding a list: %w", noEOF(err))
		}
	}
	if _, err := d.Token(); err != nil {
		return meta, fmt.Errorf("decoding a list: %w", noEOF(err))
	}
	if !list {
		return meta, fmt.Errorf("%w: not a list", errNotKubernetes)
	}
	return meta, nil
}

func decodeArray[T any, P object[T]](d *json.Decoder, each func(P)) error {
	t, err := d.Token()
	if err != nil || t == nil { // items: null
		return err
	}
	if t != json.Delim('[') {
		return fmt.Errorf("items is %v, not a list", t)
	}
	for d.More() {
		var item T
		if err := d.Decode(P(&item)); err != nil {
			return err
		}
		each(&item)
	}
	_, err = d.Token()
	return err
}

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

// errWire is an answer that a Kubernetes API server gives, but broken.
var errWire = errors.New("malformed answer")

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
		return 0, errWire
	}
	w.left--
	return w.r.ReadByte()
}

// length reads the length of the field just read and takes it off w.
func (w *wire) length() (int64, error) {
	if w.kind != wireBytes {
		return 0, errWire
	}
	n, err := w.varint()
	if err != nil {
		return 0, err
	}
	if n > uint64(w.left) {
		return 0, errWire
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
		return nil, fmt.Errorf("%w: an object of %d bytes", errWire, n)
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
		return errWire
	}
	if n > w.left {
		return errWire
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

// readError keeps errors of the connection and drops those of the syntax.
func readError(err error) error {
	var syntax *json.SyntaxError
	if err == nil || errors.As(err, &syntax) || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
