package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// TestScreen is the main job at 80 by 24 against the large cluster: it shows
// counts, asks, advises, and leaves the report behind.
func TestScreen(t *testing.T) {
	s := open(t, 80, 24, kubeconfig(t, shared.Large(t)))
	s.wait("production", "1 Cluster", "2 Habits", "3 Advice", "4 Probe", "? help")
	s.wait("5,001", "98,000", "500", "460", "iptables", "40", "IPVS", "5.4.0-96")

	s.press("Tab")
	s.wait("How do clients talk to Services?", "short connections", "Why it matters")
	s.press("j", "Enter") // the second choice
	s.wait("New connections per second")
	s.press("3", "0", "0", "Enter")
	s.wait("300 per second", "behind one address") // the answer below, and the next question

	s.press("Tab")
	s.wait("81775", "iptables", "nftables", "IPVS")
	s.press("r")
	s.wait("Runbook", "kubectl")
	s.escape("Runbook")

	s.press("4")
	s.wait("Probe")
	s.press("?")
	s.wait("previous screen", "closes this help")
	s.escape("closes this help")
	s.press("1")
	s.wait("98,000")

	s.press("q")
	if code := s.exit(); code != fine {
		t.Errorf("exit code %d, want 0: leaving the screens is no finding", code)
	}
	contains(t, "the report left behind", s.all(), "production", "81775", "--connections short --new-connections 300")
	if state := s.state("#{alternate_on} #{cursor_flag}"); state != "0 1" {
		t.Errorf("alternate screen and cursor are %q, want 0 1", state)
	}
}

// TestScreenSizes looks at the three screens that have something to say at every
// size that is promised, and at one too small.
func TestScreenSizes(t *testing.T) {
	s := open(t, 120, 40, kubeconfig(t, shared.Large(t)))
	s.wait("98,000")
	for _, size := range []struct{ width, height int }{{120, 40}, {80, 24}, {60, 20}, {200, 60}} {
		s.resize(size.width, size.height)
		for _, tab := range []struct{ key, want string }{{"1", "98,000"}, {"3", "81775"}} {
			s.press(tab.key)
			what := fmt.Sprintf("screen %s shows %q and fills %dx%d", tab.key, tab.want, size.width, size.height)
			s.until(what, func(text string) bool {
				lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
				return strings.Contains(text, tab.want) && len(lines) == size.height && strings.Contains(lines[len(lines)-1], "help")
			})
		}
	}
	s.resize(40, 10)
	s.until("the screen says that it is too small", func(text string) bool {
		return strings.Contains(text, "60") && !strings.Contains(text, "98,000")
	})
	s.resize(80, 24)
	s.wait("81775")
	s.press("C-c")
	s.exit()
}

// TestScreenWithoutCluster offers the demo on a machine that has no cluster.
func TestScreenWithoutCluster(t *testing.T) {
	s := open(t, 80, 24, environment(t))
	s.wait("No kubeconfig was found", "demo")
	s.press("Enter")
	s.wait("DEMO", "Services", "kube-proxy")
	s.press("3")
	s.wait("81775", "DEMO")
	s.press("q")
	s.exit()
	contains(t, "the report left behind", s.all(), "demo", "81775")
}

// TestScreenUnreachable keeps its screens where the server cannot be reached.
func TestScreenUnreachable(t *testing.T) {
	c := shared.Small(t)
	config := *c.Admin
	config.Host = "https://" + closedPort(t)
	s := open(t, 80, 24, kubeconfigOf(t, &config))
	s.wait("refuses connections")
	s.press("q")
	s.exit()
}
