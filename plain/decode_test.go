package plain

import (
	"strings"
	"testing"
	"time"
)

// TestDecode: what is wrong with a file is said with the name of the field, in one
// short line without a word of Go's.
func TestDecode(t *testing.T) {
	type inner struct {
		Services int       `json:"services"`
		Load     float64   `json:"load"`
		Names    []string  `json:"names"`
		At       time.Time `json:"at"`
		Small    uint8     `json:"small"`
		Yes      bool      `json:"yes"`
	}
	long := strings.Repeat("9", 200_000)
	for in, want := range map[string]string{
		``:                                    "ends too early",
		`{"facts":{"services":1`:              "ends too early",
		`{"facts":nonsense}`:                  "no JSON from byte 11 on",
		`[]`:                                  "the whole file holds a list, and an object belongs there",
		`{"facts":{"services":"many"}}`:       "facts.services holds a string, and a whole number below 2^63 belongs there",
		`{"facts":{"services":1.5}}`:          "facts.services is 1.5, and a whole number",
		`{"facts":{"services":` + long + `}}`: "facts.services is 999",
		`{"facts":{"load":1e400}}`:            "facts.load is 1e400, and a number belongs there",
		`{"facts":{"small":-1}}`:              "facts.small is -1, and a whole number from 0 to below 2^8",
		`{"facts":{"names":{}}}`:              "facts.names holds an object, and a list belongs there",
		`{"facts":{"yes":"true"}}`:            "facts.yes holds a string, and true or false belongs there",
		`{"facts":{"at":"` + long + `"}}`:     "is no time such as",
		`{"facts":{"at":7}}`:                  "a time in it is none such as",
	} {
		var into struct {
			Facts inner `json:"facts"`
		}
		err := Decode([]byte(in), &into)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %q", in, err, want)
			continue
		}
		for _, word := range []string{"json:", "Go ", "unmarshal", "Unmarshal", "struct", "strconv", "parsing time", "int64", "float64"} {
			if strings.Contains(err.Error(), word) {
				t.Errorf("%.60s: %v", in, err)
			}
		}
		if len(err.Error()) > 300 {
			t.Errorf("%.60s: %d bytes", in, len(err.Error()))
		}
	}
	if err := Decode([]byte(`{}`), new(inner)); err != nil {
		t.Error(err)
	}
}
