package probe

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"
)

// portStates asks the kernel about source ports towards each address, for the
// network namespace of the process.
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
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // IPv6 can be switched off
		}
		if err != nil {
			return nil, fmt.Errorf("could not read the connections: %w", err)
		}
		err = countConnections(f, addresses, states)
		_ = f.Close()
		if err != nil {
			return nil, fmt.Errorf("could not read %s: %w", file, err)
		}
	}
	return states, nil
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

// countConnections adds the connections listed in r, the format of
// /proc/net/tcp, to the states of the addresses they go to.
func countConnections(r io.Reader, addresses []netip.AddrPort, states []PortState) error {
	const stateTimeWait, stateListen, tick = "06", "0A", 10 * time.Millisecond // timers count in USER_HZ
	lines := bufio.NewScanner(r)
	lines.Scan() // header
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 6 || f[3] == stateListen {
			continue
		}
		remote, ok := procAddress(f[2])
		if !ok {
			return fmt.Errorf("cannot read the address %q", f[2])
		}
		for i, a := range addresses {
			if a != remote {
				continue
			}
			if f[3] != stateTimeWait {
				states[i].InUse++
				continue
			}
			left := timeWait
			if _, when, ok := strings.Cut(f[5], ":"); ok {
				if n, err := strconv.ParseInt(when, 16, 64); err == nil {
					left = time.Duration(n) * tick
				}
			}
			states[i].TimeWait = append(states[i].TimeWait, left)
		}
	}
	return lines.Err()
}

// procAddress reads "0100007F:1F90": 32-bit words in the byte order of the
// machine, the port in hex.
func procAddress(text string) (netip.AddrPort, bool) {
	host, port, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(host)
	number, err2 := strconv.ParseUint(port, 16, 16)
	if err != nil || err2 != nil || (len(raw) != 4 && len(raw) != 16) {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	addr, _ := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(addr.Unmap(), uint16(number)), true
}
