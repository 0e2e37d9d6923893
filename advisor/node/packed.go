package node

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"

	"kpadvisor/files"
)

// Bounds of a section that is compressed. Tables of connections become an eighth to a
// fifteenth of what they were.
const (
	maxUnpacked = 64 << 20
	maxRatio    = 64 // how many times as large as its text
)

// unpack reads what pack and the script write: gzip in base64. A section is unpacked each
// time it is looked at, so that a file of bombs never lies unpacked in memory as a whole.
func unpack(text []byte) ([]byte, error) {
	z, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(text)))
	if err != nil {
		return nil, fmt.Errorf("a section cannot be decompressed: %w", err)
	}
	out, err := files.Bounded(z, int64(min(maxUnpacked, maxRatio*len(text))))
	if err != nil {
		return nil, fmt.Errorf("a section cannot be decompressed: %w", err)
	}
	return out, nil
}

// lineOfBase64 is how long lines of packed sections are, as those of the command base64.
const lineOfBase64 = 76

// pack compresses.
func pack(text []byte) ([]byte, error) {
	var b bytes.Buffer
	lines := &folded{to: &b}
	encoder := base64.NewEncoder(base64.StdEncoding, lines)
	z := gzip.NewWriter(encoder)
	_, err := z.Write(text)
	err = errors.Join(err, z.Close(), encoder.Close())
	return b.Bytes(), err
}

// folded writes lines of one length.
type folded struct {
	to *bytes.Buffer
	at int // of the line
}

func (f *folded) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), lineOfBase64-f.at)
		f.to.Write(rest[:n])
		rest, f.at = rest[n:], f.at+n
		if f.at == lineOfBase64 {
			f.to.WriteByte('\n')
			f.at = 0
		}
	}
	return len(p), nil
}
