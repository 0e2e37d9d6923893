package lab

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"kpadvisor/probe/lab/rules"
)

// FuzzRead: whatever is read is refused in one sentence, or is a sweep that a
// screen can show: nothing panics, numbers are within their limits, texts are plain,
// and what is written again reads the same.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `[]`, `{"schema":"` + Schema + `"}`,
		`{"schema":"` + Schema + `","points":[{"mode":"nftables","services":100,"position":"middle","blockP10Ns":[1,2]}]}`,
		`{"schema":"` + Schema + `","points":[{"mode":"iptables-legacy","services":-1}]}`,
		`{"schema":"` + Schema + `","points":[{"mode":"direct","services":5,"blockP10Ns":[-1]}],"environment":{"kernel":"\u001b[2J"}}`,
		`{"schema":"` + Schema + `","points":[{"mode":"ipvs","services":1e300}]}`,
	} {
		f.Add([]byte(seed))
	}
	if whole, err := json.Marshal(result()); err == nil {
		f.Add(whole)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(bytes.NewReader(data))
		if err != nil {
			if s := err.Error(); s == "" || strings.ContainsAny(s, "\x1b\x00") {
				t.Errorf("the refusal is %q", s)
			}
			return
		}
		for _, p := range r.Points {
			if !known(p.Mode) || p.Services < 1 || p.Services > rules.MaxServices {
				t.Errorf("was read: %+v", p)
			}
		}
		if err := r.WriteCSV(io.Discard); err != nil {
			t.Error(err)
		}
		again, err := json.Marshal(r)
		if err != nil {
			t.Fatalf("could not be written again: %v", err)
		}
		if _, err := Read(bytes.NewReader(again)); err != nil {
			t.Errorf("what was read is refused when it is written again: %v", err)
		}
	})
}
