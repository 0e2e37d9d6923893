package probe

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ask sends a query and waits for the first datagram that comes back. The socket is
// connected, so that only the target's can, and a refusal is heard of.
func (k *socket) ask(fd uintptr, t *socketAim, to *remote, h *hit) {
	k.id++
	query := k.buf[:copy(k.buf[:], t.request)]
	binary.BigEndian.PutUint16(query, k.id)
	h.query = true
	h.sent = k.now()
	h.connected = h.sent
	_, err := call(unix.SYS_CONNECT, fd, uintptr(unsafe.Pointer(&to.name)), to.length, 0, 0)
	if err == nil {
		_, err = call(unix.SYS_WRITE, fd, uintptr(unsafe.Pointer(&query[0])), uintptr(len(query)), 0, 0)
	}
	h.written = k.now()
	if err != nil {
		h.fail(err, h.written)
		return
	}
	h.reached = connected
	for {
		got, err := call(unix.SYS_READ, fd, uintptr(unsafe.Pointer(&k.buf[0])), uintptr(len(k.buf)), 0, 0)
		now := k.now()
		switch {
		case err == nil:
			h.answer(k.buf[:got], k.id, now)
			return
		case !again(err):
			h.fail(err, now)
			return
		case now-h.sent >= int64(k.plan.Timeout) || k.stop.Load():
			h.fail(unix.ETIMEDOUT, now)
			return
		}
	}
}
