package agent

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"time"

	"golang.org/x/sys/unix"
)

// nfnl is a socket of netlink to the netfilter of this network namespace.
type nfnl struct {
	fd  int
	buf []byte
}

const (
	netlinkBuffer = 256 << 10 // of one read: the kernel sends at most 32 KiB at a time, and nft 64
	dumpTakes     = 30 * time.Second

	sizeofNfgenmsg  = 4
	attributeNumber = 1<<14 - 1 // of its type; the rest are flags
)

// dial opens a socket that hears these groups of events.
func dial(groups uint32) (*nfnl, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_NETFILTER)
	if err != nil {
		return nil, fmt.Errorf("open netlink: %w", err)
	}
	s := &nfnl{fd: fd, buf: make([]byte, netlinkBuffer)}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		s.close()
		return nil, fmt.Errorf("listen to netlink: %w", err)
	}
	return s, nil
}

func (s *nfnl) close() { _ = unix.Close(s.fd) }

// enlarge gives the socket room for what arrives while nobody reads. Where the right to
// force it is missing it is as large as the node allows.
func (s *nfnl) enlarge(bytes int) {
	if unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, bytes) != nil {
		_ = unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, bytes) // loss is noticed
	}
}

// errLost is of a read before which messages were thrown away for want of room.
var errLost = errors.New("messages were lost")

// receive waits for messages for a while at most. Without any it returns nothing.
func (s *nfnl) receive(wait time.Duration) ([]byte, error) {
	ready, err := unix.Poll([]unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}}, int(max(wait.Milliseconds(), 0)))
	switch {
	case errors.Is(err, unix.EINTR):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("wait for netlink: %w", err)
	case ready == 0:
		return nil, nil
	}
	for range 1000 {
		n, from, err := unix.Recvfrom(s.fd, s.buf, unix.MSG_DONTWAIT)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return nil, nil
		case errors.Is(err, unix.ENOBUFS):
			return nil, errLost
		case err != nil:
			return nil, fmt.Errorf("read netlink: %w", err)
		}
		if a, ok := from.(*unix.SockaddrNetlink); !ok || a.Pid != 0 { // not the kernel
			continue
		}
		return s.buf[:n], nil
	}
	return nil, nil
}

// message is one of netlink, after the header and that of netfilter.
type message struct {
	kind   uint16
	flags  uint16
	family uint8
	body   []byte // attributes
}

// messages takes apart what was received.
func messages(b []byte) iter.Seq[message] {
	return func(yield func(message) bool) {
		for len(b) >= unix.NLMSG_HDRLEN {
			length := int(binary.NativeEndian.Uint32(b))
			if length < unix.NLMSG_HDRLEN || length > len(b) {
				return
			}
			m := message{
				kind:  binary.NativeEndian.Uint16(b[4:]),
				flags: binary.NativeEndian.Uint16(b[6:]),
				body:  b[unix.NLMSG_HDRLEN:length],
			}
			if m.kind >= unix.NLMSG_MIN_TYPE && len(m.body) >= sizeofNfgenmsg {
				m.family, m.body = m.body[0], m.body[sizeofNfgenmsg:]
			}
			if !yield(m) {
				return
			}
			b = b[min(len(b), (length+unix.NLMSG_ALIGNTO-1)&^(unix.NLMSG_ALIGNTO-1)):]
		}
	}
}

// attributes takes a list of them apart: number, value.
func attributes(b []byte) iter.Seq2[uint16, []byte] {
	return func(yield func(uint16, []byte) bool) {
		for len(b) >= unix.SizeofNlAttr {
			length := int(binary.NativeEndian.Uint16(b))
			if length < unix.SizeofNlAttr || length > len(b) {
				return
			}
			if !yield(binary.NativeEndian.Uint16(b[2:])&attributeNumber, b[unix.SizeofNlAttr:length]) {
				return
			}
			b = b[min(len(b), (length+unix.NLA_ALIGNTO-1)&^(unix.NLA_ALIGNTO-1)):]
		}
	}
}

// attribute is one of a list; nil if it is not there.
func attribute(b []byte, number uint16) []byte {
	for n, value := range attributes(b) {
		if n == number {
			return value
		}
	}
	return nil
}

// word is the text of an attribute.
func word(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

// dump asks for all there is of a kind, on a socket of its own, and tells each message.
func dump(kind uint16, family uint8, body []byte, each func(message)) error {
	s, err := dial(0)
	if err != nil {
		return err
	}
	defer s.close()
	s.enlarge(4 << 20)
	request := make([]byte, unix.NLMSG_HDRLEN+sizeofNfgenmsg, unix.NLMSG_HDRLEN+sizeofNfgenmsg+len(body))
	request[unix.NLMSG_HDRLEN] = family
	request = append(request, body...)
	binary.NativeEndian.PutUint32(request, uint32(len(request)))
	binary.NativeEndian.PutUint16(request[4:], kind)
	binary.NativeEndian.PutUint16(request[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	if err := unix.Sendto(s.fd, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return fmt.Errorf("ask netlink: %w", err)
	}
	until := time.Now().Add(dumpTakes)
	for time.Now().Before(until) {
		b, err := s.receive(time.Until(until))
		if err != nil {
			return err
		}
		for m := range messages(b) {
			switch m.kind {
			case unix.NLMSG_DONE:
				return failed(m.body)
			case unix.NLMSG_ERROR:
				return failed(m.body)
			default:
				each(m)
			}
			if m.flags&unix.NLM_F_DUMP_INTR != 0 {
				return errChanged
			}
		}
	}
	return errors.New("netlink does not answer")
}

// errChanged is of a list that changed while it was read, so that parts may be missing.
var errChanged = errors.New("it changed while it was read")

// failed is the error of a message that ends a dump; nil for 0.
func failed(body []byte) error {
	if len(body) < 4 {
		return nil
	}
	if n := int32(binary.NativeEndian.Uint32(body)); n < 0 {
		return fmt.Errorf("netlink answers: %w", unix.Errno(-n))
	}
	return nil
}
