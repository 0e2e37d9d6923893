package probe

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// plan60 is small enough for a test that opens real connections.
func plan60() Plan {
	p := DefaultPlan()
	p.Requests, p.Blocks, p.WarmUp, p.Concurrency, p.Timeout = 60, 6, 1, 4, 5*time.Second
	p.StopAtFailed = 0 // what fails is counted to the end
	return p
}

// measure runs the plan against addresses.
func measure(t *testing.T, plan Plan, targets ...Target) Result {
	t.Helper()
	r, err := NewRunner(plan, targets...)
	if err != nil {
		t.Fatal(err)
	}
	out, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func serve(t *testing.T, h http.HandlerFunc) Target {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	target, err := ParseTarget("A", s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func hello(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello\n")) }

func armourers() map[string]armourer {
	all := map[string]armourer{engineDialer: newDialer}
	all[engineName] = newShooter // elsewhere than on Linux it is the same
	return all
}

// engines runs a test with each way of making hits that this system has.
func engines(t *testing.T, test func(t *testing.T, measure func(Plan, ...Target) Result)) {
	for name, arm := range armourers() {
		t.Run(name, func(t *testing.T) {
			test(t, func(plan Plan, targets ...Target) Result {
				r, err := NewRunner(plan, targets...)
				if err != nil {
					t.Fatal(err)
				}
				r.arm, r.engine = arm, name
				out, err := r.Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				return out
			})
		})
	}
}

func TestRealServer(t *testing.T) {
	engines(t, func(t *testing.T, measure func(Plan, ...Target) Result) {
		a, b := serve(t, hello), serve(t, hello)
		b.Name = "B"
		r := measure(plan60(), a, b)
		for _, s := range r.Series {
			if s.Requests != 60 || s.Failed() != 0 || len(s.Blocks) != 6 {
				t.Errorf("%s: %d requests, errors %v %s, %d blocks", s.Target.Name, s.Requests, s.Errors, s.OtherError, len(s.Blocks))
			}
			for _, p := range Phases() {
				if want := int64(60); s.Phases[p].N != want && p != KeptAlive && (!p.Kernel() || r.Environment.Engine != engineDialer) {
					t.Errorf("%s: %d values of %s, want %d", s.Target.Name, s.Phases[p].N, p, want)
				}
			}
			if c, total := s.Phases[Connect].MeanNs, s.Phases[Total].MeanNs; total < c+s.Phases[Processing].MeanNs-1 {
				t.Errorf("%s: the mean of Total, %g, is less than that of its parts", s.Target.Name, total)
			}
			if h := s.Phases[Handshake]; h.N > 0 && h.MedianNs > s.Phases[Connect].MedianNs {
				t.Errorf("%s: Handshake %d is longer than Connect %d", s.Target.Name, h.MedianNs, s.Phases[Connect].MedianNs)
			}
		}
		if len(r.Compare(0, 1).Warnings) != 0 || len(r.Findings) != 0 {
			t.Errorf("warnings %q, findings %v", r.Compare(0, 1).Warnings, r.Findings)
		}
	})
}

func TestTCPTarget(t *testing.T) {
	engines(t, func(t *testing.T, measure func(Plan, ...Target) Result) {
		a := serve(t, hello)
		a.Kind, a.Path = TCP, ""
		s := measure(plan60(), a).Series[0]
		if s.Phases[Connect].N != 60 || s.Phases[Total].N != 0 || s.Failed() != 0 {
			t.Errorf("connect %+v total %+v errors %v %s", s.Phases[Connect], s.Phases[Total], s.Errors, s.OtherError)
		}
	})
}

// One server waits 30 ms with its answer. The difference must show in Waiting, with
// its size, and not in Handshake, where there is none. A timer may be late, never
// early, so each round's difference is at least the delay less what B took itself:
// no tolerance is needed for a busy machine.
func TestKnownDelayIsFound(t *testing.T) {
	const delay = 30 * time.Millisecond
	a := serve(t, func(w http.ResponseWriter, r *http.Request) {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		<-timer.C
		hello(w, r)
	})
	b := serve(t, hello)
	b.Name = "B"
	plan := plan60()
	plan.Blocks, plan.Requests, plan.Concurrency = 12, 240, 1
	r := measure(t, plan, a, b)
	slowest, handshake := 0.0, 0.0
	for i, block := range r.Series[1].Blocks {
		slowest = max(slowest, block.MedianNs[Waiting])
		handshake = max(handshake, r.Series[0].Blocks[i].MedianNs[Handshake])
	}
	c := r.Compare(0, 1)
	least := float64(delay) - slowest
	if d := c.Phases[Waiting]; d.LowNs < least || !d.Detected && least > 0 {
		t.Errorf("%v are seen as %s, at least %g us of them B does not explain", delay, d, least/1e3)
	}
	if d := c.Phases[Handshake]; d.LowNs > handshake {
		t.Errorf("the handshake differs by more than it lasts: %s", d)
	}
}

func TestIPv6(t *testing.T) {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skipf("no IPv6 here: %v", err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(hello))
	_ = server.Listener.Close()
	server.Listener = l
	server.Start()
	t.Cleanup(server.Close)
	engines(t, func(t *testing.T, measure func(Plan, ...Target) Result) {
		plan := plan60()
		plan.Sources = []netip.Addr{netip.IPv6Loopback()}
		if s := measure(plan, Target{Name: "A", Address: l.Addr().String(), Kind: HTTP}).Series[0]; s.Phases[Total].N != 60 {
			t.Errorf("%d of 60 are good, errors %v %s", s.Phases[Total].N, s.Errors, s.OtherError)
		}
	})
}

func TestBadResponses(t *testing.T) {
	engines(t, func(t *testing.T, measure func(Plan, ...Target) Result) {
		a := serve(t, http.NotFound)
		r := measure(plan60(), a)
		if s := r.Series[0]; s.Errors[BadResponse] != 60 || s.Phases[Connect].N != 60 || s.Phases[Total].N != 0 || r.Findings[0].Cause != ServerFault {
			t.Errorf("errors %v, connect %d, total %d, findings %v", s.Errors, s.Phases[Connect].N, s.Phases[Total].N, r.Findings)
		}
	})
}

// raw starts a server that does as it likes with each connection.
func raw(t *testing.T, handle func(*net.TCPConn)) Target {
	t.Helper()
	l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.AcceptTCP()
			if err != nil {
				return
			}
			handle(c)
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return Target{Name: "A", Address: l.Addr().String(), Kind: HTTP, Path: "/"}
}

func TestServersThatMisbehave(t *testing.T) {
	engines(t, func(t *testing.T, measure func(Plan, ...Target) Result) {
		for _, c := range []struct {
			name   string
			handle func(*net.TCPConn)
			want   Class
			cause  Cause
		}{
			{"resets", func(c *net.TCPConn) {
				_, _ = c.Read(make([]byte, 1))
				_ = c.SetLinger(0)
				_ = c.Close()
			}, Reset, DeadPod},
			{"closes without a word", func(c *net.TCPConn) {
				_, _ = c.Read(make([]byte, 4096))
				_ = c.Close()
			}, BadResponse, ServerFault},
			{"speaks something else", func(c *net.TCPConn) {
				_, _ = c.Read(make([]byte, 4096))
				_, _ = c.Write([]byte("SSH-2.0-OpenSSH_9.2\r\n"))
				_ = c.Close()
			}, BadResponse, ServerFault},
		} {
			r := measure(plan60(), raw(t, c.handle))
			if s := r.Series[0]; s.Errors[c.want] != 60 || len(s.Errors) != 1 || s.Phases[Connect].N != 60 {
				t.Errorf("%s: errors %v %s, connected %d", c.name, s.Errors, s.OtherError, s.Phases[Connect].N)
			} else if r.Findings[0].Cause != c.cause {
				t.Errorf("%s: findings %v", c.name, r.Findings)
			}
		}
	})
}

// A status line in three pieces is still one.
func TestAnswerInPieces(t *testing.T) {
	engines(t, func(t *testing.T, measure func(Plan, ...Target) Result) {
		a := raw(t, func(c *net.TCPConn) {
			_, _ = c.Read(make([]byte, 4096))
			_ = c.SetNoDelay(true)
			for _, part := range []string{"HTT", "P/1.1 2", "00 OK\r\n\r\n", strings.Repeat("x", 40_000)} {
				_, _ = c.Write([]byte(part))
			}
			_ = c.Close()
		})
		if s := measure(plan60(), a).Series[0]; s.Phases[Total].N != 60 {
			t.Errorf("%d of 60 are good, errors %v %s", s.Phases[Total].N, s.Errors, s.OtherError)
		}
	})
}

func TestRefused(t *testing.T) {
	engines(t, func(t *testing.T, measure func(Plan, ...Target) Result) {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		_ = l.Close()
		r := measure(plan60(), Target{Name: "A", Address: address, Kind: HTTP})
		if s := r.Series[0]; s.Errors[Refused] != 60 || s.Requests != 60 || s.Phases[Connect].N != 0 || r.Findings[0].Cause != Unreachable {
			t.Errorf("errors %v, findings %v", s.Errors, r.Findings)
		}
	})
}

// An accepted connection that is never answered times out, and a cancel does
// not wait for that.
func TestSilentServer(t *testing.T) {
	engines(t, func(t *testing.T, measure func(Plan, ...Target) Result) {
		var held []*net.TCPConn
		t.Cleanup(func() {
			for _, c := range held {
				_ = c.Close()
			}
		})
		a := raw(t, func(c *net.TCPConn) { held = append(held, c) })
		plan := plan60()
		plan.Requests, plan.Blocks, plan.WarmUp, plan.Timeout = 8, 1, 0, 250*time.Millisecond
		r := measure(plan, a)
		if s := r.Series[0]; s.Errors[Timeout] != 8 || s.Events.SYNTimeouts != 0 || s.Phases[Connect].N != 8 || r.Findings[0].Cause != ServerFault {
			t.Errorf("errors %v, events %+v, findings %v", s.Errors, s.Events, r.Findings)
		}
		if r.Elapsed < 2*plan.Timeout || r.Elapsed > 20*plan.Timeout {
			t.Errorf("8 hits, 4 at a time, took %v", r.Elapsed)
		}
	})
}

func TestCancelOfRealHits(t *testing.T) {
	for name, arm := range armourers() {
		accepted := make(chan struct{}, 100)
		a := raw(t, func(*net.TCPConn) { accepted <- struct{}{} })
		plan := plan60()
		plan.Timeout = MaxTimeout
		r, err := NewRunner(plan, a)
		if err != nil {
			t.Fatal(err)
		}
		r.arm = arm
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-accepted; cancel() }()
		began := time.Now()
		// The hits in flight are given up, though their timeout is a minute away.
		if _, err := r.Run(ctx); !errors.Is(err, context.Canceled) || time.Since(began) > 5*time.Second {
			t.Errorf("%s: %v after %v", name, err, time.Since(began))
		}
	}
}

// Nothing is left of a run: no goroutine, no socket, no thread, and
// GOMAXPROCS is what it was.
func TestNothingLeaks(t *testing.T) {
	procs := runtime.GOMAXPROCS(0)
	count := func() (goroutines, sockets, threads int) {
		links, _ := filepath.Glob("/proc/self/fd/*")
		for _, l := range links {
			if to, err := os.Readlink(l); err == nil && strings.HasPrefix(to, "socket:") {
				sockets++
			}
		}
		tasks, _ := filepath.Glob("/proc/self/task/*")
		return runtime.NumGoroutine(), sockets, len(tasks)
	}
	run := func() {
		a := raw(t, func(c *net.TCPConn) {
			_, _ = c.Read(make([]byte, 4096))
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\n\r\n"))
			_ = c.Close()
		})
		plan := plan60()
		plan.Concurrency, plan.Requests = 32, 600
		measure(t, plan, a)
	}
	t.Run("warm", func(*testing.T) { run() })
	g0, s0, t0 := count()
	for range 5 {
		run()
	}
	// The listeners stay until the test ends: one goroutine and socket each.
	deadline := time.Now().Add(5 * time.Second)
	g, s, th := count()
	for (g > g0+5 || s > s0+5 || th > t0+10) && time.Now().Before(deadline) {
		runtime.Gosched() // a thread that ended is there for a moment
		g, s, th = count()
	}
	if g > g0+5 || s > s0+5 || th > t0+10 {
		t.Errorf("goroutines %d, sockets %d, threads %d; before 5 runs of 32 workers %d, %d, %d", g, s, th, g0, s0, t0)
	}
	if runtime.GOMAXPROCS(0) != procs {
		t.Errorf("GOMAXPROCS is %d, was %d", runtime.GOMAXPROCS(0), procs)
	}
}

// skip leaves out what this machine cannot run; make test accepts no gap.
func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("KPADVISOR_REQUIRE_ALL") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// nginx answers as servers in clusters do: with HTTP/1.1, closing first.
func TestNginx(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		skip(t, "no nginx here")
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	dir := t.TempDir()
	conf := "daemon off; pid " + dir + "/pid; error_log stderr;\nevents {}\nhttp { access_log off; client_body_temp_path " + dir +
		"; proxy_temp_path " + dir + "; fastcgi_temp_path " + dir + "; uwsgi_temp_path " + dir + "; scgi_temp_path " + dir +
		";\nserver { listen " + address + "; location / { return 200 \"hello\\n\"; } } }\n"
	if err := os.WriteFile(filepath.Join(dir, "conf"), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	server := exec.Command(nginx, "-c", filepath.Join(dir, "conf"), "-p", dir)
	server.Stderr = os.Stderr
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Signal(os.Interrupt); _ = server.Wait() })
	deadline := time.Now().Add(10 * time.Second)
	for {
		c, err := net.Dial("tcp4", address)
		if err == nil {
			_ = c.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("nginx does not answer: %v", err)
		}
		runtime.Gosched()
	}
	s := measure(t, plan60(), Target{Name: "A", Address: address, Kind: HTTP, Path: "/"}).Series[0]
	if s.Phases[Total].N != 60 {
		t.Errorf("%d of 60 are good, errors %v %s", s.Phases[Total].N, s.Errors, s.OtherError)
	}
}
