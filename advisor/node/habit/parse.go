package habit

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// ParseIPVS reads a line of /proc/net/ip_vs_conn, addresses and ports in hexadecimal
// (ip_vs_conn_seq_show in ip_vs_conn.c); ok is false for the heading and for templates:
//
//	TCP 0ADF0001 4E20 0A60000A 0050 0AC00001 1F90 TIME_WAIT     119
func ParseIPVS(line []byte) (e IPVSEntry, ok bool) {
	var f [9][]byte
	if n := fields(line, f[:]); n < 9 {
		return e, false
	}
	from, okFrom := hexAddress(f[1], f[2])
	to, okTo := hexAddress(f[3], f[4])
	server, okServer := hexAddress(f[5], f[6])
	left, err := strconv.ParseUint(string(f[8]), 10, 31)
	if !okFrom || !okTo || !okServer || err != nil || from.Port() == 0 {
		return e, false
	}
	e = IPVSEntry{Flow: Flow{From: from, To: to, Server: server}, TCP: string(f[0]) == "TCP", Left: time.Duration(left) * time.Second}
	if e.TCP {
		e.State = stateNamed(string(f[7]))
	}
	return e, true
}

// fields are the first fields of a line: into holds as many as it can.
func fields(line []byte, into [][]byte) (n int) {
	for n < len(into) {
		line = bytes.TrimLeft(line, " \t")
		if len(line) == 0 {
			return n
		}
		end := bytes.IndexAny(line, " \t")
		if end < 0 {
			end = len(line)
		}
		into[n], line = line[:end], line[end:]
		n++
	}
	return n
}

// hexAddress reads 0ADF0001, or an address of IPv6 in brackets, and a port.
func hexAddress(address, port []byte) (netip.AddrPort, bool) {
	p, err := strconv.ParseUint(string(port), 16, 16)
	if err != nil {
		return netip.AddrPort{}, false
	}
	if len(address) == 8 {
		var ip [4]byte
		if _, err := hex.Decode(ip[:], address); err != nil {
			return netip.AddrPort{}, false
		}
		return netip.AddrPortFrom(netip.AddrFrom4(ip), uint16(p)), true
	}
	a, err := netip.ParseAddr(string(bytes.Trim(address, "[]")))
	if err != nil || a.Zone() != "" {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(a, uint16(p)), true
}

// stateNamed is the state of a name that conntrack and IPVS have for it.
func stateNamed(name string) State {
	switch name {
	case "SYN_SENT":
		return SynSent
	case "SYN_RECV", "SYNACK":
		return SynRecv
	case "ESTABLISHED":
		return Established
	case "FIN_WAIT":
		return FinWait
	case "CLOSE_WAIT":
		return CloseWait
	case "LAST_ACK":
		return LastAck
	case "TIME_WAIT":
		return TimeWait
	case "CLOSE":
		return Close
	case "SYN_SENT2":
		return SynSent2
	}
	return None
}

// Kind says what a line of conntrack tells.
type Kind int

// The kinds.
const (
	Listed  Kind = iota // an entry of the table
	Begun               // an event NEW
	Changed             // an event UPDATE
	Gone                // an event DESTROY
)

// Tracked is a line of conntrack.
type Tracked struct {
	Kind  Kind
	At    time.Duration // since the epoch; of events
	Flow  Flow
	State State
	Left  time.Duration
}

// ParseConntrack reads a line of TCP of /proc/net/nf_conntrack, of "conntrack -L" or of
// "conntrack -E -o timestamp"; ok is false for any other, and for those in a zone of their
// own, which are tracked a second time:
//
//	ipv4     2 tcp      6 117 TIME_WAIT src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=...
//	[1764434343.123456]	    [NEW] tcp      6 120 SYN_SENT src=10.0.0.1 dst=...
func ParseConntrack(line string) (t Tracked, ok bool) {
	words := strings.Fields(line)
	at := 0
	next := func() string {
		if at == len(words) {
			return ""
		}
		at++
		return words[at-1]
	}
	word := next()
	if stamp, is := strings.CutPrefix(word, "["); is && len(stamp) > 0 && stamp[0] >= '0' && stamp[0] <= '9' {
		seconds, err := strconv.ParseFloat(strings.TrimSuffix(stamp, "]"), 64)
		if err != nil || !(seconds >= 0 && seconds < 9e9) {
			return t, false
		}
		t.At, word = time.Duration(seconds*float64(time.Second)), next()
	}
	switch word {
	case "[NEW]":
		t.Kind, word = Begun, next()
	case "[UPDATE]":
		t.Kind, word = Changed, next()
	case "[DESTROY]":
		t.Kind, word = Gone, next()
	case "ipv4", "ipv6":
		next()
		word = next()
	}
	if word != "tcp" || next() != "6" {
		return t, false
	}
	if t.Kind != Gone {
		left, err := strconv.ParseUint(next(), 10, 31)
		if err != nil {
			return t, false
		}
		t.Left = time.Duration(left) * time.Second
		t.State = stateNamed(next())
	}
	t.Flow, ok = flow(words[at:])
	return t, ok
}

// flow reads both directions of a connection.
func flow(words []string) (f Flow, ok bool) {
	var address [4]netip.Addr
	var port [4]uint16
	addresses, ports := 0, 0
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "src", "dst":
			a, err := netip.ParseAddr(value)
			if err != nil || addresses == 4 || a.Zone() != "" {
				return f, false
			}
			address[addresses] = a
			addresses++
		case "sport", "dport":
			p, err := strconv.ParseUint(value, 10, 16)
			if err != nil || ports == 4 {
				return f, false
			}
			port[ports] = uint16(p)
			ports++
		case "zone", "zone-orig", "zone-reply":
			if value != "0" {
				return f, false
			}
		}
	}
	if addresses < 2 || ports < 2 {
		return f, false
	}
	f.From, f.To = netip.AddrPortFrom(address[0], port[0]), netip.AddrPortFrom(address[1], port[1])
	if addresses == 4 && ports == 4 {
		f.Server = netip.AddrPortFrom(address[2], port[2])
	}
	return f, true
}

