package tui

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/say"
	"kpadvisor/ui/tui/measure/measuretest"
)

// loop runs the screens' commands as Bubble Tea does, each in a goroutine, and gives the
// screens what they return until ok holds.
type loop struct {
	app
	messages chan tea.Msg
}

func (l loop) do(cmd tea.Cmd) {
	if cmd != nil {
		go func() { l.messages <- cmd() }()
	}
}

func (l loop) key(name string) {
	_, cmd := l.Update(keyPress(name))
	l.do(cmd)
}

func (l loop) until(ok func() bool) {
	for !ok() {
		switch msg := (<-l.messages).(type) {
		case nil:
		case tea.BatchMsg:
			for _, cmd := range msg {
				l.do(cmd)
			}
		default:
			_, cmd := l.Update(msg)
			l.do(cmd)
		}
	}
}

// says reports whether the text is on the screen.
func (l loop) says(text string) func() bool {
	return func() bool { return strings.Contains(l.text(), text) }
}

// TestEvidenceReachesTheAdvice: a run that says its modes is weighed at once.
func TestEvidenceReachesTheAdvice(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kernel, want string
		arrival      advisor.Arrival
		refused      bool
	}{
		{"5.15.0-105-generic", "3 Advice takes this in: 180 nodes with kernel 5.15.0-105-generic.", advisor.Cold, false},
		{"5.15.0-105-generic", "does not weigh it: connections came back to back", advisor.Hot, false},
		{"6.18.44", "does not weigh it: no node has kernel 6.18.44.", advisor.Cold, false},
		{"", "3 Advice cannot weigh this run: both targets are the same address", advisor.Cold, true},
	} {
		r := measuretest.RunOf(43e3, 31e3, 20)
		r.Environment.Kernel = tt.kernel
		if tt.arrival == advisor.Cold {
			r.Plan.Rate = 100
		}
		if tt.refused {
			r.Series[1].Resolved = r.Series[0].Resolved
		}
		f := &measuretest.Prober{Shows: measuretest.Live(r), Result: r}
		l := loop{start(with(done(mixedFacts()), measuretest.Everything(f)), 80, 24).read(), make(chan tea.Msg)}
		var weighed advisor.Measured
		l.session.decide = func(v say.Voice, f advisor.Facts, h advisor.Habits, m advisor.Measured) advisor.Advice {
			weighed = m
			return fixedAdvice(v, f, h, m)
		}
		l.press("4", "j", "enter", "v").typed("nodeport").press("enter")
		l.key("enter")
		l.until(l.says("finished"))
		if l.wants(t, tt.want); (len(weighed.Comparisons) == 1) == tt.refused || len(l.session.result("").Measured.Comparisons) != len(weighed.Comparisons) {
			t.Errorf("%s: the advice was given %v", tt.kernel, weighed)
		}
	}
}

// TestARunGoesOnBesideOtherScreens: turning to another screen does not stop a run, every
// screen says that it runs, and a drill is weighed as well.
func TestARunGoesOnBesideOtherScreens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := measuretest.RunOf(43e3, 31e3, 14)
		f := &measuretest.Prober{Shows: measuretest.Live(r), Result: r, Hold: make(chan struct{})}
		all := measuretest.Everything(f)
		measuretest.BenchOf(&all).Drills = (&measuretest.Drill{}).Begin
		l := loop{start(with(done(mixedFacts()), all), 80, 24).read(), make(chan tea.Msg, 16)}
		l.press("4", "j", "enter", "v").typed("nodeport").press("enter")
		l.key("enter")
		l.until(func() bool { return f.Looked() == 3 })
		l.key("tab")
		l.until(func() bool { return f.Looked() == 10 })
		l.wants(t, "The probe is running: 4 Probe")
		if bar := l.View().ProgressBar; bar == nil || bar.Value != 29*100/42 {
			t.Errorf("the bar says %+v", bar)
		}
		l.key("4")
		close(f.Hold)
		l.until(l.says("finished"))
		l.press("s").wants(t, "Saved: /tmp/kpadvisor-probe-")
		l.press("esc", "esc", "G", "k", "enter")
		l.key("enter")
		l.until(l.says("does not weigh it: no node has kernel 6.1.176"))
		l.key("q")
		if run, drill := l.probe.Leave(); run == nil || drill == nil || len(l.session.result("").Measured.Drills) != 1 {
			t.Errorf("left with %v and %v", run, drill)
		}
		time.Sleep(time.Second) // looks that are under way
	})
}
