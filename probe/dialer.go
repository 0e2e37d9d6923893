package probe

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"time"
)

// dialerNote is what Result.Notes says when dialer made the hits.
const dialerNote = "measured with net.Dialer: Connect contains the Go scheduler's delay, tens of µs at concurrency 1 and milliseconds at 64 and more; there is no Handshake, Established or First-packet and no count of resent SYNs"

// dialer is the shooter for systems where the kernel can't be asked: portable,
// and biased as dialerNote says.
type dialer struct {
	*shared
	dial  net.Dialer
	local netip.Addr
	ports []ports // per target
	turns []turns // per target
	id    uint16  // of the next query
	buf   []byte
}

func newDialer(s *shared, worker int) (shooter, error) {
	d := &dialer{shared: s, local: source(s.plan, worker), buf: make([]byte, 16<<10)}
	for range s.aims {
		d.ports, d.turns = append(d.ports, newPorts(s.plan, worker)), append(d.turns, turns(worker))
	}
	return d, nil
}

func (d *dialer) hit(target int, h *hit) {
	a := &d.aims[target]
	deadline := time.Now().Add(d.plan.Timeout)
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	stopWatching := d.watch(ctx, cancel)
	defer stopWatching()
	d.dial.LocalAddr = nil
	network := "tcp"
	if a.kind == UDP {
		network, h.query = "udp", true
	}
	if port := d.ports[target].next(); port != 0 || d.local.IsValid() {
		d.dial.LocalAddr = &net.TCPAddr{IP: d.local.AsSlice(), Port: port}
		if h.query {
			d.dial.LocalAddr = &net.UDPAddr{IP: d.local.AsSlice(), Port: port}
		}
	}
	h.place = d.turns[target].next(len(a.addresses))
	h.sent = d.now()
	c, err := d.dial.DialContext(ctx, network, a.addresses[h.place].String())
	h.connected = d.now()
	if err != nil {
		d.fail(h, err)
		return
	}
	defer func() { _ = c.Close() }()
	h.reached, h.done = connected, h.connected
	if a.kind == TCP {
		return
	}
	if err := c.SetDeadline(deadline); err != nil {
		d.fail(h, err)
		return
	}
	release := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer release()
	if h.query {
		d.ask(c, a.request, h)
		return
	}
	if _, err := c.Write(a.request); err != nil {
		d.fail(h, err)
		return
	}
	h.written = d.now()
	d.read(c, h)
}

// ask sends a query and waits for the first datagram that comes back.
func (d *dialer) ask(c net.Conn, request []byte, h *hit) {
	d.id++
	query := append([]byte{}, request...)
	binary.BigEndian.PutUint16(query, d.id)
	h.connected = h.sent
	if _, err := c.Write(query); err != nil {
		d.fail(h, err)
		return
	}
	h.written = d.now()
	n, err := c.Read(d.buf)
	if err != nil {
		d.fail(h, err)
		return
	}
	h.answer(d.buf[:n], d.id, d.now())
}

func (d *dialer) read(c net.Conn, h *hit) {
	filled := 0 // of the status line
	for {
		n, err := c.Read(d.buf[min(filled, statusLength):])
		if n > 0 && h.first == 0 {
			h.first = d.now()
		}
		filled = min(filled+n, statusLength)
		switch {
		case errors.Is(err, io.EOF):
			h.finish(d.buf[:filled], d.now())
			return
		case err != nil:
			d.fail(h, err)
			return
		}
	}
}

// watch ends the hit when the run is cancelled.
func (d *dialer) watch(ctx context.Context, cancel context.CancelFunc) (stop func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(patience)
		defer tick.Stop()
		for !d.stop.Load() {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
		cancel()
	}()
	return func() { cancel(); <-done }
}

func (d *dialer) fail(h *hit, err error) {
	h.fail(err, d.now())
	h.dropped = d.stop.Load()
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || (errors.As(err, &timeout) && timeout.Timeout()) {
		h.failure = Timeout
	}
}

func (d *dialer) close() {}

func (d *dialer) sleep(until int64) {
	time.Sleep(min(time.Duration(until-d.now()), patience))
}
