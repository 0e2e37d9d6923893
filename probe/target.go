package probe

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"kpadvisor/plain"
)

// Kind says what a hit does once it is connected.
type Kind string

// The kinds.
const (
	HTTP Kind = "http" // HTTP/1.0 GET, read until the server closes
	TCP  Kind = "tcp"  // nothing: connect and close; the port stays in TIME_WAIT at this end
	// UDP is a DNS query from a fresh socket, until the first datagram comes back: there
	// is no connection. The kernel chooses the port at random among its range, so that
	// most queries are new to conntrack, which forgets one after 30 s.
	UDP Kind = "udp"
)

// Has reports whether a phase exists for targets of the kind.
func (k Kind) Has(p Phase) bool {
	switch k {
	case TCP:
		return p == Handshake || p == Connect
	case UDP:
		return p == Waiting || p == Total
	case HTTP:
	}
	return true
}

// Last is the phase that every good hit on a target of the kind has.
func (k Kind) Last() Phase {
	if k == TCP {
		return Connect
	}
	return Total
}

// Target is one thing to connect to.
type Target struct {
	Name    string `json:"name"`           // what tables call it, for instance "A" or "iptables"
	Address string `json:"address"`        // host:port or IP:port, as it was typed
	Kind    Kind   `json:"kind"`           // HTTP, TCP or UDP
	Path    string `json:"path,omitempty"` // of an HTTP target; empty is "/". Of a UDP target "/" and the name whose addresses are asked for; empty asks for the root's name servers
	Host    string `json:"host,omitempty"` // Host header of an HTTP target; empty is Address
	// Besides are further addresses, IP:port with a comma between two, that stand for
	// the same thing: hits go to Address and to each of them in turn, as a Service
	// spreads them.
	Besides string `json:"besides,omitempty"`
}

// MaxBesides is how many further addresses a target may have.
const MaxBesides = 63

// shownOfTarget is how much of a target is shown that is none.
const shownOfTarget = 60

// ParseTarget reads what a user types: "http://10.0.0.1:80/path",
// "tcp://10.0.0.1:80", "udp://10.0.0.1:53/name.to.ask.for" or "10.0.0.1:80", which is HTTP.
func ParseTarget(name, text string) (Target, error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return Target{}, fmt.Errorf("%q is no target such as http://10.96.0.10:80", plain.Line(text, shownOfTarget))
	}
	t := Target{Name: name, Address: u.Host, Kind: Kind(u.Scheme)}
	if u.User != nil || u.Fragment != "" {
		return Target{}, fmt.Errorf("target %q: user and fragment have no use here", text)
	}
	switch t.Kind {
	case HTTP:
		t.Path = u.RequestURI()
		if u.Port() == "" {
			t.Address = net.JoinHostPort(u.Hostname(), "80")
		}
	case UDP:
		if t.Path = u.Path; t.Path == "/" {
			t.Path = ""
		}
		if u.Port() == "" {
			t.Address = net.JoinHostPort(u.Hostname(), "53")
		}
		if u.RawQuery != "" {
			return Target{}, fmt.Errorf("target %q: a udp target has a name to ask for and nothing else", text)
		}
	case TCP:
		if u.RequestURI() != "/" && u.Path != "" {
			return Target{}, fmt.Errorf("target %q: a tcp target has no path", text)
		}
	}
	return t, t.Validate()
}

// Validate says in one sentence what is wrong with the target.
func (t Target) Validate() error {
	host, port, err := net.SplitHostPort(t.Address)
	if err != nil || host == "" {
		return fmt.Errorf("target %q is not host:port", t.Address)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("target %q: port %q is not a number from 1 to 65535", t.Address, port)
	}
	if t.Kind != HTTP && t.Kind != TCP && t.Kind != UDP {
		return fmt.Errorf("target %q: kind %q is none of http, tcp and udp", t.Address, t.Kind)
	}
	if t.Path != "" && !strings.HasPrefix(t.Path, "/") {
		return fmt.Errorf("target %q: path %q does not begin with /", t.Address, t.Path)
	}
	if !plain.Safe(t.Name) {
		return fmt.Errorf("the name of target %q holds control characters", t.Address)
	}
	if _, err := t.further(); err != nil {
		return err
	}
	if _, err := t.question(); err != nil {
		return err
	}
	// Whatever goes into the request must not be able to end a line of it.
	for _, part := range []string{t.Address, t.Path, t.Host} {
		if strings.Contains(part, " ") || !plain.Safe(part) {
			return fmt.Errorf("target %q holds a space or control character", t.Address)
		}
	}
	return nil
}

// resolve looks the host up once, before the run, so that no hit pays for a
// name; the first address wins. The target's further addresses follow it.
func (t Target) resolve(ctx context.Context) ([]netip.AddrPort, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	first, err := t.lookup(ctx)
	if err != nil {
		return nil, err
	}
	more, err := t.further()
	return append([]netip.AddrPort{first}, more...), err
}

// further reads the addresses besides the first.
func (t Target) further() ([]netip.AddrPort, error) {
	if t.Besides == "" {
		return nil, nil
	}
	list := strings.Split(t.Besides, ",")
	if len(list) > MaxBesides {
		return nil, fmt.Errorf("target %q has more than %d further addresses", t.Address, MaxBesides)
	}
	var all []netip.AddrPort
	for _, text := range list {
		a, err := netip.ParseAddrPort(text)
		if err != nil || a.Port() == 0 {
			return nil, fmt.Errorf("target %q: its further address %q is not IP:port", t.Address, text)
		}
		all = append(all, netip.AddrPortFrom(a.Addr().Unmap(), a.Port()))
	}
	return all, nil
}

func (t Target) lookup(ctx context.Context) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(t.Address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return netip.AddrPort{}, err
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		if err != nil {
			return netip.AddrPort{}, fmt.Errorf("could not resolve target %s: %w", t.Address, err)
		}
		if len(found) == 0 {
			return netip.AddrPort{}, fmt.Errorf("target %s has no address", t.Address)
		}
		addr = found[0]
	}
	return netip.AddrPortFrom(addr.Unmap(), uint16(number)), nil
}

// request is what an HTTP hit sends; nil for other kinds.
func (t Target) request() []byte {
	return t.ask("GET", "HTTP/1.0", "Connection: close\r\n")
}

// keptRequest is sent on a connection that is kept; its answer ends with its head.
func (t Target) keptRequest() []byte { return t.ask("HEAD", "HTTP/1.1", "") }

func (t Target) ask(method, version, more string) []byte {
	if t.Kind != HTTP {
		return nil
	}
	path, host := t.Path, t.Host
	if path == "" {
		path = "/"
	}
	if host == "" {
		host = t.Address
	}
	return []byte(method + " " + path + " " + version + "\r\nHost: " + host + "\r\nUser-Agent: kpadvisor\r\nAccept: */*\r\n" + more + "\r\n")
}
