package probe

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestCountConnections(t *testing.T) {
	word := func(ip string) string { // as the kernel prints it
		a := netip.MustParseAddr(ip).As4()
		return fmt.Sprintf("%08X", binary.NativeEndian.Uint32(a[:]))
	}
	line := func(remote string, port int, state, timer string) string {
		return fmt.Sprintf("   0: %s:1F90 %s:%04X %s 00000000:00000000 %s 00000000 0 0 1\n", word("10.0.0.1"), remote, port, state, timer)
	}
	table := "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n" +
		line(word("10.0.0.2"), 80, "06", "03:000005DC") + // 15 s left
		line(word("10.0.0.2"), 80, "01", "00:00000000") +
		line(word("10.0.0.2"), 81, "06", "03:000005DC") +
		line(word("10.0.0.3"), 80, "06", "03:000005DC") +
		line(word("0.0.0.0"), 0, "0A", "00:00000000")
	states := make([]PortState, 1)
	if err := countConnections(strings.NewReader(table), []netip.AddrPort{netip.MustParseAddrPort("10.0.0.2:80")}, states); err != nil {
		t.Fatal(err)
	}
	if s := states[0]; s.InUse != 1 || len(s.TimeWait) != 1 || s.TimeWait[0] != 15*time.Second {
		t.Errorf("got %+v", s)
	}
	if err := countConnections(strings.NewReader("h\n 0: xx yy 01 a b\n"), nil, nil); err == nil {
		t.Error("an unreadable line passes")
	}
}

// The kernel's own table: a connection closed here first is found in TIME_WAIT.
func TestPortStates(t *testing.T) {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		l, err = net.Listen("tcp4", "127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	address := netip.MustParseAddrPort(l.Addr().String())
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	read := func() PortState {
		states, err := portStates([]netip.AddrPort{address})
		if err != nil {
			t.Fatal(err)
		}
		return states[0]
	}
	if s := read(); !s.Known || s.InUse != 1 || s.High <= s.Low {
		t.Errorf("while connected: %+v", s)
	}
	_ = c.Close()
	_, _ = accepted.Read(make([]byte, 1)) // until the close is here
	_ = accepted.Close()
	deadline := time.Now().Add(5 * time.Second)
	for len(read().TimeWait) == 0 && time.Now().Before(deadline) {
	}
	if s := read(); len(s.TimeWait) != 1 || s.InUse != 0 || s.TimeWait[0] > timeWait || s.TimeWait[0] < 50*time.Second {
		t.Errorf("after the close: %+v", s)
	}
}

func FuzzCountConnections(f *testing.F) {
	f.Add("h\n   0: 0100007F:1F90 0200000A:0050 06 00000000:00000000 03:000005DC 0 0 0 1\n")
	f.Fuzz(func(_ *testing.T, table string) {
		_ = countConnections(strings.NewReader(table), make([]netip.AddrPort, 1), make([]PortState, 1))
	})
}
