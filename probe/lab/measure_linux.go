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

	"kpadvisor/probe/lab/rules"
)

// lane is one target of a measurement with what was seen of it.
type lane struct {
	node     *node
	position rules.Position
	addr     netip.AddrPort

	times  []int64 // of all blocks
	blocks []int64 // p10 of each block
	failed int
	cpu    time.Duration
}

// measure connects to every lane in turn, rounds times, block connections each.
// The order within a round is random, so that nothing that changes over time
// favours a mode; the first round warms up and is thrown away.
func measure(ctx context.Context, lanes []*lane, rounds, block int, seed uint64, progress func(share float64)) error {
	rng := rand.New(rand.NewPCG(seed, 0))
	return onOwnThread(func() error {
		for round := range rounds + 1 {
			for _, i := range rng.Perm(len(lanes)) {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := lanes[i].fire(block, round > 0); err != nil {
					return err
				}
			}
			progress(float64(round+1) / float64(rounds+1))
		}
		for _, l := range lanes {
			slices.Sort(l.times)
		}
		return nil
	})
}

// fire makes one block of connections and keeps it if it counts.
func (l *lane) fire(block int, counts bool) error {
	times := make([]int64, 0, block)
	failed := 0
	before := threadCPU()
	for range block {
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
	l.cpu += threadCPU() - before
	l.failed += failed
	l.times = append(l.times, times...)
	slices.Sort(times)
	l.blocks = append(l.blocks, quantile(times, 0.10))
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

// point is what a lane says about its mode; what the node took to program is
// added by the caller.
func (l *lane) point(services int) Point {
	p := Point{
		Mode: l.node.mode, Services: services, Position: l.position,
		Connect:     Quantiles{P10Ns: quantile(l.times, 0.10), P50Ns: quantile(l.times, 0.50), P99Ns: quantile(l.times, 0.99)},
		Connections: len(l.times), Failed: l.failed, BlocksNs: l.blocks,
	}
	if n := len(l.times) + l.failed; n > 0 {
		p.CPUNs = int64(l.cpu) / int64(n)
	}
	return p
}
