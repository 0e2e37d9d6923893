package advisor

import (
	"strings"
	"testing"
)

// TestThresholds: whatever is to be run, there is what tells whether to go on, each with
// where it is from, and a last step that says how to go back; and neither where there is
// nothing to run.
func TestThresholds(t *testing.T) {
	moves := 0
	for _, sc := range scenarios() {
		for _, to := range Modes() {
			move := MoveTo(sc.facts, sc.habits, Measured{}, to)
			back, ok := move.Back()
			if ok != (len(move.Runbook) > 0) || ok != (len(move.Thresholds) > 0) || ok && back.Title != "To go back" {
				t.Errorf("%s to %s: %d steps, %d thresholds, back %q", sc.name, to, len(move.Runbook), len(move.Thresholds), back.Title)
			}
			for _, th := range move.Thresholds {
				moves++
				if th.Watch == "" || th.Command == "" || th.GoOn == "" || th.Source == "" {
					t.Errorf("%s to %s: %+v", sc.name, to, th)
				}
			}
		}
	}
	if moves < 30 {
		t.Errorf("only %d thresholds", moves)
	}
}

// TestThresholdsOfModes: what is counted is what kube-proxy counts in that mode, and what
// is estimated says so.
func TestThresholdsOfModes(t *testing.T) {
	for _, c := range []struct {
		from, to Mode
		version  string
		want     []string
		not      string
	}{
		{IPTables, NFTables, "v1.36.0", []string{"nftables_sync_failures_total", "it goes on growing", "KEP-3866", "The first sync", "(estimate)", "its syncPeriod (30 s unless set)", "nftables/proxier.go"}, "restore_failures"},
		{NFTables, IPTables, "v1.36.0", []string{"iptables_restore_failures_total"}, "KEP-3866"},
		{IPTables, IPVS, "v1.30.0", []string{"ipvsadm", "kube-proxy exits"}, "sync lasts"},
		{IPTables, IPVS, "v1.36.0", []string{"each of them disappears"}, "never"}, // which nobody can wait for
		{IPTables, IPVS, "v1.25.0", []string{"it says another mode", "CHANGELOG-1.26"}, "kube-proxy exits"},
	} {
		var text strings.Builder
		for _, th := range MoveTo(typed(5_000, 40_000, "6.1.0", c.version, c.from), Habits{}, Measured{}, c.to).Thresholds {
			text.WriteString(strings.Join([]string{th.Watch, th.Command, th.GoOn, th.Stop, th.Back, th.Source, ""}, "\n"))
		}
		for _, want := range c.want {
			if !strings.Contains(text.String(), want) {
				t.Errorf("%s to %s: no %q in\n%s", c.from, c.to, want, text.String())
			}
		}
		if strings.Contains(text.String(), c.not) {
			t.Errorf("%s to %s: %q in\n%s", c.from, c.to, c.not, text.String())
		}
	}
}

// TestSilent: what fails while kube-proxy changes over is said where nftables comes or
// goes, or may go, as long as the first sync that the same document estimates; and the
// connections are watched for longer than that.
func TestSilent(t *testing.T) {
	const lasts, minutes = "while the first sync lasts", "--duration 2m "
	for _, c := range []struct {
		from, to      Mode
		ports         int
		version       string
		goOn, command string
		source        string
	}{
		{IPTables, NFTables, 1_000, "v1.36.0", lasts, minutes, "Linux 6.18"},
		{IPTables, NFTables, 44_125, "v1.36.0", lasts, "--duration 87m ", "Linux 6.18"},
		{IPVS, NFTables, 1_000, "v1.36.0", lasts, minutes, "Linux 6.18, IPVS in user-mode Linux 6.12"},
		{NFTables, IPTables, 44_125, "v1.36.0", lasts, minutes, "Linux 6.18"},
		{NFTables, IPVS, 1_000, "v1.36.0", lasts, minutes, "IPVS in user-mode Linux 6.12"},
		{IPTables, IPVS, 1_000, "v1.36.0", "none", minutes, "IPVS in user-mode Linux 6.12"},
		{IPVS, IPTables, 1_000, "v1.36.0", "none", minutes, "IPVS in user-mode Linux 6.12"},
		{"", NFTables, 1_000, "v1.36.0", lasts, minutes, "Linux 6.18"},
		{"", IPTables, 1_000, "v1.36.0", lasts, minutes, "Linux 6.18"}, // it may be nftables that goes
		{"", IPTables, 1_000, "", lasts, minutes, "Linux 6.18"},
		{"", IPTables, 1_000, "v1.16.0", "none", minutes, "Linux 6.18"},
	} {
		move := MoveTo(typed(c.ports, 8*c.ports, "6.1.0", c.version, c.from), Habits{}, Measured{}, c.to)
		var got Threshold
		for _, th := range move.Thresholds {
			if strings.Contains(th.Command, "kpadvisor probe") {
				got = th
			}
		}
		if !strings.HasPrefix(got.GoOn, c.goOn) || !strings.Contains(got.Command, c.command) || !strings.HasSuffix(got.Source, c.source) {
			t.Errorf("%s to %s at %d, %s: %+v", c.from, c.to, c.ports, c.version, got)
		}
		for _, st := range move.Runbook {
			if none := strings.HasPrefix(st.Text, "No window"); st.Title == "What to expect on each node" && none != (c.goOn == "none") {
				t.Errorf("%s to %s, %s: the runbook says %q", c.from, c.to, c.version, st.Text)
			}
		}
	}
}

// TestNoFigureToStopAt: an estimate says what to expect, and never where to stop.
func TestNoFigureToStopAt(t *testing.T) {
	for _, sc := range scenarios() {
		for _, th := range MoveTo(sc.facts, sc.habits, Measured{}, NFTables).Thresholds {
			if strings.Contains(th.GoOn, "(estimate)") && (th.Stop != "" || th.Back != "" || !strings.Contains(th.Command, "(sum|count)'")) {
				t.Errorf("%s: %+v", sc.name, th)
			}
		}
	}
}
