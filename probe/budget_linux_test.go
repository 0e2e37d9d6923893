package probe

import (
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
)

func TestCount(t *testing.T) {
	socket := func(state uint8, ip net.IP, port uint16, expiresMs uint32) *netlink.Socket {
		return &netlink.Socket{State: state, Expires: expiresMs, ID: netlink.SocketID{Destination: ip, DestinationPort: port}}
	}
	here, there := net.IPv4(10, 0, 0, 2), net.ParseIP("fd00::2")
	sockets := []*netlink.Socket{
		socket(netlink.TCP_TIME_WAIT, here, 80, 15_000),
		socket(netlink.TCP_TIME_WAIT, here, 80, 90_000), // a timer that the kernel has not run yet
		socket(netlink.TCP_ESTABLISHED, here, 80, 0),
		socket(netlink.TCP_ESTABLISHED, here.To4(), 80, 0),
		socket(netlink.TCP_TIME_WAIT, here, 81, 15_000),
		socket(netlink.TCP_TIME_WAIT, net.IPv4(10, 0, 0, 3), 80, 15_000),
		socket(netlink.TCP_LISTEN, here, 80, 0),
		socket(netlink.TCP_ESTABLISHED, there, 80, 0),
		socket(netlink.TCP_ESTABLISHED, nil, 80, 0),
	}
	states := make([]PortState, 2)
	count(sockets, []netip.AddrPort{netip.MustParseAddrPort("10.0.0.2:80"), netip.MustParseAddrPort("[fd00::2]:80")}, states)
	if s := states[0]; s.InUse != 2 || !slices.Equal(s.TimeWait, []time.Duration{15 * time.Second, timeWait}) {
		t.Errorf("IPv4: %+v", s)
	}
	if s := states[1]; s.InUse != 1 || s.TimeWait != nil {
		t.Errorf("IPv6: %+v", s)
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