// Opens is ActiveOpens of /proc/net/snmp: how many connections a network namespace began.
func Opens(snmp []byte) (n uint64, ok bool) {
	var names []string
	for line := range bytes.Lines(snmp) {
		words := strings.Fields(string(line[:min(len(line), 4<<10)]))
		if len(words) == 0 || words[0] != "Tcp:" {
			continue
		}
		if names == nil {
			names = words
			continue
		}
		for i, name := range names {
			if name == "ActiveOpens" && i < len(words) {
				n, err := strconv.ParseUint(words[i], 10, 63)
				return n, err == nil
			}
		}
	}
	return 0, false
}

// Conns is the sum of the rows of the CPUs of /proc/net/ip_vs_stats_percpu, whose first
// column is hexadecimal. The row of the total lags behind them.
func Conns(percpu []byte) (sum uint64, ok bool) {
	rows := 0
	for line := range bytes.Lines(percpu) {
		var f [7][]byte
		if fields(bytes.TrimSpace(line), f[:]) != 6 || string(f[0]) == "~" || string(f[0]) == "CPU" {
			continue
		}
		cpu, err := strconv.ParseUint(string(f[0]), 16, 16)
		n, errN := strconv.ParseUint(string(f[1]), 16, 63)
		if err != nil || errN != nil || cpu > 1<<14 || rows > 1<<14 || sum+n < sum {
			return 0, false
		}
		sum += n
		rows++
	}
	return sum, rows > 0
}

// Sockets counts the sockets of a network namespace.
type Sockets struct {
	listening map[string]bool // by their port
	open      map[string]int
}

// Add reads /proc/net/tcp or tcp6, of which a line is
//
//	0: 0100007F:0CEA 00000000:0000 0A ...
func (s *Sockets) Add(text []byte) {
	if s.open == nil {
		s.listening, s.open = map[string]bool{}, map[string]int{}
	}
	for line := range bytes.Lines(text) {
		var f [4][]byte
		if fields(line, f[:]) < 4 {
			continue
		}
		_, port, _ := bytes.Cut(f[1], []byte(":"))
		if len(port) != 4 {
			continue
		}
		switch string(f[3]) {
		case "01": // TCP_ESTABLISHED
			s.open[string(port)]++
		case "0A": // TCP_LISTEN
			s.listening[string(port)] = true
		}
	}
}

// Begun is how many of those that are established were begun here: not at a port that
// is listened at.
func (s *Sockets) Begun() int {
	n := 0
	for port, open := range s.open {
		if !s.listening[port] {
			n += open
		}
	}
	return n
}
