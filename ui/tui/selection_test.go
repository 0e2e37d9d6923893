package tui

import (
	"strings"
	"testing"

	"kpadvisor/ui/tui/screen"
)

// TestGroupList: a group can be chosen, opened and closed again, and the filter narrows
// the list to what has its words.
func TestGroupList(t *testing.T) {
	t.Parallel()
	a := start(done(mixedFacts()), 80, 24).read()
	list := func() *clusterScreen { return a.screens[clusterTab].(*clusterScreen) }
	a.wants(t, "▸     180  iptables", "        32  IPVS", "enter evidence", "/ filter")
	a.press("down").wants(t, "▸      32  IPVS")
	a.press("enter").wants(t, "32 nodes  IPVS", "5.4.0-96-generic", "! ConfigMap kube-system/kube-proxy, field mode: iptables", "esc back")
	a.press("esc", "/").typed("ipvs 5.4").wants(t, "Node groups with [ ipvs 5.4", "▸      32  IPVS", "esc all")
	if strings.Contains(a.text(), "180  iptables") {
		t.Errorf("the filter leaves what it does not match:\n%s", a.text())
	}
	a.press("enter", "enter").wants(t, "32 nodes  IPVS")
	a.press("esc").wants(t, "Node groups with")
	a.press("esc").wants(t, "180  iptables")
	a.press("/").typed("solaris").wants(t, "no node group has that")
	if a.press("enter", "enter"); list().opened != nil {
		t.Error("a group was opened that is not in the list")
	}
	a.press("esc", "g", "enter").wants(t, "180 nodes  iptables")
}

// TestEveryLineCanBeReached: the pointer and the window together show every line of a
// page whose list stands in its middle, on the smallest screen, and come back.
func TestEveryLineCanBeReached(t *testing.T) {
	t.Parallel()
	for _, tab := range []string{"1", "3"} {
		a := start(done(mixedFacts()), screen.MinWidth, screen.MinHeight).read().press(tab)
		top := a.text()
		seen := map[string]bool{}
		last := ""
		for range 200 {
			for _, l := range strings.Split(a.text(), "\n") {
				seen[strings.TrimLeft(strings.TrimSpace(l), "▸ ")] = true
			}
			if a.press("down"); a.text() == last {
				break
			}
			last = a.text()
		}
		w := a.screens[a.active]
		var all []string
		switch s := w.(type) {
		case *clusterScreen:
			all = texts(s.drawing)
		case *adviceScreen:
			all = texts(s.drawing)
		}
		if len(all) < screen.MinHeight {
			t.Fatalf("tab %s has %d lines, which fit", tab, len(all))
		}
		for _, l := range all {
			if !seen[l] {
				t.Errorf("tab %s: never shown: %q", tab, l)
			}
		}
		for range 200 {
			a.press("up")
		}
		if got := a.text(); got != top {
			t.Errorf("tab %s: up does not lead back:\n%s\nbegan as\n%s", tab, got, top)
		}
	}
}

// texts are the lines of a drawing without their styles.
func texts(d drawing) []string {
	var out []string
	for _, l := range d.lines {
		text := ""
		for _, s := range l {
			text += s.Text
		}
		out = append(out, strings.TrimLeft(strings.TrimSpace(text), "▸ "))
	}
	return out
}

// TestAdvicePages: each place of the ranking says why it is there, and the curve has this
// cluster on it.
func TestAdvicePages(t *testing.T) {
	t.Parallel()
	a := real(Options{}, 80, 24, "3")
	for i, r := range a.session.advice.Ranking {
		keys := append([]string{"g"}, strings.Fields(strings.Repeat("down ", i))...)
		a.press(append(keys, "enter")...).wants(t, "in place "+string(rune('1'+i))+" of 3")
		for _, reason := range r.Reasons {
			if first, _, _ := strings.Cut(reason.Text, " "); !strings.Contains(a.text(), first) {
				t.Errorf("%s: %q is not said", r.Mode, reason.Text)
			}
		}
		a.press("esc")
		for range i {
			a.press("up")
		}
	}
	a.press("c").wants(t, "you: 4,817 ports", "break-even in the UK8S guide", "nftables", "IPVS", "µs")
	a.press("esc").wants(t, "runs on")
}
