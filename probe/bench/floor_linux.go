package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"kpadvisor/probe"
)

// floor is the role floor: as many threads as the probe has make the same
// connections and nothing else, without a clock, a timeout, TCP_INFO or a
// histogram. What it takes is the kernel's; no client of blocking sockets can
// take less on this machine.
func floor(address string, concurrency, n int) error {
	peer, err := netip.ParseAddrPort(strings.Trim(address, "htp:/"))
	if err != nil {
		return fmt.Errorf("could not read the address: %w", err)
	}
	to := unix.RawSockaddrInet4{
		Family: unix.AF_INET, Addr: peer.Addr().As4(),
		Port: binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, peer.Port())),
	}
	threads := min(concurrency, probe.DefaultThreads)
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + threads)
	before, err := used()
	if err != nil {
		return err
	}
	var ticket atomic.Int64
	failed := make([]error, threads)
	var all sync.WaitGroup
	start := time.Now()
	for i := range threads {
		all.Go(func() {
			runtime.LockOSThread()
			for failed[i] == nil && ticket.Add(1) <= int64(n) {
				failed[i] = bareHit(&to)
			}
		})
	}
	all.Wait()
	took := time.Since(start)
	after, err := used()
	if err := errors.Join(append(failed, err)...); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(measured{
		PerSecond: float64(n) / took.Seconds(), CPUUs: float64((after - before).Nanoseconds()) / 1e3 / float64(n),
	})
}

// bareHit is one short connection in the fewest system calls it can have, none of
// which the Go scheduler knows of.
func bareHit(to *unix.RawSockaddrInet4) error {
	fd, _, errno := unix.RawSyscall(unix.SYS_SOCKET, unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if errno != 0 {
		return errno
	}
	request := []byte("GET / HTTP/1.0\r\n\r\n")
	var answer [1024]byte
	_, _, errno = unix.RawSyscall(unix.SYS_CONNECT, fd, uintptr(unsafe.Pointer(to)), unix.SizeofSockaddrInet4)
	if errno == 0 {
		_, _, errno = unix.RawSyscall(unix.SYS_WRITE, fd, uintptr(unsafe.Pointer(&request[0])), uintptr(len(request)))
	}
	for n := uintptr(1); errno == 0 && n > 0; {
		n, _, errno = unix.RawSyscall(unix.SYS_READ, fd, uintptr(unsafe.Pointer(&answer[0])), uintptr(len(answer)))
	}
	_, _, closed := unix.RawSyscall(unix.SYS_CLOSE, fd, 0, 0)
	return errors.Join(asError(errno), asError(closed))
}

func asError(errno unix.Errno) error {
	if errno == 0 {
		return nil
	}
	return errno
}
