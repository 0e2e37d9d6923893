package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"kpadvisor/probe"
	"kpadvisor/probe/lab/drill"
)

// drillFirstPort is the first source port of the client.
const drillFirstPort = 20_000

// drillClient opens short connections to one Service at an even rate, from
// source ports it takes in turn. A port that still waits for an answer is not
// taken. The server closes first, so no port stays in TIME_WAIT at this end: it
// is the IPVS entry of the connection before that is met again.
type drillClient struct {
	to      netip.AddrPort
	plan    drill.Plan
	began   time.Time
	ports   chan int // free ones, the one that rested longest first
	skipped func()
	ended   func(port int, c drill.Conn)
	begun   atomic.Int64 // connections
}

func newDrillClient(to netip.AddrPort, p drill.Plan, began time.Time) *drillClient {
	c := &drillClient{to: to, plan: p, began: began, ports: make(chan int, p.Ports)}
	for i := range p.Ports {
		c.ports <- drillFirstPort + i
	}
	return c
}

// run connects until stop is closed or ctx ends, and returns when every
// connection has ended. Those that ctx ended are not reported.
func (c *drillClient) run(ctx context.Context, stop <-chan struct{}) error {
	var waiting sync.WaitGroup
	failed := make(chan error, 1)
	defer waiting.Wait()
	every := time.Duration(float64(time.Second) / c.plan.Rate)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case err := <-failed:
			return err
		case <-tick.C:
		}
		select {
		case port := <-c.ports:
			c.begun.Add(1)
			waiting.Go(func() {
				if err := guarded(func() error { c.once(ctx, port); return nil }); err != nil {
					select {
					case failed <- err:
					default: // one is enough
					}
				}
				c.ports <- port
			})
		default:
			c.skipped()
		}
	}
}

// once makes one connection from a port and reports it.
func (c *drillClient) once(ctx context.Context, port int) {
	conn := drill.Conn{Begun: time.Since(c.began)}
	answer, err := c.exchange(ctx, port, &conn)
	conn.Ended = time.Since(c.began)
	if ctx.Err() != nil {
		return // cut off by the end of the drill, which says nothing of the Service
	}
	if err != nil {
		conn.Class = probe.Classify(err)
	}
	if conn.Class == probe.AddressNotAvailable {
		// The port is still held here, by the end of a connection that the death of
		// its pod cut off: a client of its own would have been given another port.
		c.skipped()
		return
	}
	if err == nil && !strings.HasPrefix(answer, podName(0)[:3]) {
		conn.Class = probe.BadResponse
	}
	conn.ToOldPod = conn.Class == probe.NoFailure && answer == podName(0)
	c.ended(port, conn)
}

// exchange connects, asks and reads until the server closes, and notes in conn
// how connecting went. The answer is the name of the pod.
func (c *drillClient) exchange(ctx context.Context, port int, conn *drill.Conn) (answer string, err error) {
	d := net.Dialer{
		Timeout: c.plan.Timeout, LocalAddr: &net.TCPAddr{IP: clientIP().AsSlice(), Port: port}, KeepAlive: -1,
		Control: func(_, _ string, raw syscall.RawConn) (err error) {
			return errors.Join(raw.Control(func(fd uintptr) {
				err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
			}), err)
		},
	}
	start := time.Now()
	connection, err := d.DialContext(ctx, "tcp4", c.to.String())
	conn.Connect = time.Since(start)
	if err != nil {
		return "", fmt.Errorf("could not connect: %w", err)
	}
	defer connection.Close()
	defer context.AfterFunc(ctx, func() { connection.Close() })()
	if tcp, ok := connection.(*net.TCPConn); ok {
		conn.Resent = resent(tcp)
		defer func() {
			if err != nil {
				_ = tcp.SetLinger(0) // whatever happened: leave no TIME_WAIT at this end
			}
		}()
	}
	if err := connection.SetDeadline(start.Add(c.plan.Timeout)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(connection, "GET / HTTP/1.0\r\n\r\n"); err != nil {
		return "", fmt.Errorf("could not ask: %w", err)
	}
	all, err := io.ReadAll(io.LimitReader(connection, 1024))
	if err != nil {
		return "", fmt.Errorf("could not read the answer: %w", err)
	}
	_, body, _ := strings.Cut(string(all), "\r\n\r\n")
	return body, nil
}

// resent reports whether the kernel sent the SYN of a connection again. That a
// connect() took long does not say so: this machine may be busy.
func resent(c *net.TCPConn) (again bool) {
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	_ = raw.Control(func(fd uintptr) { // it fails only once the connection is closed
		info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		again = err == nil && info.Total_retrans > 0
	})
	return again
}
