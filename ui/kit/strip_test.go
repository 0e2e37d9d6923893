package kit

import (
	"strings"
	"testing"
	"time"
)

// TestStripSaysWhatHappened: what is above the scale is marked, marks are listed for a
// legend, names stand in the order of their levels, and what comes after now is blank.
func TestStripSaysWhatHappened(t *testing.T) {
	t.Parallel()
	at := func(s int, v float64, m Mark) StripPoint {
		return StripPoint{At: time.Duration(s) * time.Second, Value: v, Mark: m}
	}
	s := Strip{
		Of: "Handshake", Unit: "µs", Top: 50, To: 30 * time.Second, Now: 12 * time.Second, NowName: "now",
		Events: []StripEvent{{6 * time.Second, "rollout"}, {45 * time.Second, "later"}},
		Rows: []StripRow{
			{Name: "low", Figure: "20", Level: 20, Points: []StripPoint{at(0, 20, MarkWarm), at(2, 20, MarkValue), at(4, 0, MarkLate), at(11, 21, MarkValue), at(40, 20, MarkNoReply)}},
			{Name: "high", Figure: "21", Level: 21, Points: []StripPoint{at(1, 21, MarkValue), at(9, 70, MarkValue), at(12, 20, MarkValue)}},
		},
	}
	rows := flat(s.Draw(NewPalette(Style{}), 70, 8))
	text := strings.Join(rows, "\n")
	for _, want := range []string{"50 µs┤", "   25┤", "▲", "!", "┊rollout", "now", "0:20", "0:30", "Handshake"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "×") || strings.Contains(text, "later") {
		t.Errorf("what is not in the time shown is drawn:\n%s", text)
	}
	if strings.Index(text, "high  21") > strings.Index(text, "low  20") {
		t.Errorf("the higher is below:\n%s", text)
	}
	if got := s.Marks(); len(got) != 2 || got[0] != MarkOver || got[1] != MarkLate {
		t.Errorf("marks %v", got)
	}
	for i, row := range rows[:len(rows)-1] {
		if cells := []rune(row); strings.TrimSpace(string(cells[34:52])) != "" {
			t.Errorf("row %d has something after now: %q", i, row)
		}
	}
}

// TestStripJoinsNeighbours: there is no height where none was measured, nor where it is
// above the scale.
func TestStripJoinsNeighbours(t *testing.T) {
	t.Parallel()
	for name, between := range map[string]StripPoint{
		"no answer": {Mark: MarkNoReply}, "stalled": {Mark: MarkStalled}, "not known": {Mark: MarkNone}, "above the scale": {Mark: MarkValue, Value: 90},
	} {
		points := []StripPoint{{Value: 10, Mark: MarkValue}}
		for i := 1; i < 145; i++ {
			between.At = time.Duration(i) * 100 * time.Millisecond
			points = append(points, between)
		}
		points = append(points, StripPoint{At: 14500 * time.Millisecond, Value: 45, Mark: MarkValue})
		s := Strip{Unit: "µs", Top: 50, To: 30 * time.Second, Now: 14500 * time.Millisecond, Rows: []StripRow{{Name: "A", Points: points}}}
		drawn := map[int]bool{}
		for _, row := range flat(s.Draw(NewPalette(Style{}), 70, 8)) {
			for i, c := range []rune(row) {
				if c > 0x2800 && c < 0x2900 {
					drawn[i] = true
				}
			}
		}
		if len(drawn) == 0 || len(drawn) > 2 { // a mark may stand upon one of the two
			t.Errorf("%s: two heights are drawn in the columns %v", name, drawn)
		}
	}
}

func TestClockStep(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		length time.Duration
		most   int
		want   time.Duration
	}{{30 * time.Second, 5, 10 * time.Second}, {30 * time.Second, 100, time.Second}, {9 * time.Minute, 3, 5 * time.Minute}, {time.Second, 0, time.Second}, {100 * time.Hour, 4, 25 * time.Hour}} {
		if got := clockStep(tt.length, tt.most); got != tt.want {
			t.Errorf("%v in %d: %v, want %v", tt.length, tt.most, got, tt.want)
		}
	}
	for d, want := range map[time.Duration]string{0: "0:00", 65 * time.Second: "1:05", 3725 * time.Second: "1:02:05"} {
		if got := clock(d); got != want {
			t.Errorf("%v is %s", d, got)
		}
	}
}
