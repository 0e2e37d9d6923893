package probe

import (
	"net/netip"
	"sync/atomic"
	"time"
)

// shooter makes hits, one after the other, for one worker. A shooter is used
// by one goroutine, which is locked to its thread.
type shooter interface {
	// hit makes one hit; h comes with due set and everything else zero.
	hit(target int, h *hit)
	// sleep waits until the run's clock shows until, or for a while.
	sleep(until int64)
	// close ends what is kept from hit to hit.
	close()
}

// armourer makes the shooter of one worker, on the thread that will use it.
type armourer func(s *shared, worker int) (shooter, error)

// aim is what shooters need to know of a target.
type aim struct {
	kind      Kind
	addresses []netip.AddrPort // hits go to each in turn
	request   []byte
	kept      []byte // request for the connection that is kept; nil for none
}

// turns counts through the addresses of a target for one worker. Workers begin at
// different ones, so that few hits at once are spread as many are.
type turns int

func (t *turns) next(addresses int) int {
	if addresses == 1 {
		return 0
	}
	*t = (*t + 1) % turns(addresses)
	return int(*t)
}

// shared is what all workers of a run have in common.
type shared struct {
	plan    Plan
	aims    []aim
	started time.Time   // zero of the run's clock
	stop    atomic.Bool // set once, on cancel; looked at every patience
}

// now is the run's clock: ns since its start, monotonic.
func (s *shared) now() int64 { return int64(time.Since(s.started)) }

// patience is the longest a worker blocks before it looks whether the run was
// cancelled. Only hits slower than this notice it.
const patience = 100 * time.Millisecond

// ports hands out the source ports of one worker for one target. Workers take
// every n-th port of the range, so two of them hold the same one only if the
// range is smaller than they are many, which Validate refuses.
type ports struct {
	low, size    int
	step, offset int
}

func newPorts(p Plan, worker int) ports {
	if p.Ports.Mode == KernelPorts {
		return ports{}
	}
	size := p.Ports.High - p.Ports.Low + 1
	workers := p.Workers()
	return ports{low: p.Ports.Low, size: size - size%workers, step: workers, offset: worker}
}

// next is the port to bind, 0 for the kernel's choice.
func (p *ports) next() int {
	if p.size == 0 {
		return 0
	}
	port := p.low + p.offset
	p.offset = (p.offset + p.step) % p.size
	return port
}

// source is the address worker n binds, invalid for the kernel's choice.
func source(p Plan, worker int) netip.Addr {
	if len(p.Sources) == 0 {
		return netip.Addr{}
	}
	return p.Sources[worker%len(p.Sources)]
}
