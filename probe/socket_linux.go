package probe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// engineName names how hits are made; see Environment.
const engineName = "blocking sockets"

// socket is the shooter for Linux: plain blocking system calls. The thread
// sleeps in the kernel inside connect() and read(), so the time they take is
// the kernel's and not that of an event loop which has other sockets to serve
// first. Everything it needs is made once; a hit allocates nothing.
//
// The Go scheduler is not told of the calls of a hit (see call): what it does
// about them is a quarter of the CPU time.
type socket struct {
	*shared
	targets []socketAim
	local   unix.Sockaddr // to bind, nil for the kernel's choice
	info    unix.TCPInfo
	length  uint32       // of info, then as much of it as the kernel knows
	slice   unix.Timeval // patience, or the timeout if that is shorter
	poll    unix.PollFd
	left    unix.Timespec
	id      uint16 // of the next query
	buf     [16 << 10]byte
}

type socketAim struct {
	*aim
	remotes []remote
	turn    turns
	ports   ports
	kept    kept
}

// remote is an address as the kernel reads it.
type remote struct {
	family int
	name   unix.RawSockaddrInet6 // or an Inet4 at its beginning
	length uintptr               // of name
}

func newShooter(s *shared, worker int) (shooter, error) {
	if worker == 0 { // for all of them
		each := 1
		if s.plan.KeptAlive {
			each += len(s.aims)
		}
		if err := checkFiles(s.plan.Workers() * each); err != nil {
			return nil, err
		}
	}
	k := &socket{shared: s, slice: unix.NsecToTimeval(int64(min(patience, s.plan.Timeout)))}
	if from := source(s.plan, worker); from.IsValid() {
		if from.Is4() {
			k.local = &unix.SockaddrInet4{Addr: from.As4()}
		} else {
			k.local = &unix.SockaddrInet6{Addr: from.As16()}
		}
	}
	for i := range s.aims {
		a := &s.aims[i]
		t := socketAim{aim: a, ports: newPorts(s.plan, worker), turn: turns(worker)}
		for _, address := range a.addresses {
			t.remotes = append(t.remotes, newRemote(address))
		}
		k.targets = append(k.targets, t)
	}
	// Without this the kernel may delay the end of a sleep by 50 µs. The thread
	// ends with its goroutine, so nothing has to be put back.
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0); err != nil {
		return nil, fmt.Errorf("could not set the timer slack: %w", err)
	}
	return k, nil
}

func newRemote(a netip.AddrPort) remote {
	port := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, a.Port()))
	var r remote
	if ip := a.Addr(); ip.Is4() {
		r.family, r.length = unix.AF_INET, unix.SizeofSockaddrInet4
		*(*unix.RawSockaddrInet4)(unsafe.Pointer(&r.name)) = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: port, Addr: ip.As4()}
	} else {
		r.family, r.length = unix.AF_INET6, unix.SizeofSockaddrInet6
		r.name = unix.RawSockaddrInet6{Family: unix.AF_INET6, Port: port, Addr: ip.As16()}
	}
	return r
}

func (k *socket) hit(target int, h *hit) {
	t := &k.targets[target]
	h.place = t.turn.next(len(t.remotes))
	to := &t.remotes[h.place]
	what := uintptr(unix.SOCK_STREAM)
	if t.kind == UDP {
		what = unix.SOCK_DGRAM
	}
	fd, err := call(unix.SYS_SOCKET, uintptr(to.family), what|unix.SOCK_CLOEXEC, 0, 0, 0)
	if err != nil {
		h.sent = k.now()
		h.fail(err, h.sent)
		return
	}
	if err = k.prepare(fd, t, to); err != nil {
		h.sent = k.now()
		h.fail(err, h.sent)
	} else if t.kind == UDP {
		k.ask(fd, t, to, h)
	} else if k.connect(fd, to, h); h.failure == NoFailure && t.kind == HTTP {
		k.exchange(fd, t, h)
		k.settle(fd, h)
	}
	h.dropped = h.failure != NoFailure && k.stop.Load()
	if _, err := call(unix.SYS_CLOSE, fd, 0, 0, 0, 0); err != nil && h.failure == NoFailure {
		h.fail(err, h.done)
	}
	if t.aim.kept != nil && h.reached == answered {
		k.askKept(t, h)
	}
}

