package probe

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// portStates asks the kernel (sock_diag) about source ports towards each address, for
// the network namespace of the process.
func portStates(addresses []netip.AddrPort) ([]PortState, error) {
	var low, high int
	if err := scanFile("/proc/sys/net/ipv4/ip_local_port_range", &low, &high); err != nil {
		return nil, err
	}
	reserved, err := reservedPorts(low, high)
	if err != nil {
		return nil, err
	}
	// 0 never, 1 reuse a port in TIME_WAIT after a second, 2 only on loopback.
	reuse := 0
	if err := scanFile("/proc/sys/net/ipv4/tcp_tw_reuse", &reuse); err != nil {
		return nil, err
	}
	states := make([]PortState, len(addresses))
	for i, a := range addresses {
		hold := timeWait
		if reuse == 1 || (reuse == 2 && a.Addr().IsLoopback()) {
			hold = time.Second
		}
		states[i] = PortState{Known: true, Low: low, High: high, Reserved: reserved, HoldsPort: hold}
	}
	for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
		sockets, err := netlink.SocketDiagTCP(family)
		switch {
		case errors.Is(err, unix.ENOENT), errors.Is(err, unix.EPROTONOSUPPORT): // no IPv6, or no inet_diag in this kernel
			if family == unix.AF_INET {
				return make([]PortState, len(addresses)), nil
			}
			continue
		case err != nil && !errors.Is(err, netlink.ErrDumpInterrupted): // sockets that come and go meanwhile are no fault
			return nil, fmt.Errorf("could not ask the kernel for the connections: %w", err)
		}
		count(sockets, addresses, states)
	}
	return states, nil
}

// count adds sockets to the states of the addresses they are connected to.
func count(sockets []*netlink.Socket, addresses []netip.AddrPort, states []PortState) {
	for _, s := range sockets {
		to, ok := netip.AddrFromSlice(s.ID.Destination)
		if !ok || s.State == netlink.TCP_LISTEN {
			continue
		}
		remote := netip.AddrPortFrom(to.Unmap(), s.ID.DestinationPort)
		for i, a := range addresses {
			switch {
			case a != remote:
			case s.State == netlink.TCP_TIME_WAIT:
				states[i].TimeWait = append(states[i].TimeWait, min(timeWait, time.Duration(s.Expires)*time.Millisecond))
			default:
				states[i].InUse++
			}
		}
	}
}

func scanFile(path string, into ...*int) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("could not read the port budget: %w", err)
	}
	fields := strings.Fields(string(data))
	if len(fields) < len(into) {
		return fmt.Errorf("could not read the port budget: %s holds %d numbers", path, len(fields))
	}
	for i := range into {
		if *into[i], err = strconv.Atoi(fields[i]); err != nil {
			return fmt.Errorf("could not read the port budget: %s: %w", path, err)
		}
	}
	return nil
}

// reservedPorts counts the ports within low to high that the kernel never
// chooses; the file lists them as "8080,9148-9150".
func reservedPorts(low, high int) (int, error) {
	data, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_reserved_ports")
	if err != nil {
		return 0, fmt.Errorf("could not read the port budget: %w", err)
	}
	n := 0
	for part := range strings.SplitSeq(strings.TrimSpace(string(data)), ",") {
		if part == "" {
			continue
		}
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		first, err1 := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err := errors.Join(err1, err2); err != nil {
			return 0, fmt.Errorf("could not read the reserved ports: %w", err)
		}
		n += max(0, min(last, high)-max(first, low)+1)
	}
	return n, nil
}
