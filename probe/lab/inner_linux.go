package lab

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// The hidden arguments the program starts itself with.
const (
	hiddenArg = "__lab"
	asInner   = "inner" // the lab itself
	asHost    = "uml"   // boots user-mode Linux
	asInit    = "init"  // the first process of user-mode Linux
	asOthers  = "others"
)

// softMemory is where the inner half collects its garbage at the latest: what it
// needs for the largest sweep, where without a limit it would take twice that.
const softMemory = 64 << 20

// Main must be called before main does anything else. In a program started as
// the lab's inner half it runs that half and never returns; otherwise it
// returns at once.
func Main() {
	if len(os.Args) < 3 || os.Args[1] != hiddenArg {
		return
	}
	// The first thread keeps this namespace: a goroutine that changes its
	// thread's namespace must never run on it (see onOwnThread).
	runtime.LockOSThread()
	debug.SetMemoryLimit(softMemory)
	half, args := os.Args[2], os.Args[3:]
	err := mustBeInside(half)
	switch {
	case err != nil:
	case half == asInner:
		err = inner(os.Stdin, os.Stdout)
	case half == asHost && len(args) == 2:
		err = hostUML(umlKernel{path: args[0], modules: args[1]}, os.Stdin, os.Stdout)
	case half == asInit:
		err = umlInit()
	case half == asOthers && len(args) == 1:
		err = beOthers(args[0], os.Stdin)
	default:
		err = fmt.Errorf("unknown half %q", os.Args[2:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// inner serves requests until the outer half goes away.
func inner(in io.Reader, out io.Writer) error {
	if err := prepareInner(); err != nil {
		return err
	}
	client, err := currentNamespace()
	if err != nil {
		return err
	}
	defer client.close()
	if err := prepareNamespace(); err != nil {
		return err
	}
	if err := oneTimestampClock(); err != nil {
		return err
	}
	l := &lab{client: client, out: newEventWriter(out)}
	defer l.closeNodes()
	return l.serve(in)
}

// oneTimestampClock gives all connections of the client pod one TCP timestamp
// clock (tcp_timestamps 2), where by default each destination has an offset of
// its own. A pod sees one client address and port whatever ClusterIP led to it:
// with offsets, what comes by another ClusterIP, as after a change of size, has
// timestamps that go back half of the time, and a pod that still has the old
// socket in TIME_WAIT drops the SYN (PAWS, RFC 7323). The options on the wire and
// the rules they pass are the same, so nothing that is measured changes; the
// kernel saves one hash per connection, in all modes alike.
func oneTimestampClock() error { return setSysctl("net/ipv4/tcp_timestamps", "2") }

// prepareInner makes the mount namespace private and gives the tools a /run of
// their own: iptables keeps its lock there, and must not wait for the host's.
func prepareInner() error {
	// Should memory run out, the lab goes before anything else on this machine.
	// That is a courtesy: a system that does not let it is no reason to stop.
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("500"), 0o644)
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SLAVE, ""); err != nil {
		return fmt.Errorf("could not separate the mounts: %w", err)
	}
	if err := unix.Mount("lab", "/run", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "size=1m,mode=755"); err != nil {
		return fmt.Errorf("could not mount a private /run: %w", err)
	}
	return useToolPath()
}

// currentNamespace is the one the process was started in.
func currentNamespace() (*namespace, error) {
	f, err := os.Open("/proc/self/ns/net")
	if err != nil {
		return nil, fmt.Errorf("could not open the network namespace: %w", err)
	}
	return &namespace{file: f}, nil
}

// serve does one job after the other. A new request, or the end of the stream,
// cancels the job that runs.
func (l *lab) serve(in io.Reader) error {
	requests := make(chan request)
	go readRequests(in, requests)
	var cancel context.CancelFunc = func() {}
	running := make(chan struct{})
	close(running)
	for r := range requests {
		cancel()
		<-running
		l.out.begin(r.Job)
		var ctx context.Context
		ctx, cancel = context.WithCancel(context.Background())
		running = make(chan struct{})
		go func() {
			defer close(running)
			err := guarded(func() error { return l.job(ctx, r) })
			if errors.Is(err, context.Canceled) && ctx.Err() != nil {
				return // overtaken by the next request, which will say Done
			}
			l.done(err)
		}()
	}
	cancel()
	<-running
	return nil
}

// readRequests closes requests when the stream ends or makes no sense.
func readRequests(in io.Reader, requests chan<- request) {
	defer close(requests)
	dec := json.NewDecoder(bufio.NewReader(in))
	for {
		var r request
		if dec.Decode(&r) != nil || r.Version != wireVersion {
			return
		}
		requests <- r
	}
}
