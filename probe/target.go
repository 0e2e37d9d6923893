package probe

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Kind says what a hit does once it is connected.
type Kind string

// The kinds.
const (
	HTTP Kind = "http" // HTTP/1.0 GET, read until the server closes
	TCP  Kind = "tcp"  // nothing: connect and close; the port stays in TIME_WAIT at this end
)

// Target is one thing to connect to.
type Target struct {
	Name    string `json:"name"`           // what tables call it, for instance "A" or "iptables"
	Address string `json:"address"`        // host:port or IP:port, as it was typed
	Kind    Kind   `json:"kind"`           // HTTP or TCP
	Path    string `json:"path,omitempty"` // of an HTTP target; empty is "/"
	Host    string `json:"host,omitempty"` // Host header of an HTTP target; empty is Address
	// Besides are further addresses, IP:port with a comma between two, that stand for
	// the same thing: hits go to Address and to each of them in turn, as a Service
	// spreads them.
	Besides string `json:"besides,omitempty"`
}

// MaxBesides is how many further addresses a target may have.
const MaxBesides = 63

// ParseTarget reads what a user types: "http://10.0.0.1:80/path",
// "tcp://10.0.0.1:80" or "10.0.0.1:80", which is HTTP.
func ParseTarget(name, text string) (Target, error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return Target{}, fmt.Errorf("could not read the target: %w", err)
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
	if t.Kind != HTTP && t.Kind != TCP {
		return fmt.Errorf("target %q: kind %q is neither http nor tcp", t.Address, t.Kind)
	}
	if t.Path != "" && !strings.HasPrefix(t.Path, "/") {
		return fmt.Errorf("target %q: path %q does not begin with /", t.Address, t.Path)
	}
	if t.Name != clean(t.Name) {
		return fmt.Errorf("the name of target %q holds control characters", t.Address)
	}
	if _, err := t.further(); err != nil {
		return err
	}
	// Whatever goes into the request must not be able to end a line of it.
	for _, part := range []string{t.Address, t.Path, t.Host} {
		if strings.ContainsFunc(part, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
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

// request is what an HTTP hit sends; nil for TCP.
func (t Target) request() []byte {
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
	return []byte("GET " + path + " HTTP/1.0\r\nHost: " + host + "\r\nUser-Agent: kpadvisor\r\nAccept: */*\r\nConnection: close\r\n\r\n")
}
