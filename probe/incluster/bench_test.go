package incluster

import (
	"encoding/json"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"kpadvisor/probe"
)

// stream is what many nodes write to their logs, a second at a time, as ten lines
// of each.
type stream struct {
	session *Session
	random  *rand.Rand
	round   int
	seq     int64
}

// newStream is a session of so many nodes on each side that have all said hello.
func newStream(t testing.TB, each int) *stream {
	t.Helper()
	spec := quickSpec(each)
	spec.Plan.Blocks, spec.Plan.Rate = probe.MaxBlocks, float64(10*each)
	spec.Plan.Duration = time.Duration(spec.Plan.Blocks) * time.Second
	s, err := NewSession(&Client{}, spec)
	if err != nil {
		t.Fatal(err)
	}
	s.stage.start(time.Now())
	out := &stream{session: s, random: rand.New(rand.NewPCG(1, 1)), round: 1}
	for _, src := range s.roster.sources {
		hello := Hello{Run: spec.Run, Group: src.group, Index: src.index, First: 1, Resolved: []string{"10.96.0.20:80", "10.244.0.7:8080"}}
		out.take(t, src, Line{Hello: &hello})
	}
	s.begin()
	return out
}

func (s *stream) take(t testing.TB, src *source, l Line) {
	t.Helper()
	if err := s.session.take(src, s.text(t, l), time.Now()); err != nil {
		t.Fatal(err)
	}
}

func (s *stream) text(t testing.TB, l Line) []byte {
	t.Helper()
	s.seq++
	l.Version, l.Sequence, l.At = wireVersion, s.seq, time.Now()
	text, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// second are the lines of all nodes in a second: eight of what was seen in 100 ms,
// and one block of the Service and one of its pods.
func (s *stream) second(t testing.TB) [10][][]byte {
	t.Helper()
	var all [10][][]byte
	at := 24*time.Hour + time.Duration(s.round)*time.Second
	for tenth := range all {
		for _, src := range s.session.roster.sources {
			l := Line{}
			if block := tenth - 8; block >= 0 {
				r := scriptedBlock(s.random, src.group, block, 10)
				r.Target, r.Block.Round, r.Block.At, r.Block.Length = block, s.round, at, time.Second
				l.Record = &r
			} else {
				i := probe.Interval{At: at + time.Duration(tenth)*100*time.Millisecond, Length: 100 * time.Millisecond, Requests: 1}
				for p := range i.N {
					i.N[p], i.MedianNs[p], i.MaxNs[p] = 1, 20_000, 30_000
				}
				l.Seen = []Seen{{Target: 0, Interval: i}}
			}
			all[tenth] = append(all[tenth], s.text(t, l))
		}
	}
	s.round++
	return all
}

// feed takes the lines in, ten times a second as they come, and looks after each
// tenth as a screen does. It returns the longest look.
func (s *stream) feed(t testing.TB, all [10][][]byte) (longest time.Duration) {
	t.Helper()
	for _, tenth := range all {
		now := time.Now()
		for i, text := range tenth {
			if err := s.session.take(s.session.roster.sources[i], text, now); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		snapshot := s.session.Snapshot()
		probe.Compare(snapshot.Series[0], snapshot.Series[1])
		longest = max(longest, time.Since(began))
	}
	return longest
}

func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// BenchmarkThousandNodes merges the streams of 1,000 nodes, ten lines a second
// each, with a screen that looks ten times a second. One operation is a second of
// it: as many ms as that takes are kept busy of each second.
func BenchmarkThousandNodes(b *testing.B) {
	s := newStream(b, 500)
	for range 5 { // so that every buffer has its size
		s.feed(b, s.second(b))
	}
	before, lines, longest := heap(), 0, time.Duration(0)
	b.ResetTimer()
	for b.Loop() {
		b.StopTimer()
		all := s.second(b)
		b.StartTimer()
		longest = max(longest, s.feed(b, all))
		lines += 10 * len(all[0])
	}
	b.StopTimer()
	b.ReportMetric(float64(lines)/b.Elapsed().Seconds(), "lines/s")
	b.ReportMetric(float64(longest)/float64(time.Millisecond), "ms-longest-look")
	b.ReportMetric(before, "MiB-before")
	b.ReportMetric(heap(), "MiB-after")
	if complete, dropped := s.session.collector.Rounds(); complete != s.round-1 || dropped != 0 {
		b.Fatalf("%d rounds complete, %d dropped of %d", complete, dropped, s.round-1)
	}
	runtime.KeepAlive(s)
}

// TestConstantMemory: a run that lasts four times as long holds no more, but for
// the list of its blocks.
func TestConstantMemory(t *testing.T) {
	s := newStream(t, 2)
	rounds := func(n int) {
		for range n {
			s.feed(t, s.second(t))
		}
	}
	rounds(60) // the sparkline's window is full
	before := heap()
	rounds(200)
	after := heap()
	perRound := (after - before) * (1 << 20) / 200
	if perRound > 2000 {
		t.Errorf("%.1f MiB after 60 rounds, %.1f after 260: %.0f bytes a round", before, after, perRound)
	}
	runtime.KeepAlive(s)
}
