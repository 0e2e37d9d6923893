package clustertest

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
)

// relay lets clients on loopback talk to a server at a place, and can be cut: a
// log that is being followed then breaks off, as behind a load balancer.
type relay struct {
	listener net.Listener
	place    *place
	to       string

	mu    sync.Mutex
	conns map[net.Conn]bool
	ended sync.WaitGroup
}

// newRelay listens on loopback for connections to an address of the place.
func newRelay(at *place, to string) (*relay, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{listener: l, place: at, to: to, conns: map[net.Conn]bool{}}
	r.ended.Go(r.accept)
	return r, nil
}

func (r *relay) accept() {
	for {
		near, err := r.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			r.ended.Go(func() { r.join(near) })
		}
	}
}

// join passes bytes both ways until either side ends.
func (r *relay) join(near net.Conn) {
	defer r.forget(near)
	far, err := r.place.dial(context.Background(), r.to)
	if err != nil || !r.keep(near, far) {
		return
	}
	defer r.forget(far)
	done := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		go func() {
			_, _ = io.Copy(way[0], way[1]) // an end is an end, whatever the reason
			done <- struct{}{}
		}()
	}
	<-done
	_, _ = near.Close(), far.Close()
	<-done
}

// keep remembers connections so that cut finds them; false once the relay is closed.
func (r *relay) keep(conns ...net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range conns {
		if r.conns == nil {
			_ = c.Close()
		} else {
			r.conns[c] = true
		}
	}
	return r.conns != nil
}

func (r *relay) forget(c net.Conn) {
	_ = c.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, c)
}

// cut ends every connection there is now; new ones are relayed.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns {
		_ = c.Close()
	}
}

func (r *relay) close() {
	if r == nil {
		return
	}
	_ = r.listener.Close()
	r.cut()
	r.mu.Lock()
	r.conns = nil
	r.mu.Unlock()
	r.ended.Wait()
}
