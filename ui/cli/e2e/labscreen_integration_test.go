package e2e

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestLabOnScreen runs the lab from the Probe screen with the kernel's real
// rules: the modes of this kernel side by side, then at another size, and the
// report that is left behind.
func TestLabOnScreen(t *testing.T) {
	s := open(t, 80, 24, environment(t), "--demo", "short")
	s.wait("DEMO")
	toMeasure(s, "The lab on this machine")
	s.wait("kernel ", "nftables", "can run", "enter start")
	s.press("t", "C-u", "100", "Enter", "Enter", "Enter", "Enter", "Enter", "C-u", "240", "Enter", "Enter")
	s.wait("100 Services of 5 endpoints", "enter start")
	s.press("Enter")
	text := measuredLab(s, "Lab: 100 Services", "nftables", "ipt legacy", "] more Services")
	if !strings.Contains(text, "IPVS") {
		t.Errorf("a mode that is missing is not shown as missing:\n%s", text)
	}
	s.press("]")
	measuredLab(s, "Lab: 500 Services")
	s.press("q")
	if code := s.exit(); code != fine {
		t.Errorf("exit code %d", code)
	}
	contains(t, "the report left behind", s.all(), "iptables-legacy", "nftables", "500")
}

// interval is what a mode costs over the direct way, with its interval.
var interval = regexp.MustCompile(`[+-]\d+\.\d \[[+-]\d`)

// measuredLab waits for the end of a lab that shows every part, and what its modes cost, or
// that this machine was too busy to tell.
func measuredLab(s *screen, parts ...string) (text string) {
	s.t.Helper()
	parts = append(parts, "finished, ")
	return s.until(fmt.Sprintf("the screen shows %q and a result", parts), func(text string) bool {
		lacks := func(part string) bool { return !strings.Contains(text, part) }
		return !slices.ContainsFunc(parts, lacks) && (interval.MatchString(text) || !lacks("No conclusion: the self-check failed."))
	})
}

// TestDrillOnScreen runs a drill of one mode from the Probe screen with the
// kernel's real rules.
func TestDrillOnScreen(t *testing.T) {
	s := open(t, 80, 24, environment(t), "--demo", "short")
	s.wait("DEMO")
	toMeasure(s, "The 81775 drill on this machine")
	s.wait("What to try", "enter start")
	s.press("t", "C-u", "nftables", "Enter", "C-u", "60", "Enter", "Enter", "C-u", "25", "Enter", "Enter", "Enter")
	s.wait("1 configuration at once", "enter start")
	s.press("Enter")
	s.wait("nftables", "to dead", "enter stop")
	s.wait("finished", "sent a connection to the", "dead pod")
	s.press("q")
	if code := s.exit(); code != fine {
		t.Errorf("exit code %d", code)
	}
	contains(t, "the report left behind", s.all(), "drill of issue 81775", "nftables")
}
