package plain

import (
	"strings"
	"testing"
	"time"
)

// TestBounds: each kind of number is found wherever it is, and named as the file has it.
func TestBounds(t *testing.T) {
	type inner struct {
		Count  int           `json:"count"`
		Share  float64       `json:"share,omitempty"`
		Time   time.Duration `json:"timeNs"`
		Seed   uint64        `json:"seed"`
		Hidden int           `json:"-"`
		none   int
	}
	type outer struct {
		inner
		List  []inner `json:"list"`
		Maybe *inner  `json:"maybe"`
		Pair  [2]int8 `json:"pair"`
	}
	b := Bounds{Low: 0, High: 100, Longest: time.Minute}
	good := outer{List: []inner{{Count: 100, Share: 99.5, Time: time.Minute, Seed: 1 << 63, Hidden: -1, none: -1}}}
	if err := b.Check(good, ""); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*outer){
		"list[0].count is 101, and a number from 0 to 100 belongs there": func(o *outer) { o.List[0].Count = 101 },
		"list[0].count is -1,":               func(o *outer) { o.List[0].Count = -1 },
		"list[0].share is 1e+300":            func(o *outer) { o.List[0].Share = 1e300 },
		"list[0].timeNs is 60000000001":      func(o *outer) { o.List[0].Time = time.Minute + 1 },
		"maybe.count is 9223372036854775807": func(o *outer) { o.Maybe = &inner{Count: 1<<63 - 1} },
		"pair[1] is -128":                    func(o *outer) { o.Pair[1] = -128 },
	} {
		bad := good
		bad.List = []inner{good.List[0]}
		change(&bad)
		if err := b.Check(bad, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// FuzzDecode: whatever a file holds, it is read or refused in one short line.
func FuzzDecode(f *testing.F) {
	type into struct {
		Count int              `json:"count"`
		Share float32          `json:"share"`
		Small uint8            `json:"small"`
		At    time.Time        `json:"at"`
		List  []map[string]int `json:"list"`
		Inner *into2           `json:"inner"`
	}
	for _, seed := range []string{`{}`, `{"count": 1e99}`, `{"at": "x"}`, `{"list": [{"a": "b"}]}`, `{"inner": {"text": 1}}`, `[1`, `{"small": -1, "other": 2}`, `nul`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, err := range []error{Decode(data, new(into)), DecodeStrict(data, new(into))} {
			if err == nil {
				continue
			}
			said := err.Error()
			if len(said) > 1200 || !Safe(said) || strings.Contains(said, "json:") || strings.Contains(said, "Go ") && !strings.Contains(string(data), "Go ") {
				t.Errorf("%q: %q", data, said)
			}
		}
	})
}

type into2 struct {
	Text string `json:"text"`
}