// prepare sets the timeouts and, if the plan asks for it, the source.
func (k *socket) prepare(fd uintptr, t *socketAim, to *remote) error {
	if err := k.timeouts(fd); err != nil {
		return err
	}
	return k.bind(fd, t.ports.next(), to)
}

func (k *socket) timeouts(fd uintptr) error {
	for _, option := range [2]uintptr{unix.SO_SNDTIMEO, unix.SO_RCVTIMEO} {
		if _, err := call(unix.SYS_SETSOCKOPT, fd, unix.SOL_SOCKET, option, uintptr(unsafe.Pointer(&k.slice)), unsafe.Sizeof(k.slice)); err != nil {
			return err
		}
	}
	return nil
}

// bind chooses the source: a port, or 0 for the kernel's choice.
func (k *socket) bind(fd uintptr, port int, to *remote) error {
	if port == 0 && k.local == nil {
		return nil
	}
	if port == 0 {
		// Only the address is bound: the port is chosen at connect(), when the
		// other end is known, so that ports can serve several targets.
		if err := unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1); err != nil {
			return err
		}
	} else if err := unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return err
	}
	switch from := k.local.(type) {
	case *unix.SockaddrInet4:
		from.Port = port
		return unix.Bind(int(fd), from)
	case *unix.SockaddrInet6:
		from.Port = port
		return unix.Bind(int(fd), from)
	}
	if to.family == unix.AF_INET {
		return unix.Bind(int(fd), &unix.SockaddrInet4{Port: port})
	}
	return unix.Bind(int(fd), &unix.SockaddrInet6{Port: port})
}

// connect times connect() and asks the kernel what it knows of the handshake.
func (k *socket) connect(fd uintptr, to *remote, h *hit) {
	deadline := int64(k.plan.Timeout)
	h.sent = k.now()
	_, err := call(unix.SYS_CONNECT, fd, uintptr(unsafe.Pointer(&to.name)), to.length, 0, 0)
	slow, ready := again(err), false
	for slow && !ready && !k.stop.Load() && k.now()-h.sent < deadline {
		ready = k.await(fd)
	}
	h.connected = k.now()
	// Read before connect() is asked for the outcome: with a failure the kernel
	// clears it. A SYN is not resent within the first slice.
	known := k.readInfo(fd)
	if known {
		h.resentSYNs = int64(k.info.Total_retrans)
	}
	if ready {
		_, err = call(unix.SYS_CONNECT, fd, uintptr(unsafe.Pointer(&to.name)), to.length, 0, 0)
	}
	if err != nil {
		if again(err) {
			err = unix.ETIMEDOUT
		}
		h.fail(err, h.connected)
		return
	}
	h.reached, h.done = connected, h.connected
	// The first round trip the kernel times is SYN to SYN-ACK. Of a SYN that was
	// resent it times only the last one, or to a ms by TCP timestamps: no value.
	if known && h.resentSYNs == 0 {
		h.handshakeNs, h.hasHandshake = int64(k.info.Rtt)*int64(time.Microsecond), true
	}
}

// await waits a slice of time for the outcome of a connect() that goes on, and
// reports whether there is one.
func (k *socket) await(fd uintptr) bool {
	k.poll = unix.PollFd{Fd: int32(fd), Events: unix.POLLOUT} //nolint:gosec // a file descriptor
	k.left = unix.NsecToTimespec(unix.TimevalToNsec(k.slice)) // the kernel writes to it
	n, err := call(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&k.poll)), 1, uintptr(unsafe.Pointer(&k.left)), 0, 0)
	if err != nil || n == 0 {
		return false
	}
	// "No route" to a SYN that the socket was still busy with is an error to poll, not
	// to connect(): the kernel goes on and sends the SYN again.
	const synSent, pause = 2, int64(5 * time.Millisecond)
	if k.readInfo(fd) && k.info.State == synSent {
		k.sleep(k.now() + pause)
		return false
	}
	return true
}

// again reports whether a call only ran out of its slice of time or was
// interrupted, for instance by the Go runtime's preemption signal.
func again(err error) bool {
	return err != nil && (errors.Is(err, unix.EINPROGRESS) || errors.Is(err, unix.EALREADY) ||
		errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN))
}

