package probe

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// inNamespace runs the calling test again in a process with a network namespace
// of its own, which the kernel removes with the process. It returns true in
// that process and false in the first one, where there is nothing left to do.
func inNamespace(t *testing.T) bool {
	t.Helper()
	const inside = "KPADVISOR_TEST_NAMESPACE"
	if os.Getenv(inside) == t.Name() {
		command(t, "ip", "link", "set", "lo", "up")
		return true
	}
	for _, tool := range []string{"ip", "nft"} {
		if _, err := exec.LookPath(tool); err != nil {
			skip(t, "no "+tool+" here")
		}
	}
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	again.Env = append(os.Environ(), inside+"="+t.Name())
	again.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if os.Geteuid() != 0 {
		again.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		again.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		again.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	out, err := again.CombinedOutput()
	if errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.ENOSPC) {
		skip(t, "network namespaces are not allowed here: "+err.Error())
	}
	if err != nil {
		t.Errorf("in the namespace: %v\n%s", err, out)
	} else {
		t.Logf("in the namespace:\n%s", out)
	}
	return false
}

func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// onSYN adds a rule for the SYNs to port that the namespace's clients send.
func onSYN(t *testing.T, port, rule string) {
	t.Helper()
	command(t, "nft", "add table ip t; add chain ip t in { type filter hook input priority 0; }; "+
		"add rule ip t in tcp dport "+port+" tcp flags & (syn|ack) == syn "+rule)
}

func onePass(requests int) Plan {
	p := plan60()
	p.Blocks, p.WarmUp, p.Requests, p.Concurrency = 1, 0, requests, 1
	return p
}

// Every second SYN is lost: each hit connects after 1 s, the kernel says that
// it sent the SYN twice, and there is no Handshake to be had of it.
func TestLostSYN(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	a := serve(t, hello)
	_, port, _ := net.SplitHostPort(a.Address)
	onSYN(t, port, "numgen inc mod 2 == 0 drop")
	r := measure(t, onePass(2), a)
	s := r.Series[0]
	if want := (Events{From1s: 2, ResentSYNs: 2}); s.Events != want || s.Failed() != 0 {
		t.Errorf("events %+v, want %+v; errors %v", s.Events, want, s.Errors)
	}
	if s.Phases[Handshake].N != 0 || s.Phases[Connect].MinNs < int64(990*time.Millisecond) || s.Phases[Connect].MaxNs > int64(1500*time.Millisecond) {
		t.Errorf("handshake %+v, connect %+v", s.Phases[Handshake], s.Phases[Connect])
	}
	if len(r.Findings) != 1 || r.Findings[0].Cause != SYNRetransmit {
		t.Errorf("findings %+v", r.Findings)
	}
	marked := int64(0)
	for _, i := range s.Intervals {
		marked += i.Retransmitted
	}
	if marked != 2 || len(s.Intervals) < 10 || !s.Intervals[3].Empty() {
		t.Errorf("%d intervals mark %d late connections: %+v", len(s.Intervals), marked, s.Intervals)
	}
}

