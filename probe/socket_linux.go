package probe

import (
	"errors"
	"fmt"
	"runtime"
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
type socket struct {
	*shared
	targets []socketAim
	local   unix.Sockaddr // to bind, nil for the kernel's choice
	info    unix.TCPInfo
	length  uint32
	slice   unix.Timeval // patience, or the timeout if that is shorter
	buf     [16 << 10]byte
}

type socketAim struct {
	*aim
	family int
	remote unix.Sockaddr
	ports  ports
}

func newShooter(s *shared, worker int) (shooter, error) {
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
		t := socketAim{aim: a, ports: newPorts(s.plan, worker)}
		if ip := a.address.Addr(); ip.Is4() {
			t.family, t.remote = unix.AF_INET, &unix.SockaddrInet4{Port: int(a.address.Port()), Addr: ip.As4()}
		} else {
			t.family, t.remote = unix.AF_INET6, &unix.SockaddrInet6{Port: int(a.address.Port()), Addr: ip.As16()}
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

func (k *socket) hit(target int, h *hit) {
	t := &k.targets[target]
	fd, err := unix.Socket(t.family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		h.sent = k.now()
		h.fail(err, h.sent)
		return
	}
	if err = k.prepare(fd, t); err != nil {
		h.sent = k.now()
		h.fail(err, h.sent)
	} else if k.connect(fd, t, h); h.failure == NoFailure && t.kind == HTTP {
		k.exchange(fd, t, h)
	}
	h.dropped = h.failure != NoFailure && k.stop.Load()
	if err := unix.Close(fd); err != nil && h.failure == NoFailure {
		h.fail(err, h.done)
	}
}

// prepare sets the timeouts and, if the plan asks for it, the source.
func (k *socket) prepare(fd int, t *socketAim) error {
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &k.slice); err != nil {
		return err
	}
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &k.slice); err != nil {
		return err
	}
	port := t.ports.next()
	if port == 0 && k.local == nil {
		return nil
	}
	if port == 0 {
		// Only the address is bound: the port is chosen at connect(), when the
		// other end is known, so that ports can serve several targets.
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1); err != nil {
			return err
		}
	} else if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return err
	}
	switch from := k.local.(type) {
	case *unix.SockaddrInet4:
		from.Port = port
		return unix.Bind(fd, from)
	case *unix.SockaddrInet6:
		from.Port = port
		return unix.Bind(fd, from)
	}
	if t.family == unix.AF_INET {
		return unix.Bind(fd, &unix.SockaddrInet4{Port: port})
	}
	return unix.Bind(fd, &unix.SockaddrInet6{Port: port})
}

// connect times connect() and asks the kernel what it knows of the handshake.
func (k *socket) connect(fd int, t *socketAim, h *hit) {
	deadline := int64(k.plan.Timeout)
	h.sent = k.now()
	err := unix.Connect(fd, t.remote)
	for again(err) && !k.stop.Load() && k.now()-h.sent < deadline {
		err = unix.Connect(fd, t.remote) // goes on waiting for the same SYN-ACK
	}
	h.connected = k.now()
	known := k.readInfo(fd)
	if known {
		h.resentSYNs = int64(k.info.Total_retrans)
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

// again reports whether a call only ran out of its slice of time or was
// interrupted, for instance by the Go runtime's preemption signal.
func again(err error) bool {
	return err != nil && (errors.Is(err, unix.EINPROGRESS) || errors.Is(err, unix.EALREADY) ||
		errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN))
}

// exchange sends the request and reads until the server closes.
func (k *socket) exchange(fd int, t *socketAim, h *hit) {
	if _, err := unix.Write(fd, t.request); err != nil { // a fresh socket's buffer takes it whole
		h.fail(err, k.now())
		return
	}
	h.written = k.now()
	filled := 0 // of the status line
	for {
		n, err := unix.Read(fd, k.buf[filled:])
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

// readInfo fills info from TCP_INFO. The wrapper in package unix allocates one
// on every call, which is why this is done by hand.
func (k *socket) readInfo(fd int) bool {
	k.length = uint32(unsafe.Sizeof(k.info))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.IPPROTO_TCP, unix.TCP_INFO,
		uintptr(unsafe.Pointer(&k.info)), uintptr(unsafe.Pointer(&k.length)), 0)
	runtime.KeepAlive(k)
	// tcpi_total_retrans is the last field needed; every kernel of note has it.
	return errno == 0 && uintptr(k.length) >= unsafe.Offsetof(k.info.Total_retrans)+unsafe.Sizeof(k.info.Total_retrans)
}

// sleep blocks the thread itself: the Go timer would wake it through the scheduler.
func (k *socket) sleep(until int64) {
	if wait := min(until-k.now(), int64(patience)); wait > 0 {
		ts := unix.NsecToTimespec(wait)
		_ = unix.Nanosleep(&ts, nil) // cut short by a signal: the caller looks again
	}
}