// exchange sends the request and reads until the server closes.
func (k *socket) exchange(fd uintptr, t *socketAim, h *hit) {
	if _, err := call(unix.SYS_WRITE, fd, uintptr(unsafe.Pointer(&t.request[0])), uintptr(len(t.request)), 0, 0); err != nil { // a fresh socket's buffer takes it whole
		h.fail(err, k.now())
		return
	}
	h.written = k.now()
	filled := 0 // of the status line
	for {
		got, err := call(unix.SYS_READ, fd, uintptr(unsafe.Pointer(&k.buf[filled])), uintptr(len(k.buf)-filled), 0, 0)
		n := int(got)
		now := k.now()
		switch {
		case again(err):
			if now-h.sent >= int64(k.plan.Timeout) || k.stop.Load() {
				h.fail(unix.ETIMEDOUT, now)
				return
			}
		case err != nil:
			h.fail(err, now)
			return
		case n == 0:
			h.finish(k.buf[:filled], now)
			return
		default:
			if h.first == 0 {
				h.first = now
			}
			filled = min(filled+n, statusLength)
			if now-h.sent >= int64(k.plan.Timeout) { // an answer that never ends
				h.fail(unix.ETIMEDOUT, now)
				return
			}
		}
	}
}

// settle asks the kernel what became of the request: whether it was sent again, and
// once the answer is there, the connection's shortest round trip.
func (k *socket) settle(fd uintptr, h *hit) {
	const unknown = ^uint32(0) // what the kernel's minimum begins with
	if !k.readInfo(fd) {
		return
	}
	h.resentRequest = int64(k.info.Total_retrans) > h.resentSYNs
	if h.reached != answered || k.info.Min_rtt == unknown ||
		uintptr(k.length) < unsafe.Offsetof(k.info.Min_rtt)+unsafe.Sizeof(k.info.Min_rtt) { // Linux before 4.6
		return
	}
	h.establishedNs, h.hasEstablished = int64(k.info.Min_rtt)*int64(time.Microsecond), true
}

// readInfo fills info from TCP_INFO. The wrapper in package unix allocates one
// on every call, which is why this is done by hand.
func (k *socket) readInfo(fd uintptr) bool {
	k.length = uint32(unsafe.Sizeof(k.info))
	_, err := call(unix.SYS_GETSOCKOPT, fd, unix.IPPROTO_TCP, unix.TCP_INFO, uintptr(unsafe.Pointer(&k.info)), uintptr(unsafe.Pointer(&k.length)))
	// tcpi_total_retrans is the last field every caller needs; every kernel of note has it.
	return err == nil && uintptr(k.length) >= unsafe.Offsetof(k.info.Total_retrans)+unsafe.Sizeof(k.info.Total_retrans)
}

// sleep blocks the thread itself: the Go timer would wake it through the scheduler.
func (k *socket) sleep(until int64) {
	if wait := min(until-k.now(), int64(patience)); wait > 0 {
		ts := unix.NsecToTimespec(wait)
		_ = unix.Nanosleep(&ts, nil) // cut short by a signal: the caller looks again
	}
}

// call makes a system call that the Go scheduler does not know of: it neither
// takes the thread's P away meanwhile nor looks after it. Runner.Run has made
// enough Ps for that. What the scheduler wants of the thread it says with a
// signal, which ends a call that waits with EINTR, because every socket has
// timeouts (signal(7)); so a garbage collection need not wait for the network.
//
//go:uintptrescapes
func call(number, a, b, c, d, e uintptr) (uintptr, error) {
	n, _, errno := unix.RawSyscall6(number, a, b, c, d, e, 0)
	if errno != 0 {
		return 0, errno
	}
	return n, nil
}

// checkFiles makes sure that so many more files can be open at once.
func checkFiles(more int) error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("could not read the limit of open files: %w", err)
	}
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return fmt.Errorf("could not count the open files: %w", err)
	}
	if uint64(len(open)+more) > limit.Cur {
		return fmt.Errorf("%d connections at once and the %d files open now are more than the limit of %d: raise it with ulimit -n",
			more, len(open), limit.Cur)
	}
	return nil
}