// Rules that only the first packet of a connection passes, as all of kube-proxy's:
// most of the handshake is then the first packet, and the established round trip
// of the same connections knows nothing of it.
func TestFirstPacket(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	a := serve(t, hello)
	rules := "table ip t {\n chain out {\n type nat hook output priority -100;\n" +
		strings.Repeat(" ip daddr 10.1.2.3 tcp dport 81 dnat to 10.1.2.4:81\n", 30_000) + " }\n}\n"
	file := filepath.Join(t.TempDir(), "rules")
	if err := os.WriteFile(file, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	command(t, "nft", "-f", file)
	plan := onePass(40)
	plan.KeptAlive = true
	s := measure(t, plan, a).Series[0]
	hand, established, first := s.Phases[Handshake], s.Phases[Established], s.Phases[FirstPacket]
	if hand.N != 40 || established.N != 40 || first.N != 40 {
		t.Fatalf("counts %d, %d, %d; errors %v", hand.N, established.N, first.N, s.Errors)
	}
	if established.MedianNs*2 > hand.MedianNs || first.MedianNs*2 < hand.MedianNs {
		t.Errorf("medians: handshake %d, established %d, first packet %d ns", hand.MedianNs, established.MedianNs, first.MedianNs)
	}
	// A request on a kept connection passes none of the rules.
	if kept := s.Phases[KeptAlive]; kept.N != 40 || kept.MedianNs > s.Phases[Waiting].MedianNs*2 {
		t.Errorf("kept alive: %+v; waiting of new connections %+v", kept, s.Phases[Waiting])
	}
	t.Logf("medians: handshake %d, established %d, first packet %d ns", hand.MedianNs, established.MedianNs, first.MedianNs)
	silent := a
	silent.Kind, silent.Path = TCP, ""
	if s := measure(t, onePass(5), silent).Series[0]; s.Phases[Handshake].N != 5 || s.Phases[Established].N != 0 || s.Phases[FirstPacket].N != 0 {
		t.Errorf("connections that send nothing: %+v", s.Phases)
	}
}

// All SYNs are lost: time-outs before connect, however often the slices end.
func TestAllSYNsLost(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	a := serve(t, hello)
	_, port, _ := net.SplitHostPort(a.Address)
	onSYN(t, port, "drop")
	plan := onePass(2)
	plan.Timeout = 1250 * time.Millisecond
	r := measure(t, plan, a)
	s := r.Series[0]
	if s.Errors[Timeout] != 2 || s.Events.SYNTimeouts != 2 || s.Events.ResentSYNs != 2 || len(r.Findings) != 1 || r.Findings[0].Cause != Unreachable {
		t.Errorf("errors %v, events %+v, findings %+v", s.Errors, s.Events, r.Findings)
	}
	if r.Elapsed < 2*plan.Timeout || r.Elapsed > 3*plan.Timeout {
		t.Errorf("2 time-outs of %v took %v", plan.Timeout, r.Elapsed)
	}
}

// The kernel forgets how often it sent the SYN when a connect() fails: the count is
// read before that, whether a later SYN is refused or the kernel gives up.
func TestResentOfFailedConnects(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	a := serve(t, hello)
	_, port, _ := net.SplitHostPort(a.Address)
	for _, c := range []struct {
		name, rule string
		want       Class
		hits       int64
	}{
		{"the second SYN is refused", "numgen inc mod 2 == 1 reject with tcp reset", Refused, 2},
		{"no route for the second SYN", "numgen inc mod 2 == 1 reject with icmp type host-unreachable", NoRoute, 1},
		{"the kernel gives up", "drop", Timeout, 1},
	} {
		onSYN(t, port, "counter")
		command(t, "nft", "add rule ip t in tcp dport "+port+" tcp flags & (syn|ack) == syn "+c.rule)
		command(t, "nft", "add rule ip t in tcp dport "+port+" tcp flags & (syn|ack) == syn drop")
		// Few SYNs more, so that the kernel gives up before the timeout.
		if err := os.WriteFile("/proc/sys/net/ipv4/tcp_syn_retries", []byte("1"), 0o600); err != nil {
			t.Fatal(err)
		}
		s := measure(t, onePass(int(c.hits)), a).Series[0]
		counted := regexp.MustCompile(`packets (\d+)`).FindStringSubmatch(command(t, "nft", "list chain ip t in"))
		syns, _ := strconv.ParseInt(counted[1], 10, 64)
		if s.Errors[c.want] != c.hits || s.Events.ResentSYNs != syns-c.hits || syns == c.hits {
			t.Errorf("%s: errors %v %s, %d resent of %d sent", c.name, s.Errors, s.OtherError, s.Events.ResentSYNs, syns)
		}
		command(t, "nft", "delete table ip t")
	}
}

// A request that is lost is sent again, which is seen though the connection was quick:
// so it is with a server whose listen queue is full.
func TestResentRequest(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	a := serve(t, hello)
	_, port, _ := net.SplitHostPort(a.Address)
	command(t, "nft", "add table ip t; add chain ip t in { type filter hook input priority 0; }; "+
		"add rule ip t in tcp dport "+port+" tcp flags & psh == psh numgen inc mod 2 == 0 drop")
	r := measure(t, onePass(3), a)
	s := r.Series[0]
	if s.Events.ResentRequests != 3 || s.Events.ResentSYNs != 0 || s.Phases[Total].N != 3 || r.Findings[0].Cause != BacklogFull {
		t.Errorf("events %+v, errors %v, findings %+v", s.Events, s.Errors, r.Findings)
	}
}

// A backend that is gone, behind an address that still sends it every second
// connection: those SYNs vanish, the others are answered at once.
func TestDeadBackend(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	a := serve(t, hello)
	_, port, _ := net.SplitHostPort(a.Address)
	command(t, "ip", "addr", "add", "10.9.0.1/32", "dev", "lo")
	command(t, "ip", "route", "add", "blackhole", "10.9.0.9")
	a.Address = "10.9.0.1:80"
	command(t, "nft", "add table ip t; add chain ip t out { type nat hook output priority -100; }; "+
		"add rule ip t out ip daddr 10.9.0.1 tcp dport 80 dnat to numgen inc mod 2 map { 0 : 127.0.0.1 . "+port+", 1 : 10.9.0.9 . 80 }")
	plan := onePass(10)
	plan.Timeout = 300 * time.Millisecond
	r := measure(t, plan, a)
	if s := r.Series[0]; s.Phases[Total].N != 5 || s.Errors[Timeout] != 5 || s.Events.SYNTimeouts != 5 {
		t.Errorf("%d good, errors %v %s", s.Phases[Total].N, s.Errors, s.OtherError)
	}
	if len(r.Findings) != 1 || r.Findings[0].Cause != DeadPod {
		t.Errorf("findings %+v", r.Findings)
	}
}

// What Kubernetes issue 81775 looks like to a client that reuses its ports:
// some of them are tied to a pod that is gone, and there is no route to it.
func TestStaleBackend(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	a := serve(t, hello)
	_, port, _ := net.SplitHostPort(a.Address)
	onSYN(t, port, "tcp sport 40000 reject with icmp type host-unreachable")
	plan := onePass(8)
	plan.Ports = SourcePorts{ReusePorts, 40000, 40003}
	r := measure(t, plan, a)
	if s := r.Series[0]; s.Phases[Total].N != 6 || s.Errors[NoRoute] != 2 {
		t.Errorf("%d good, errors %v %s", s.Phases[Total].N, s.Errors, s.OtherError)
	}
	if len(r.Findings) != 1 || r.Findings[0].Cause != DeadPod || !strings.Contains(r.Findings[0].Text, "81775") {
		t.Errorf("findings %+v", r.Findings)
	}
}

func TestNoRoute(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	r := measure(t, onePass(5), Target{Name: "A", Address: "10.9.0.9:80", Kind: HTTP})
	if s := r.Series[0]; s.Errors[NoRoute] != 5 || r.Findings[0].Cause != Unreachable {
		t.Errorf("errors %v %s, findings %+v", s.Errors, s.OtherError, r.Findings)
	}
}

// A rejected SYN is a reset to connect(): refused.
func TestRejected(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	a := serve(t, hello)
	_, port, _ := net.SplitHostPort(a.Address)
	onSYN(t, port, "numgen inc mod 2 == 0 reject with tcp reset")
	r := measure(t, onePass(10), a)
	if s := r.Series[0]; s.Errors[Refused] != 5 || s.Phases[Total].N != 5 || r.Findings[0].Cause != DeadPod {
		t.Errorf("errors %v %s, findings %+v", s.Errors, s.OtherError, r.Findings)
	}
}

// A server that is too slow to accept: its queue is full, so SYNs are thrown
// away and the client's kernel sends them again.
func TestSlowAccept(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Close(fd) }()
	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Port: 8080, Addr: [4]byte{127, 0, 0, 1}}), syscall.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	plan := onePass(3)
	plan.Timeout = 1300 * time.Millisecond
	r := measure(t, plan, Target{Name: "A", Address: "127.0.0.1:8080", Kind: TCP})
	s := r.Series[0]
	if s.Phases[Connect].N != 1 || s.Errors[Timeout] != 2 || s.Events.SYNTimeouts != 2 || s.Events.ResentSYNs != 2 {
		t.Errorf("connected %d, errors %v, events %+v", s.Phases[Connect].N, s.Errors, s.Events)
	}
	if len(r.Findings) != 1 || r.Findings[0].Cause != DeadPod || !strings.Contains(r.Findings[0].Text, "does not accept") {
		t.Errorf("findings %+v", r.Findings)
	}
}

