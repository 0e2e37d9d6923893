package probe

import (
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkHit is one hit against a server in the same process, on loopback,
// recording included. The allocations shown are those of the client: the
// server makes its own system calls and allocates nothing per connection.
func BenchmarkHit(b *testing.B) {
	for _, kind := range []Kind{HTTP, TCP} {
		b.Run(string(kind), func(b *testing.B) {
			address := quietServer(b)
			s := &shared{plan: DefaultPlan(), started: time.Now()}
			t := Target{Name: "A", Address: address.String(), Kind: kind}
			s.aims = []aim{{kind: kind, addresses: []netip.AddrPort{address}, request: t.request()}}
			k, err := newShooter(s, 0)
			if err != nil {
				b.Fatal(err)
			}
			r := newRecorder([]Target{t}, false)
			r.begin(Turn{}, 0)
			batch := make([]hit, 1)
			b.ReportAllocs()
			for b.Loop() {
				batch[0] = hit{due: s.now()}
				k.hit(0, &batch[0])
				r.add(batch, true)
			}
			if t := r.ledgers[0].series(); t.Failed() > 0 {
				b.Fatalf("errors %v %s", t.Errors, t.OtherError)
			}
		})
	}
}

// quietServer answers with the fewest system calls and no allocation.
func quietServer(b *testing.B) netip.AddrPort {
	b.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		b.Fatal(err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		b.Fatal(err)
	}
	if err := unix.Listen(fd, unix.SOMAXCONN); err != nil {
		b.Fatal(err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		b.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf, answer := make([]byte, 4096), []byte("HTTP/1.0 200 OK\r\n\r\nhello\n")
		for {
			c, _, errno := unix.Syscall6(unix.SYS_ACCEPT4, uintptr(fd), 0, 0, unix.SOCK_CLOEXEC, 0, 0)
			if errno == unix.EINTR {
				continue
			}
			if errno != 0 {
				return // shut down
			}
			if n, err := unix.Read(int(c), buf); err == nil && n > 0 {
				_, _ = unix.Write(int(c), answer)
			}
			_ = unix.Close(int(c))
		}
	}()
	b.Cleanup(func() { _ = unix.Shutdown(fd, unix.SHUT_RDWR); <-done; _ = unix.Close(fd) })
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(name.(*unix.SockaddrInet4).Port))
}
