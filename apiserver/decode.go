package apiserver

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// DecodeList reads one page of a list and hands over its objects one by one, in
// the same T each time: each must copy what it keeps. Only one object is in
// memory at a time, so a page of slices with 1,000 endpoints each costs no more
// than a page of small ones. An error after some objects leaves those counted.
func DecodeList[T any](r io.Reader, each func(*T)) (metav1.ListMeta, error) {
	return decodeList(r, each, live()+maxHeap)
}

// decodeList is DecodeList while at most so many bytes live.
func decodeList[T any](r io.Reader, each func(*T), most uint64) (metav1.ListMeta, error) {
	br := bufio.NewReaderSize(r, 32<<10)
	magic, err := br.Peek(len(protobufMagic))
	if err != nil && !errors.Is(err, io.EOF) {
		return metav1.ListMeta{}, err
	}
	d := decoder[T]{each: each, heap: heap{most: most}}
	if string(magic) == protobufMagic {
		_, _ = br.Discard(len(protobufMagic)) // it was just peeked
		err = d.protobuf(&wire{r: br, left: math.MaxInt64})
	} else {
		err = d.json(br)
	}
	if n := d.meta.RemainingItemCount; n != nil && (*n < 0 || *n > mostLeft) {
		d.meta.RemainingItemCount = nil
	}
	return d.meta, err
}

// mostLeft is more objects than any cluster holds: a server that says there are more
// does not know.
const mostLeft = 1 << 40

// decoder is a list on its way from an answer.
type decoder[T any] struct {
	each func(*T)
	heap heap
	item T
	meta metav1.ListMeta
}

// take decodes one object and hands it over.
func (d *decoder[T]) take(text []byte, decode func([]byte) error) error {
	if err := elements(text); err != nil {
		return err
	}
	if err := decode(text); err != nil {
		return fmt.Errorf("decoding an object: %w", err)
	}
	d.each(&d.item)
	if d.heap.grown(len(text)) {
		return ErrFull
	}
	return nil
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

// protobuf walks Unknown.raw, which holds the list.
func (d *decoder[T]) protobuf(w *wire) error {
	seen := false
	for {
		field, err := w.field()
		if errors.Is(err, io.EOF) {
			if !seen {
				return fmt.Errorf("%w: an envelope without a list", ErrNotKubernetes)
			}
			return nil
		}
		if err != nil {
			return err
		}
		if field != unknownRaw {
			if err := w.skip(); err != nil {
				return err
			}
			continue
		}
		inner, err := w.message()
		if err != nil {
			return err
		}
		seen = true
		if err := d.items(inner); err != nil {
			return err
		}
	}
}

// items walks a list.
func (d *decoder[T]) items(w *wire) error {
	object, ok := any(&d.item).(interface{ Unmarshal(text []byte) error })
	if !ok {
		return fmt.Errorf("%w: protobuf, which was not asked for", ErrMalformed)
	}
	for w.left > 0 {
		field, err := w.field()
		if err != nil {
			return noEOF(err)
		}
		switch field {
		case listMeta:
			var text []byte
			if text, err = w.bytes(); err == nil {
				err = d.meta.Unmarshal(text)
			}
		case listItems:
			var text []byte
			if text, err = w.bytes(); err == nil {
				var zero T
				d.item = zero
				err = d.take(text, object.Unmarshal)
			}
		default:
			err = w.skip()
		}
		if err != nil {
			return fmt.Errorf("decoding a list: %w", err)
		}
	}
	return nil
}

// bounded is what a JSON list comes from: no more than an object's worth of bytes at a
// time, which the decoder would buffer whole.
type bounded struct {
	r    io.Reader
	left int
}

func (b *bounded) next() { b.left = maxObject }

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, ErrTooLarge
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// json is for servers and proxies that do not speak protobuf.
func (d *decoder[T]) json(r io.Reader) error {
	in := &bounded{r, maxObject}
	text := json.NewDecoder(in)
	if t, err := text.Token(); err != nil || t != json.Delim('{') {
		return errors.Join(ErrNotKubernetes, readError(err))
	}
	list := false
	for text.More() {
		in.next()
		key, err := text.Token()
		if err != nil {
			return fmt.Errorf("decoding a list: %w", noEOF(err))
		}
		switch key {
		case "kind":
			var kind string
			err = text.Decode(&kind)
			list = strings.HasSuffix(kind, "List")
		case "metadata":
			err = text.Decode(&d.meta)
		case "items":
			err = d.array(text, in)
		default:
			var ignored json.RawMessage
			err = text.Decode(&ignored)
		}
		if err != nil {
			return fmt.Errorf("decoding a list: %w", noEOF(err))
		}
	}
	if _, err := text.Token(); err != nil {
		return fmt.Errorf("decoding a list: %w", noEOF(err))
	}
	if !list {
		return fmt.Errorf("%w: not a list", ErrNotKubernetes)
	}
	return nil
}

// array takes the objects of a list.
func (d *decoder[T]) array(text *json.Decoder, in *bounded) error {
	t, err := text.Token()
	if err != nil || t == nil { // items: null
		return err
	}
	if t != json.Delim('[') {
		return fmt.Errorf("%w: items is no list", ErrMalformed)
	}
	var object json.RawMessage // reused
	for text.More() {
		in.next()
		if err := text.Decode(&object); err != nil {
			return err
		}
		var zero T
		d.item = zero
		if err := d.take(object, func(text []byte) error { return json.Unmarshal(text, &d.item) }); err != nil {
			return err
		}
	}
	_, err = text.Token()
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