// Ten ports and connections that stay in TIME_WAIT: the budget refuses before
// the first of them; forced, the run says whose fault it is.
func TestPortsRunOut(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	a := raw(t, func(c *net.TCPConn) {
		_, _ = c.Read(make([]byte, 1)) // until the client has closed
		_ = c.Close()
	})
	for file, value := range map[string]string{"ip_local_port_range": "40000 40009", "tcp_tw_reuse": "0"} {
		if err := os.WriteFile("/proc/sys/net/ipv4/"+file, []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a.Kind, a.Path = TCP, ""
	r, err := NewRunner(onePass(20), a)
	if err != nil {
		t.Fatal(err)
	}
	var refused *BudgetError
	if _, err := r.Run(t.Context()); !errors.As(err, &refused) || refused.Budget.Ports != 5 {
		t.Errorf("the budget says %v", err)
	}
	plan := onePass(20)
	plan.Force = true
	out := measure(t, plan, a)
	// Now and then a port is free again at once, in one of some hundred runs.
	if s := out.Series[0]; s.Errors[AddressNotAvailable] < 8 || s.Errors[AddressNotAvailable]+s.Phases[Connect].N != 20 || out.Findings[0].Cause != PortExhaustion {
		t.Errorf("errors %v %s, findings %+v", s.Errors, s.OtherError, out.Findings)
	}
	b, err := ReadBudget(t.Context(), onePass(5), a)
	if err != nil || b.Verdict != Wait || b.TimeWait != 10 || b.Wait < 50*time.Second || b.Wait > timeWait {
		t.Errorf("now the budget is %+v, %v", b, err)
	}
}

// Source ports are the ones asked for, in turn, and come round in reuse.
func TestReusedPorts(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	seen := map[string]int{}
	a := raw(t, func(c *net.TCPConn) {
		seen[c.RemoteAddr().String()]++
		_, _ = c.Read(make([]byte, 4096))
		_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\n\r\n"))
		_ = c.Close()
	})
	plan := onePass(40)
	plan.Ports = SourcePorts{ReusePorts, 40000, 40003}
	s := measure(t, plan, a).Series[0]
	if s.Phases[Total].N != 40 || len(seen) != 4 || seen["127.0.0.1:40002"] != 10 {
		t.Errorf("errors %v %s, ports %v", s.Errors, s.OtherError, seen)
	}
}
