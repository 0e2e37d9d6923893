package apiserver

import (
	"encoding/binary"
	"fmt"
)

// An object's text says little of what it takes decoded: each "{}" of a list of
// containers is 3 bytes there (2 of protobuf) and 408 in memory. So what is repeated in
// one object is counted before it is decoded, where there is room for many.
const (
	maxObject   = 4 << 20  // bytes of an object: etcd takes 1.5 MiB by default, and its JSON is longer
	maxElements = 16 << 10 // of all arrays of an object; an EndpointSlice of 1,000 endpoints has about 5,000
	worthACount = 16 << 10 // bytes from which on that is looked at
)

// elements refuses an object that repeats itself too often; the text is JSON or protobuf.
func elements(text []byte) error {
	if len(text) < worthACount {
		return nil
	}
	n := 0
	if text[0] == '{' || text[0] == ' ' {
		n = countJSON(text)
	} else {
		n, _ = countWire(text, 0)
	}
	if n > maxElements {
		return fmt.Errorf("%w: an object with more than %d elements", ErrTooLarge, maxElements)
	}
	return nil
}

// countJSON counts the elements of all arrays in a valid JSON text.
func countJSON(text []byte) (n int) {
	var stack []byte // the brackets that are open
	inString := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{', c == '[':
			stack = append(stack, c)
			if c == '[' {
				n++
			}
		case (c == '}' || c == ']') && len(stack) > 0:
			stack = stack[:len(stack)-1]
		case c == ',' && len(stack) > 0 && stack[len(stack)-1] == '[':
			n++
		}
	}
	return n
}

// mostDepth is deeper than any message of Kubernetes is.
const mostDepth = 32

// countWire counts fields that follow one of the same number in a protobuf message, and
// does so in every field that can be read as a message: without the types nobody knows
// which are. It reports whether the text can be.
func countWire(text []byte, depth int) (n int, ok bool) {
	before := uint64(0)
	for len(text) > 0 {
		tag, used := binary.Uvarint(text)
		if used <= 0 || tag>>3 == 0 {
			return 0, false
		}
		text = text[used:]
		skip := 0
		switch tag & 7 {
		case wireVarint:
			_, skip = binary.Uvarint(text)
			if skip <= 0 {
				return 0, false
			}
		case wireFixed64:
			skip = 8
		case wireFixed32:
			skip = 4
		case wireBytes:
			length, used := binary.Uvarint(text)
			if used <= 0 || length > uint64(len(text)-used) {
				return 0, false
			}
			inner := text[used : used+int(length)]
			skip = used + int(length)
			if tag == before {
				n++
			}
			if depth < mostDepth {
				if more, ok := countWire(inner, depth+1); ok {
					n += more
				}
			}
		default:
			return 0, false
		}
		if skip > len(text) {
			return 0, false
		}
		before, text = tag, text[skip:]
	}
	return n, true
}
