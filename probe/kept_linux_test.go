package probe

import (
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// Requests on kept connections are measured beside the hits, one connection for each
// thread and target, and one that the server closes is opened anew.
func TestKeptAlive(t *testing.T) {
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		least   int64 // values of 60 hits
		most    int64
		opened  int64 // kept connections, at most
	}{
		"kept": {hello, 60, 60, 4},
		"no 2xx to HEAD": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(map[string]int{"GET": 200, "HEAD": 405}[r.Method])
		}, 60, 60, 4},
		"closed each time": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") }, 25, 60, 80},
	} {
		var opened atomic.Int64
		var seen sync.Map
		a := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodHead {
				if _, known := seen.LoadOrStore(r.RemoteAddr, true); !known {
					opened.Add(1)
				}
			}
			tt.handler(w, r)
		})
		plan := plan60()
		plan.KeptAlive, plan.WarmUp = true, 0
		r := measure(t, plan, a)
		s := r.Series[0]
		if n := s.Phases[KeptAlive].N; n < tt.least || n > tt.most || opened.Load() > tt.opened || s.Failed() != 0 || s.Phases[Total].N != 60 {
			t.Errorf("%s: %d values over %d connections, %d of 60 hits are good, errors %v", name, n, opened.Load(), s.Phases[Total].N, s.Errors)
		}
		if !slices.Contains(r.Phases(), KeptAlive) {
			t.Errorf("%s: not shown", name)
		}
	}
	raw := raw(t, func(c *net.TCPConn) { // no HTTP/1.1: the hits are good, and nothing is kept
		_, _ = c.Read(make([]byte, 4096))
		_, _ = c.Write([]byte("HTTP/1.0 200 OK\r\n\r\nhello"))
		_ = c.Close()
	})
	plan := plan60()
	plan.KeptAlive = true
	r := measure(t, plan, raw)
	if s := r.Series[0]; s.Phases[KeptAlive].N != 0 || s.Phases[Total].N != 60 || slices.Contains(r.Phases(), KeptAlive) {
		t.Errorf("without HTTP/1.1: %+v, errors %v", s.Phases[KeptAlive], s.Errors)
	}
}
