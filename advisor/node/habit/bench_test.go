package habit

import (
	"runtime"
	"testing"
	"time"
)

// BenchmarkConntrack is one connection of four events.
func BenchmarkConntrack(b *testing.B) {
	c := NewConntrack(120 * second)
	c.Established(0)
	c.Begin(0)
	b.ReportAllocs()
	for n := range b.N {
		at, f := time.Duration(n)*100*time.Microsecond, from(n>>14&1023, 1024+n&(1<<14-1))
		c.New(at, f, SynSent)
		c.Update(at, f, SynRecv)
		c.Update(at, f, Established)
		c.Update(at, f, FinWait)
	}
}

// TestMemory: the tuples of one measurement take 64 MiB at most.
func TestMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	c := NewConntrack(120 * second)
	for n := range mostTuples {
		c.New(second, from(n>>12, n&4095), SynSent)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if took := after.HeapAlloc - before.HeapAlloc; took > 64<<20 {
		t.Errorf("%d MiB", took>>20)
	} else {
		t.Logf("%d MiB for %d tuples", took>>20, len(c.tuples))
	}
}
