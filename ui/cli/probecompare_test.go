package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kpadvisor/probe"
	"kpadvisor/ui/evidence/evidencetest"
)

// Saved runs are put together, each one observation, and groups are told apart.
func TestProbeCompare(t *testing.T) {
	file := func(shift float64) string {
		r := evidencetest.Run()
		for i := range r.Series[0].Blocks {
			r.Series[0].Blocks[i].MedianNs[probe.Handshake] += shift
		}
		return save(t, r)
	}
	var first, second []string
	for i := range 6 {
		first, second = append(first, file(float64(i*200))), append(second, file(9000+float64(i*200)))
	}
	o := run(t, append([]string{"probe", "compare", "--phase", "handshake"}, first...)...)
	o.wants(t, Fine, "A - B is 30.2 µs, 95 % interval 29.8 to 30.8 over 6 runs.", "")
	o = run(t, slices.Concat([]string{"probe", "compare", "--phase", "handshake", "-o", "json"}, first, []string{"--"}, second)...)
	var doc probe.Runs
	if err := json.Unmarshal([]byte(o.out), &doc); err != nil || o.code != Fine || doc.Schema != probe.RunsSchema || len(doc.A) != 6 || len(doc.B) != 6 {
		t.Fatalf("%v, code %d: %s", err, o.code, o.out)
	}
	if row := doc.Rows[len(doc.Rows)-1]; row.What != "A - B" || !row.Detected || row.DiffNs != -9000 {
		t.Errorf("%+v", row)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, Usage, "Give the files"},
		{[]string{"--", first[0]}, Usage, "Give the files"},
		{[]string{first[0], "--phase", "x"}, Usage, "--phase"},
		{[]string{first[0], "-o", "csv"}, Usage, "--output"},
		{[]string{first[0], "/does/not/exist"}, Failure, "cannot be used"},
		{[]string{first[0], "--phase", "kept-alive"}, Failure, "no run has measured kept-alive"},
	} {
		o := run(t, append([]string{"probe", "compare"}, c.args...)...)
		o.wants(t, c.code, "", c.want)
		o.isOneSentence(t)
	}
}

// Each connection is a line of the file of --raw.
func TestProbeRaw(t *testing.T) {
	file := filepath.Join(t.TempDir(), "raw.csv")
	o := probeOf(t, serve(t, 0), "--raw", file)
	o.wants(t, Fine, "60 hits finished", "")
	text, err := os.ReadFile(file)
	if err != nil || strings.Count(string(text), "\n") != 61 || strings.Count(string(text), "\nA,") != 60 {
		t.Errorf("%v:\n%s", err, text)
	}
	for _, args := range [][]string{{"--from", "x", "--raw", file}, {"--in-cluster", "--image", "x", "--raw", file}} {
		o := run(t, append([]string{"probe"}, args...)...)
		o.wants(t, Usage, "", "no use")
		o.isOneSentence(t)
	}
}
