package advisor

import "testing"

// BenchmarkDecide is one whole advice, with everything tried.
func BenchmarkDecide(b *testing.B) {
	f := typed(5_000, 40_000, "5.15.0-105-generic", "v1.34.0", IPTables)
	for b.Loop() {
		Decide(f, Habits{}, Measured{})
	}
}
