package probe

import (
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A thread that waits for the network keeps its P. The garbage collector must
// get it all the same: here the server is silent until a collection is over, so
// that a collection that waited for the hit would last until the hit's timeout.
func TestCollectionNeedNotWait(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(before + 1) // as Run does
	defer runtime.GOMAXPROCS(before)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	plan := DefaultPlan()
	plan.Timeout = 20 * time.Second
	target := Target{Name: "A", Address: l.Addr().String(), Kind: HTTP}
	s := &shared{plan: plan, started: time.Now()}
	s.aims = []aim{{kind: HTTP, addresses: []netip.AddrPort{netip.MustParseAddrPort(target.Address)}, request: target.request()}}
	ended := make(chan hit)
	go func() {
		runtime.LockOSThread()
		k, err := newShooter(s, 0)
		if err != nil {
			t.Error(err)
			close(ended)
			return
		}
		k.(*socket).slice = unix.NsecToTimeval(int64(plan.Timeout)) // must not help
		var h hit
		k.hit(0, &h)
		ended <- h
	}()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 4096)); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	if _, err := c.Write([]byte("HTTP/1.0 200 OK\r\n\r\n")); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if h := <-ended; h.failure != NoFailure || h.reached != answered {
		t.Errorf("the hit ended as %v %v", h.failure, h.err)
	}
}

func TestOpenFilesLimit(t *testing.T) {
	if err := checkFiles(MaxThreads); err != nil {
		t.Errorf("%d threads: %v", MaxThreads, err)
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if err := checkFiles(int(limit.Cur)); err == nil || !strings.Contains(err.Error(), "ulimit -n") {
		t.Errorf("as many threads as files: %v", err)
	}
}
