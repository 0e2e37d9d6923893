package incluster

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode"

	"kpadvisor/probe"
)

func TestLinesSurviveTheWay(t *testing.T) {
	var b bytes.Buffer
	w := &writer{to: &b, now: func() time.Time { return time.Date(2026, 11, 25, 10, 0, 0, 123, time.UTC) }}
	record := probe.Record{Whole: true, Block: probe.Block{Round: 7, Requests: 2, Failed: 1}, Errors: map[probe.Class]int64{probe.Refused: 1}}
	in := []Line{
		{Hello: &Hello{Run: "x", Node: "n", Resolved: []string{"10.0.0.1:80"}}},
		{Progress: &Stage{State: probe.Measuring}},
		{Seen: []Seen{{Target: 1, Interval: probe.Interval{At: 5, Length: 6, Requests: 3, Errors: 1}}}},
		{Record: &record},
		{End: &End{Told: true, Skipped: 2}},
	}
	for _, l := range in {
		if err := w.write(l); err != nil {
			t.Fatal(err)
		}
	}
	for _, reader := range []func([]byte) *bytes.Reader{bytes.NewReader} {
		n := 0
		if err := eachLine(iotest.OneByteReader(reader(b.Bytes())), func(text []byte) error {
			l, err := readLine(text)
			if err != nil {
				return err
			}
			if n++; l.Sequence != int64(n) || l.At.Nanosecond() != 123 {
				t.Errorf("line %d: %+v", n, l)
			}
			if l.Record != nil && (l.Record.Block.Round != 7 || l.Record.Errors[probe.Refused] != 1) {
				t.Errorf("record %+v", l.Record)
			}
			return nil
		}); err != nil || n != len(in) {
			t.Errorf("%d lines, %v", n, err)
		}
	}
}

// TestEachLine: lines of any length, a last one without an end is not taken.
func TestEachLine(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	var got []string
	err := eachLine(strings.NewReader("a\n\n"+long+"\nb\ncut off"), func(text []byte) error {
		got = append(got, strings.TrimSuffix(string(text), "\n"))
		return nil
	})
	if err != nil || len(got) != 4 || got[0] != "a" || got[2] != long || got[3] != "b" {
		t.Errorf("%d lines, %v", len(got), err)
	}
	if err := eachLine(strings.NewReader(strings.Repeat("x", maxLine+2)), func([]byte) error { return nil }); err == nil {
		t.Error("a line without an end is taken in")
	}
	stop := errors.New("stop")
	if err := eachLine(strings.NewReader("a\nb\n"), func([]byte) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
}

// full is a log that takes no more.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriterKeepsItsError(t *testing.T) {
	w := &writer{to: full{}, now: time.Now}
	for range 2 {
		if err := w.write(Line{Progress: &Stage{}}); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Error(err)
		}
	}
}

// FuzzLine: whatever a pod says, it is refused or harmless.
func FuzzLine(f *testing.F) {
	record := probe.Record{Whole: true, Block: probe.Block{Round: 7, Requests: 2}}
	for _, l := range []Line{{Hello: &Hello{Run: "x", Resolved: []string{"a"}}}, {Record: &record}, {End: &End{Error: "\x1b[2J", Check: &probe.SelfCheck{Why: []string{"x"}}}}, {Seen: []Seen{{}}}, {Progress: &Stage{Why: "y"}}} {
		l.Version, l.Sequence, l.At = 1, 1, time.Unix(1, 0)
		text, err := json.Marshal(l)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("panic: x"))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := readLine(text)
		if err != nil {
			return
		}
		for _, s := range said(l) {
			if strings.ContainsFunc(s, unicode.IsControl) || len([]rune(s)) > 603 {
				t.Errorf("%q reaches the terminal", s)
			}
		}
		s, err := NewSession(&Client{}, quickSpec(1))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			_ = s.take(s.roster.sources[0], text, time.Now()) // an error is an answer
		}
		s.Snapshot()
	})
}

// said are all strings of a line.
func said(l Line) []string {
	var out []string
	if l.Hello != nil {
		out = append(append(out, l.Hello.Run, l.Hello.Node, l.Hello.Environment.Kernel, l.Hello.Budget.Why), l.Hello.Resolved...)
	}
	if l.Progress != nil {
		out = append(out, string(l.Progress.State), l.Progress.Why)
	}
	if l.Record != nil {
		out = append(out, l.Record.OtherError)
	}
	if l.End != nil {
		out = append(out, l.End.Error)
		if l.End.Check != nil {
			out = append(out, l.End.Check.Why...)
		}
	}
	return out
}
