package lab

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"kpadvisor/probe"
	"kpadvisor/probe/lab/rules"
)

// lane is one target of a build.
type lane struct {
	node     *node
	position rules.Position
	addr     netip.AddrPort

	hot, cold sample
	cpu       time.Duration // of the hot connections
}

// sample is what one load saw of a lane.
type sample struct {
	times  []int64 // of all blocks
	blocks []int64 // p10 of each block
	failed int
}

// fire makes one block of connections to a lane, and keeps it if it counts.
type fire func(l *lane, counts bool) error

// measure connects to every lane in turn, rounds times a block. Which comes first
// is balanced, so that nothing that changes over time favours a mode; the first
// round warms up and is thrown away.
func measure(ctx context.Context, lanes []*lane, rounds int, seed uint64, fire fire, progress func(share float64)) error {
	turns := probe.Order(len(lanes), 1, rounds, seed)
	return onOwnThread(func() error {
		for i, turn := range turns {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := fire(lanes[turn.Target], !turn.Warm); err != nil {
				return err
			}
			progress(float64(i+1) / float64(len(turns)))
		}
		return nil
	})
}

// hot makes blocks of so many connections, one after the other.
func hot(block int) fire {
	return func(l *lane, counts bool) error {
		before := threadCPU()
		err := l.hot.block(l, block, counts, func() {})
		if counts {
			l.cpu += threadCPU() - before
		}
		return err
	}
}

// coldBlock is how many connections a cold block has: at the default rate it takes
// a tenth of a second.
const coldBlock = 10

// pacer makes the cold load: see Pacing.
type pacer struct {
	Pacing
	rng    *rand.Rand
	memory []byte    // that is written
	period time.Time // the end of the current one
}

func newPacer(p Pacing, seed uint64) (*pacer, error) {
	memory, err := unix.Mmap(-1, 0, max(p.EvictBytes, 1), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("could not get %d MiB to empty the caches with: %w", p.EvictBytes>>20, err)
	}
	return &pacer{Pacing: p, rng: rand.New(rand.NewPCG(seed, 1)), memory: memory}, nil
}

func (p *pacer) close() { _ = unix.Munmap(p.memory) }

// fire makes a cold block.
func (p *pacer) fire(l *lane, counts bool) error {
	p.period = time.Now()
	return l.cold.block(l, coldBlock, counts, p.await)
}

// cacheLine is what a CPU fetches at once.
const cacheLine = 64

// await empties the caches and waits until the next connection is due. It does not
// sleep: a CPU that rests forgets more than its caches.
func (p *pacer) await() {
	length := time.Duration(float64(time.Second) / p.PerSecond)
	begins := p.period
	p.period = begins.Add(length)
	for i := 0; i < p.EvictBytes; i += cacheLine {
		p.memory[i]++
	}
	for due := begins.Add(time.Duration(p.rng.Int64N(int64(length)))); time.Now().Before(due); {
	}
}

// block makes connections, each after before has returned.
func (s *sample) block(l *lane, connections int, counts bool, before func()) error {
	times := make([]int64, 0, connections)
	failed := 0
	for range connections {
		before()
		took, err := connectOnce(l.addr)
		for errors.Is(err, unix.EINTR) { // the runtime's own signals interrupt a connect with a timeout
			took, err = connectOnce(l.addr)
		}
		if err != nil {
			if failed++; failed > 3 {
				return fmt.Errorf("%s mode does not forward: connecting to %s: %w", l.node.mode, l.addr, err)
			}
			continue
		}
		times = append(times, took)
	}
	if !counts {
		return nil
	}
	s.failed += failed
	s.times = append(s.times, times...)
	slices.Sort(times)
	s.blocks = append(s.blocks, quantile(times, 0.10))
	return nil
}

// connectOnce times connect() in ns and closes the connection with RST, so that
// no TIME_WAIT piles up on either side.
func connectOnce(to netip.AddrPort) (int64, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &unix.Timeval{Sec: 2}); err != nil {
		return 0, err
	}
	if err := unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}); err != nil {
		return 0, err
	}
	sa := &unix.SockaddrInet4{Addr: to.Addr().As4(), Port: int(to.Port())}
	start := time.Now()
	err = unix.Connect(fd, sa)
	return int64(time.Since(start)), err
}

// threadCPU is the CPU time the calling thread has used. The kernel does the
// work of a connection, rules included, on the thread that makes it.
func threadCPU() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &u); err != nil {
		return 0 // can't be: the arguments are constants
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
