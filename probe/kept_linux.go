package probe

import (
	"bytes"
	"unsafe"

	"golang.org/x/sys/unix"
)

// kept is the connection of one thread that is kept open to one target.
type kept struct {
	fd   uintptr
	open bool
}

// askKept sends one request on the kept connection and times it. A connection that
// is not there, or that fails, makes no value and no error: servers close such
// connections as they like. It is opened anew after the next hit.
func (k *socket) askKept(t *socketAim, h *hit) {
	if !t.kept.open && !k.keep(t) {
		return
	}
	if _, err := call(unix.SYS_WRITE, t.kept.fd, uintptr(unsafe.Pointer(&t.aim.kept[0])), uintptr(len(t.aim.kept)), 0, 0); err != nil {
		k.drop(t)
		return
	}
	written, first, filled := k.now(), int64(0), 0
	for !k.stop.Load() {
		got, err := call(unix.SYS_READ, t.kept.fd, uintptr(unsafe.Pointer(&k.buf[filled])), uintptr(len(k.buf)-filled), 0, 0)
		now := k.now()
		if again(err) && now-written < int64(k.plan.Timeout) {
			continue
		}
		if err != nil || got == 0 {
			break
		}
		if first == 0 {
			first = now
		}
		filled += int(got)
		if end := bytes.Index(k.buf[:filled], []byte("\r\n\r\n")); end >= 0 {
			if end+4 != filled || !bytes.HasPrefix(k.buf[:filled], []byte("HTTP/1.1 ")) {
				break // more than a head, or no HTTP/1.1: what follows can't be told apart
			}
			h.keptNs, h.hasKept = first-written, true
			return
		}
		if filled == len(k.buf) {
			break
		}
	}
	k.drop(t)
}

// keep opens the connection, to the target's first address.
func (k *socket) keep(t *socketAim) bool {
	to := &t.remotes[0]
	fd, err := call(unix.SYS_SOCKET, uintptr(to.family), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0, 0, 0)
	if err != nil {
		return false
	}
	t.kept = kept{fd: fd, open: true}
	var h hit
	if err := k.timeouts(fd); err == nil && k.bind(fd, 0, to) == nil {
		k.connect(fd, to, &h)
	}
	if h.reached != connected {
		k.drop(t)
	}
	return t.kept.open
}

func (k *socket) drop(t *socketAim) {
	if t.kept.open {
		_, _ = call(unix.SYS_CLOSE, t.kept.fd, 0, 0, 0, 0)
	}
	t.kept = kept{}
}

// close ends the connections that are kept.
func (k *socket) close() {
	for i := range k.targets {
		k.drop(&k.targets[i])
	}
}
