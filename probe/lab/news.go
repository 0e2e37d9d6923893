package lab

import (
	"slices"
	"time"

	"kpadvisor/probe"
)

// keptIntervals is how many intervals a probe.Series holds at most.
const keptIntervals = 256

// newsroom turns snapshots into what is new in each. A whole one of five modes
// is several 100 KB, and encoding it five times a second would take time from
// the very connections that are measured.
type newsroom struct{ told []edition }

// edition is how far a series has been told.
type edition struct {
	blocks   int
	interval time.Duration // the start of the last one
	begun    bool
}

// news is the snapshot without the blocks and intervals of earlier ones. What
// a series keeps of those is final.
func (n *newsroom) news(s probe.Snapshot) probe.Snapshot {
	if n.told == nil {
		n.told = make([]edition, len(s.Series))
	}
	s.Series = slices.Clone(s.Series)
	for i := range s.Series {
		series, told := &s.Series[i], &n.told[i]
		whole := *series
		series.Blocks = whole.Blocks[told.blocks:]
		if told.begun {
			first := slices.IndexFunc(whole.Intervals, func(v probe.Interval) bool { return v.At > told.interval })
			if first < 0 {
				first = len(whole.Intervals)
			}
			series.Intervals = whole.Intervals[first:]
		}
		told.blocks = len(whole.Blocks)
		if last := len(whole.Intervals) - 1; last >= 0 {
			told.interval, told.begun = whole.Intervals[last].At, true
		}
	}
	return s
}

// join adds news to what was known. It never writes to what it was given before:
// copies of earlier snapshots stay as they are.
func join(known, news probe.Snapshot) probe.Snapshot {
	news.Series = slices.Clone(news.Series)
	for i := range min(len(known.Series), len(news.Series)) {
		s, before := &news.Series[i], known.Series[i]
		s.Blocks = append(before.Blocks, s.Blocks...) // beyond the end of every copy
		s.Intervals = append(before.Intervals, s.Intervals...)
		s.Intervals = s.Intervals[max(0, len(s.Intervals)-keptIntervals):]
	}
	return news
}
