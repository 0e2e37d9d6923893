package cli

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/advisor/habitstest"
	"kpadvisor/say"
)

func TestAsk(t *testing.T) {
	given, err := advisor.Habits{}.Set(advisor.HabitConnections, "long", "--connections")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		given advisor.Habits
		input string
		want  func(advisor.Habits) bool
	}{
		"by number": {advisor.Habits{}, "1\n", func(h advisor.Habits) bool { return h.Connections.Value == advisor.LongLived }},
		"by value":  {advisor.Habits{}, "short\n", func(h advisor.Habits) bool { return h.Connections.Value == advisor.Short }},
		"source":    {advisor.Habits{}, "short\n", func(h advisor.Habits) bool { return h.Connections.Source == "answered" }},
		"skipped":   {advisor.Habits{}, "\n300\n", func(h advisor.Habits) bool { return !h.Connections.IsKnown() && h.NewConnectionsPerSecond.Value == 300 }},
		"corrected": {advisor.Habits{}, "often\n9\nmixed\n300\n", func(h advisor.Habits) bool {
			return h.Connections.Value == advisor.Mixed && h.NewConnectionsPerSecond.Value == 300
		}},
		"given by flag": {given, "300\n", func(h advisor.Habits) bool {
			return h.Connections.Value == advisor.LongLived && h.NewConnectionsPerSecond.Value == 300
		}},
		"no input at all":      {advisor.Habits{}, "", func(h advisor.Habits) bool { return h == advisor.Habits{} }},
		"end after nonsense":   {advisor.Habits{}, "often", func(h advisor.Habits) bool { return h == advisor.Habits{} }},
		"without last newline": {advisor.Habits{}, "short", func(h advisor.Habits) bool { return h.Connections.Value == advisor.Short }},
		"from Windows":         {advisor.Habits{}, " short \r\n", func(h advisor.Habits) bool { return h.Connections.Value == advisor.Short }},
	} {
		var out bytes.Buffer
		if got := askEach(t.Context(), strings.NewReader(c.input), &out, say.Voice{}, advisor.Facts{}, c.given); !c.want(got) {
			t.Errorf("%s: %+v\n%s", name, got, out.String())
		}
		if strings.ContainsAny(out.String(), "\x1b\r") {
			t.Errorf("%s: the prompts move the cursor: %q", name, out.String())
		}
	}
}

func TestAskOffersWhatTheClusterShows(t *testing.T) {
	f := advisor.Facts{RolloutsPerDay: advisor.KnownFrom(14.0, "98 ReplicaSets in 7 days")}
	var out bytes.Buffer
	askEach(t.Context(), strings.NewReader(strings.Repeat("\n", 20)), &out, say.Voice{}, f, advisor.Habits{})
	if !strings.Contains(out.String(), "Enter keeps 14, from 98 ReplicaSets in 7 days.") {
		t.Errorf("no prefilled answer:\n%s", out.String())
	}
}

// TestAskWordsChoices: a prefilled choice is said as the question words it.
func TestAskWordsChoices(t *testing.T) {
	t.Parallel()
	for _, v := range []say.Voice{{}, say.In(say.Chinese)} {
		for _, q := range advisor.QuestionsIn(v) {
			for _, c := range q.Choices {
				if got := chosen(q, c.Value); got != c.Text {
					t.Errorf("%s: %q, want %q", c.Value, got, c.Text)
				}
			}
			if got := chosen(q, "14"); got != "14" {
				t.Errorf("%q", got)
			}
		}
	}
}

func TestAskOffersWhatNodesMeasured(t *testing.T) {
	for want, v := range map[string]say.Voice{
		"Enter keeps 150.3, measured on 2 nodes, 60 s, from conntrack events, networks of pods (any destination).": {},
		"按回车保留 150.3（在 2 个节点上实测，60 秒，根据 conntrack 事件、Pod 的网络（任何目标））。":                                              say.In(say.Chinese),
	} {
		var out bytes.Buffer
		askEach(t.Context(), strings.NewReader(strings.Repeat("\n", 20)), &out, v, habitstest.On(advisor.Facts{}), advisor.Habits{})
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in:\n%s", want, out.String())
		}
	}
}

func TestAskStopsAtAnInterrupt(t *testing.T) {
	r, w := io.Pipe() // a keyboard nobody touches
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if h := askEach(ctx, r, io.Discard, say.Voice{}, advisor.Facts{}, advisor.Habits{}); h != (advisor.Habits{}) {
		t.Errorf("%+v", h)
	}
}

func TestAccessibleRun(t *testing.T) {
	o := at(t, t.Context(), "short\n", "--accessible", "--demo", "short")
	o.wants(t, o.code, "DEMO, not your cluster", "Question 1 of ")
	if strings.Contains(o.out+o.errOut, "\x1b") {
		t.Error("escape sequences in accessible mode")
	}
	if o.code == Failure || o.code == Usage {
		t.Errorf("code %d", o.code)
	}
}
