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

// TestSampled: of a real IPVS in user-mode Linux, all of whose connections use a tuple
// again, that is found in both reuse modes. The machine was busy: the client counts
// connections some time before IPVS does.
func TestSampled(t *testing.T) {
	for mode := range 2 {
		h, load := sampled(t, fmt.Sprintf("ipvs-conn-mode%d-reuse", mode), mode)
		var begun []float64
		for line := range strings.Lines(load) {
			var n, ended, reading int
			if _, err := fmt.Sscanf(line, "%d begun, %d ended after reading %d", &n, &ended, &reading); err == nil {
				begun = append(begun, float64(n))
			}
		}
		if len(begun) < 2 || h.Over < 5*second {
			t.Fatalf("%v %+v", begun, h)
		}
		known(t, "reused", h.Reused, 1)
		known(t, "addresses", h.Addresses, 1)
		right := (begun[len(begun)-1] - begun[0]) / h.Over.Seconds()
		if rate, told := h.New.Get(); told && (rate < 0.65*right || rate > 1.35*right) {
			t.Errorf("mode %d: %.1f a second instead of %.1f", mode, rate, right)
		}
	}
}
