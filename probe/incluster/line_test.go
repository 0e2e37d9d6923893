package incluster

import (
	"encoding/json"
	"testing"
	"time"
)

// mustLine is a line as an agent writes it.
func mustLine(t *testing.T, l Line, seq int64) []byte {
	t.Helper()
	l.Version, l.Sequence, l.At = wireVersion, seq, time.Now()
	text, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
