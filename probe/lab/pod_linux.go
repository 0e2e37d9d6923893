package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"kpadvisor/probe/lab/rules"
)

// gateway is the address every pod routes through; the node has it on every veth.
func gateway() netip.Addr { return netip.MustParseAddr("169.254.1.1") }

// clientIP is the address of the client pod, which is the namespace the inner
// half was started in: everything that is not told otherwise measures from there.
func clientIP() netip.Addr { return netip.MustParseAddr("10.223.0.1") }

// end is one end of a veth pair.
type end struct {
	ns    *namespace
	link  string
	addrs []netip.Addr   // on the link, as /32
	dests []netip.Prefix // routed through the link
	via   netip.Addr     // next hop of dests; invalid: they are on the link
}

// wire joins two namespaces by a veth pair.
func wire(a, b end) error {
	err := a.ns.do(func() error {
		return withLinks(func(h *netlink.Handle) error {
			return h.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: a.link}, PeerName: b.link, PeerNamespace: netlink.NsFd(int(b.ns.file.Fd()))})
		})
	})
	if err != nil {
		return fmt.Errorf("could not make the veth pair %s: %w", a.link, err)
	}
	for _, e := range []end{a, b} {
		if err := e.ns.do(func() error { return withLinks(e.configure) }); err != nil {
			return fmt.Errorf("could not configure the link %s: %w", e.link, err)
		}
	}
	return nil
}

// configure gives the link its addresses and routes.
func (e end) configure(h *netlink.Handle) error {
	link, err := h.LinkByName(e.link)
	if err != nil {
		return err
	}
	for _, a := range e.addrs {
		if err := h.AddrAdd(link, &netlink.Addr{IPNet: ipNet(netip.PrefixFrom(a, 32))}); err != nil {
			return err
		}
	}
	if err := h.LinkSetUp(link); err != nil {
		return err
	}
	for _, d := range e.dests {
		r := &netlink.Route{LinkIndex: link.Attrs().Index, Dst: ipNet(d), Scope: netlink.SCOPE_LINK}
		if e.via.IsValid() {
			r.Gw, r.Scope, r.Flags = e.via.AsSlice(), netlink.SCOPE_UNIVERSE, int(netlink.FLAG_ONLINK)
		}
		if err := h.RouteAdd(r); err != nil {
			return fmt.Errorf("could not route %s: %w", d, err)
		}
	}
	return nil
}

// withLinks calls fn with a netlink socket of the calling thread's namespace.
func withLinks(fn func(*netlink.Handle) error) error {
	h, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer h.Close()
	return fn(h)
}

// linkUp and removeLink act on a link of the calling thread's namespace.
func linkUp(name string) error { return withLink(name, (*netlink.Handle).LinkSetUp) }

func removeLink(name string) error { return withLink(name, (*netlink.Handle).LinkDel) }

func withLink(name string, act func(*netlink.Handle, netlink.Link) error) error {
	return withLinks(func(h *netlink.Handle) error {
		link, err := h.LinkByName(name)
		if err != nil {
			return err
		}
		return act(h, link)
	})
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), 32)}
}

// backend is a pod that holds some of the live endpoints' addresses and serves
// HTTP on all of them.
type backend struct {
	ns     *namespace
	server net.Listener
}

// newBackend plugs a backend pod into a node.
func newBackend(node *namespace, name string, addrs []netip.Addr) (*backend, error) {
	return newPod(node, name, addrs, "ok\n")
}

// newPod is newBackend with what the pod answers.
func newPod(node *namespace, name string, addrs []netip.Addr, body string) (_ *backend, err error) {
	b := &backend{}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	if b.ns, err = newNamespace(); err != nil {
		return nil, err
	}
	routes := make([]netip.Prefix, len(addrs))
	for i, a := range addrs {
		routes[i] = netip.PrefixFrom(a, 32)
	}
	err = wire(end{ns: node, link: name, addrs: []netip.Addr{gateway()}, dests: routes},
		end{ns: b.ns, link: "eth0", addrs: addrs, dests: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}, via: gateway()})
	if err != nil {
		return nil, err
	}
	err = b.ns.do(func() error {
		b.server, err = new(net.ListenConfig).Listen(context.Background(), "tcp4", fmt.Sprintf("0.0.0.0:%d", rules.EndpointPort))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("could not serve in a backend pod: %w", err)
	}
	go acceptLoop(b.server, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(body), body))
	return b, nil
}

// acceptLoop answers every connection once, until the listener is closed.
// net/http would cost more than the rules do.
func acceptLoop(l net.Listener, answer string) {
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // the client went away first
		}
		go func() {
			defer c.Close()
			var request [1024]byte
			if n, err := c.Read(request[:]); n > 0 && err == nil {
				_, _ = c.Write([]byte(answer))
			}
		}()
	}
}

func (b *backend) close() {
	if b == nil {
		return
	}
	if b.server != nil {
		b.server.Close()
	}
	b.ns.close()
}
