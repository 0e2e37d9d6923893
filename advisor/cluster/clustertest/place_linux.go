package clustertest

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// place is where processes are started and connections are made: the namespaces
// of a process that runs already. Nil is here.
type place struct {
	pids   int // of a process whose children's pid namespace it is
	others int // of a process whose network, mount and host name it is

	networkOnly bool // of others, its network alone
}

// enter moves the calling thread, which must be locked, into the place. Its
// children are in the pid namespace, it is not itself.
func (p *place) enter() error {
	if p == nil {
		return nil
	}
	// Threads of a process share their working directory, and may not then be in
	// mount namespaces of their own.
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return fmt.Errorf("could not prepare a thread to move: %w", err)
	}
	for _, ns := range []struct {
		pid  int
		name string
		kind int
	}{
		{p.pids, "pid", unix.CLONE_NEWPID},
		{p.others, "net", unix.CLONE_NEWNET},
		{p.others, "uts", unix.CLONE_NEWUTS},
		{p.others, "mnt", unix.CLONE_NEWNS}, // last: /proc may be another one behind it
	} {
		if p.networkOnly && ns.kind != unix.CLONE_NEWNET {
			continue
		}
		f, err := os.Open(fmt.Sprintf("/proc/%d/ns/%s", ns.pid, ns.name))
		if err != nil {
			return fmt.Errorf("could not open a namespace: %w", err)
		}
		err = unix.Setns(int(f.Fd()), ns.kind)
		_ = f.Close()
		if err != nil {
			return fmt.Errorf("could not enter the %s namespace of process %d: %w", ns.name, ns.pid, err)
		}
	}
	return nil
}

// thread runs fn on a thread of the place, in a goroutine of its own. The
// goroutine never lets its thread go, which therefore ends with it.
func (p *place) thread(fn func(enter error)) {
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			// The first thread of a process cannot end, and /proc/self is what it sees.
			// It stays here, held, until another one has been taken.
			defer runtime.UnlockOSThread()
			taken := make(chan bool)
			p.thread(func(enter error) {
				close(taken)
				fn(enter)
			})
			<-taken
			return
		}
		fn(p.enter())
	}()
}

// do runs fn at the place.
func (p *place) do(fn func() error) error {
	done := make(chan error, 1)
	p.thread(func(err error) {
		if err == nil {
			err = fn()
		}
		done <- err
	})
	return <-done
}

// dial connects to an IP address of the place.
func (p *place) dial(ctx context.Context, address string) (net.Conn, error) {
	var d net.Dialer
	if p == nil {
		return d.DialContext(ctx, "tcp", address)
	}
	var conn net.Conn
	err := p.do(func() (err error) {
		conn, err = d.DialContext(ctx, "tcp", address)
		return err
	})
	return conn, err
}
