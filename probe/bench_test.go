package probe

import "testing"

// BenchmarkSnapshot is what a screen pays ten times a second.
func BenchmarkSnapshot(b *testing.B) {
	run, err := NewRunner(DefaultPlan(), Target{Name: "A", Address: "h:1", Kind: HTTP}, Target{Name: "B", Address: "h:2", Kind: HTTP})
	if err != nil {
		b.Fatal(err)
	}
	for i := range 2 {
		run.recorder.begin(Turn{Target: i}, 0)
		for j := range int64(100_000) {
			run.recorder.add([]hit{goodHit(j*300_000, 20_000+j*j%10_000_000)}, true)
		}
		run.recorder.end(30e9, 0, true)
	}
	b.ReportAllocs()
	for b.Loop() {
		run.Snapshot()
	}
}
