package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kpadvisor/probe/lab/rules"
)

// lanesShape is large enough that no position is next to another.
func lanesShape() rules.Shape { return rules.Shape{Services: 100, Endpoints: 3, Seed: 2} }

// TestLanesReachTheirPlace: a connection to the Service at a position is answered by
// the endpoints of exactly that Service and by all of them; the rule that it takes
// stands at that place among the kernel's; and the kernel holds as many rules as
// the lab says.
func TestLanesReachTheirPlace(t *testing.T) {
	ctx := within(t, 2*time.Minute)
	needs(ctx, t, IPTablesLegacy, IPTablesNFT, NFTables)
	cmd := exec.CommandContext(ctx, "/proc/self/exe", "-test.run=^TestLanesInside$", "-test.v")
	cmd.Env = append(os.Environ(), lanesVariable+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWIPC, Pdeathsig: unix.SIGKILL,
	}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

// TestUserModeLinuxLanesReachTheirPlace has IPVS too.
func TestUserModeLinuxLanesReachTheirPlace(t *testing.T) {
	besideOthers(t)
	t.Logf("%s", inGuestWith(t, []string{lanesVariable + "=ipvs"}, "-test.run=^TestLanesInside$", "-test.v"))
}

const lanesVariable = "KPADVISOR_LANES_INSIDE"

func TestLanesInside(t *testing.T) {
	modes := []Mode{Bare, Direct, IPTablesLegacy, IPTablesNFT, NFTables}
	switch os.Getenv(lanesVariable) {
	case "":
		t.Skip("is started by TestLanesReachTheirPlace in namespaces of its own")
	case "ipvs":
		modes = append(modes, IPVS)
	}
	if err := prepareInner(); err != nil {
		t.Fatal(err)
	}
	client, err := currentNamespace()
	if err != nil {
		t.Fatal(err)
	}
	defer client.close()
	if err := errors.Join(prepareNamespace(), oneTimestampClock()); err != nil {
		t.Fatal(err)
	}
	for _, m := range modes {
		t.Run(string(m), func(t *testing.T) { lanes(t, client, m) })
	}
}

func lanes(t *testing.T, client *namespace, m Mode) {
	shape := lanesShape()
	n, err := newNode(client, m, shape.Endpoints, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer n.close()
	if _, err := n.program(t.Context(), shape.List(n.cluster)); err != nil {
		t.Fatal(err)
	}
	sameRules(t, n)
	defer isTracked(t, n)
	port := 20_000 + 1000*n.cluster // of the client, each once: pods keep the connections of all positions
	taken := map[int]int64{}        // packets that the rule at a place had seen before
	for _, p := range rules.Positions() {
		want := map[netip.AddrPort]bool{}
		for _, e := range n.services[shape.Index(p)].Endpoints {
			want[e.Addr] = true
		}
		if !m.hasRules() {
			want = map[netip.AddrPort]bool{n.target(shape, p): true}
		}
		// One of three endpoints that are chosen at random is missed by 1 in 10^10.
		got := answeredBy(t, n, n.target(shape, p), port, 60)
		port += 60
		if len(got) != len(want) {
			t.Errorf("%s: answered by %v, not by %v", p, got, want)
		}
		for a := range got {
			if !want[a] {
				t.Errorf("%s: answered by %v, not by %v", p, got, want)
			}
		}
		if m != IPTablesLegacy && m != IPTablesNFT {
			continue
		}
		for place, packets := range counters(t, n) {
			if is := packets > taken[place]; is != (place == shape.Index(p)) {
				t.Errorf("%s, %d Services: the rule at place %d took %d packets", p, shape.Services, place, packets-taken[place])
			}
			taken[place] = packets
		}
	}
}

// isTracked looks at conntrack after connections: Direct is tracked as every mode is,
// and Bare is not, which is the whole difference between them.
func isTracked(t *testing.T, n *node) {
	t.Helper()
	var text []byte
	err := n.ns.do(func() (err error) {
		text, err = os.ReadFile("/proc/sys/net/netfilter/nf_conntrack_count")
		return err
	})
	entries, notNumber := strconv.Atoi(strings.TrimSpace(string(text)))
	if err := errors.Join(err, notNumber); err != nil {
		t.Fatal(err)
	}
	if (entries > 0) != (n.mode != Bare) {
		t.Errorf("%d connections are tracked", entries)
	}
}

// answeredBy connects and asks so many times, from this port on, and says which addresses of pods that
// led to: those that are in TIME_WAIT there, for the pod ends a connection.
func answeredBy(t *testing.T, n *node, to netip.AddrPort, port, times int) map[netip.AddrPort]bool {
	t.Helper()
	from := map[netip.AddrPort]bool{}
	for i := range times {
		from[askOnce(t, to, port+i)] = true
	}
	at := map[netip.AddrPort]bool{}
	for _, b := range n.backends {
		var sockets []byte
		err := b.ns.do(func() (err error) {
			sockets, err = os.ReadFile("/proc/thread-self/net/tcp")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(string(sockets)) {
			f := strings.Fields(l)
			if here, ok := procAddr(f[1]); ok {
				if peer, ok := procAddr(f[2]); ok && from[peer] {
					delete(from, peer)
					at[here] = true
				}
			}
		}
	}
	if len(from) > 0 {
		t.Errorf("no pod knows the connections from %v", from)
	}
	return at
}

// askOnce makes a connection from a port, waits for its answer and says from where it was.
func askOnce(t *testing.T, to netip.AddrPort, port int) netip.AddrPort {
	t.Helper()
	dialer := net.Dialer{Timeout: 30 * time.Second, LocalAddr: &net.TCPAddr{IP: clientIP().AsSlice(), Port: port}}
	c, err := dialer.Dial("tcp4", to.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("GET / HTTP/1.1\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	var answer bytes.Buffer
	if _, err := answer.ReadFrom(c); err != nil || !strings.HasSuffix(answer.String(), "ok\n") {
		t.Fatalf("%s answered %q, %v", to, &answer, err)
	}
	return c.LocalAddr().(*net.TCPAddr).AddrPort()
}

// procAddr reads an address of /proc/net/tcp: hexadecimal, the address in the
// machine's byte order.
func procAddr(text string) (netip.AddrPort, bool) {
	var a [4]byte
	var port uint16
	_, err := fmt.Sscanf(text, "%02X%02X%02X%02X:%04X", &a[3], &a[2], &a[1], &a[0], &port)
	return netip.AddrPortFrom(netip.AddrFrom4(a), port), err == nil
}

// counters are the packets that each rule of KUBE-SERVICES for a Service has seen,
// by its place.
func counters(t *testing.T, n *node) map[int]int64 {
	t.Helper()
	packets, place := map[int]int64{}, 0
	for l := range strings.Lines(saved(t, n, "-c", "-t", "nat")) {
		if !strings.Contains(l, "-A KUBE-SERVICES ") || strings.Contains(l, "-j KUBE-NODEPORTS") {
			continue
		}
		var seen int64
		if _, err := fmt.Sscanf(l, "[%d:", &seen); err != nil {
			t.Fatal(err)
		}
		packets[place] = seen
		place++
	}
	if place != len(n.services) {
		t.Errorf("%d rules of %d Services", place, len(n.services))
	}
	return packets
}

// sameRules compares the number of rules the kernel lists with the lab's.
func sameRules(t *testing.T, n *node) {
	t.Helper()
	var held int
	switch n.mode {
	case Bare, Direct:
		return
	case NFTables:
		held = strings.Count(output(t, n, "nft", "-j", "list", "table", "ip", rules.NFTablesTable), `{"rule": `)
	default:
		held = strings.Count("\n"+saved(t, n), "\n-A ")
	}
	if said := n.plane.counts(n.services).Rules; held != said {
		t.Errorf("the kernel holds %d rules, the lab says %d", held, said)
	}
}

// saved is what iptables-save prints of the node's rules.
func saved(t *testing.T, n *node, args ...string) string {
	t.Helper()
	backend := "iptables-legacy-save"
	if n.mode == IPTablesNFT {
		backend = "iptables-nft-save"
	}
	return output(t, n, backend, args...)
}

func output(t *testing.T, n *node, name string, args ...string) string {
	t.Helper()
	var out []byte
	err := n.ns.do(func() (err error) {
		out, err = exec.CommandContext(context.Background(), name, args...).Output()
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(out)
}
