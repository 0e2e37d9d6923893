package habit

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
)

// sampled follows the readings that were taken of a real IPVS beside a load.
func sampled(t *testing.T, name string, reuseMode int) (h advisor.NodeHabits, load string) {
	t.Helper()
	text, err := os.ReadFile("../testdata/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	section := func(name string) string {
		_, rest, found := strings.Cut(string(text), " section "+name+"\n")
		part, _, _ := strings.Cut(rest, "\n@@")
		if !found {
			return ""
		}
		return part
	}
	v := NewIPVS(reuseMode)
	for i := 1; section(fmt.Sprintf("uptime.%d", i)) != ""; i++ {
		seconds, err := strconv.ParseFloat(strings.Fields(section(fmt.Sprintf("uptime.%d", i)))[0], 64)
		conns, ok := Conns([]byte(section(fmt.Sprintf("ipvs.stats.%d", i))))
		if err != nil || !ok {
			t.Fatal(err, ok)
		}
		v.Begin(time.Duration(seconds*float64(time.Second)), conns)
		for line := range bytes.Lines([]byte(section(fmt.Sprintf("ipvs.connections.%d", i)))) {
			if e, ok := ParseIPVS(bytes.TrimSpace(line)); ok {
				v.Entry(e)
			}
		}
		v.End()
	}
	return v.Habits(), section("load")
}

// TestSampled: of a real IPVS in user-mode Linux under a load that the report itself
// records, in both reuse modes: how many connections begin, within 5 %, that all of them
// use a tuple again or none does, and that they are too short for their life to be told.
func TestSampled(t *testing.T) {
	for mode := range 2 {
		for name, reused := range map[string]float64{"": 0, "-reuse": 1} {
			name = fmt.Sprintf("ipvs-conn-mode%d%s", mode, name)
			h, load := sampled(t, name, mode)
			var begun []float64
			for line := range strings.Lines(load) {
				var n, ended, reading int
				if _, err := fmt.Sscanf(line, "%d begun, %d ended after reading %d", &n, &ended, &reading); err == nil {
					begun = append(begun, float64(n))
				}
			}
			if len(begun) < 2 || h.Over < 5*second {
				t.Fatalf("%s: %v %+v", name, begun, h)
			}
			known(t, name+": reused", h.Reused, reused)
			known(t, name+": addresses", h.Addresses, 1)
			right := (begun[len(begun)-1] - begun[0]) / h.Over.Seconds()
			if rate, told := h.New.Get(); !told || rate < 0.95*right || rate > 1.05*right {
				t.Errorf("%s: %+v a second instead of %.1f", name, h.New, right)
			}
			if h.Life.IsKnown() || !strings.Contains(h.Life.Detail, "less than 5") || !strings.HasSuffix(h.Life.Detail, "0ms") || h.Open.Or(-1) > 2 {
				t.Errorf("%s: life %+v, open %+v", name, h.Life, h.Open)
			}
		}
	}
}
