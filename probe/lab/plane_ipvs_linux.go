package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"time"

	"github.com/moby/ipvs"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"kpadvisor/plain"
	"kpadvisor/probe/lab/rules"
)

// dummyDevice holds the ClusterIPs, which makes their packets local and so
// brings them to IPVS.
const dummyDevice = "kube-ipvs0"

// ipvsPlane programs IPVS and what kube-proxy keeps around it.
type ipvsPlane struct {
	restore []string // iptables-restore
	ipset   string
	ipvs    *ipvs.Handle
	links   *netlink.Handle
	dummy   netlink.Link
	leaving []leavingServer
}

// newIPVSPlane is called in the node's namespace; its sockets stay there.
func newIPVSPlane() (_ plane, err error) {
	p := &ipvsPlane{}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	if p.restore, err = findRestore(IPTablesLegacy); err != nil {
		if p.restore, err = findRestore(IPTablesNFT); err != nil {
			return nil, err
		}
	}
	if p.ipset, err = exec.LookPath("ipset"); err != nil {
		return nil, plain.Fail("ipset is not installed", "install the package ipset", nil)
	}
	// Asking for the family has the module loaded, if there is one. The library
	// would print to stderr that there is none.
	if _, err = netlink.GenlFamilyGet("IPVS"); err != nil {
		return nil, noIPVS(err)
	}
	if p.ipvs, err = ipvs.New(""); err != nil {
		return nil, noIPVS(err)
	}
	if p.links, err = netlink.NewHandle(unix.NETLINK_ROUTE); err != nil {
		return nil, err
	}
	return p, p.prepare()
}

func noIPVS(err error) error {
	return plain.Fail("this kernel has no IPVS (ip_vs)",
		"load it as root with modprobe ip_vs ip_vs_rr, or run the lab in user-mode Linux: --in uml", err)
}

// prepare makes the dummy device and sets the sysctls kube-proxy sets.
// conn_reuse_mode it leaves alone since kernel 5.9, and so does the lab.
func (p *ipvsPlane) prepare() error {
	if err := p.links.LinkAdd(&netlink.Dummy{LinkAttrs: netlink.LinkAttrs{Name: dummyDevice}}); err != nil {
		return fmt.Errorf("could not make the dummy device %s: %w", dummyDevice, err)
	}
	link, err := p.links.LinkByName(dummyDevice)
	if err != nil {
		return err
	}
	p.dummy = link
	for _, name := range []string{"conntrack", "expire_nodest_conn", "expire_quiescent_template"} {
		if err := setIPVS(name, 1); err != nil {
			return err
		}
	}
	return nil
}

// plan has no partial form in kube-proxy: after the first, every sync reads
// every virtual server twice and its real servers once, then changes what
// differs, and feeds iptables-restore.
func (p *ipvsPlane) plan(c rules.Change) work {
	sets, filters := rules.IPSetInput(c), rules.IPVSRules(c)
	return func(ctx context.Context) error {
		if err := p.reread(ctx, c.Old); err != nil {
			return err
		}
		if err := runTool(ctx, sets, p.ipset, "restore", "-exist"); err != nil {
			return err
		}
		if err := p.servers(ctx, c); err != nil {
			return err
		}
		return runTool(ctx, filters, p.restore...)
	}
}

// servers brings the virtual servers to what is wanted.
func (p *ipvsPlane) servers(ctx context.Context, c rules.Change) error {
	type place struct {
		protocol string
		addr     netip.AddrPort
	}
	was := make(map[place]rules.VirtualServer, len(c.Gone))
	for _, s := range c.Gone {
		for _, v := range s.VirtualServers() {
			was[place{v.Protocol, v.Addr}] = v
		}
	}
	for _, s := range c.Changed {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, v := range s.VirtualServers() {
			at := place{v.Protocol, v.Addr}
			old, known := was[at]
			delete(was, at)
			if err := p.server(v, old, known); err != nil {
				return fmt.Errorf("could not program the virtual server %s of %s: %w", v.Addr, s, err)
			}
		}
	}
	for _, v := range was {
		if err := p.remove(v); err != nil {
			return fmt.Errorf("could not remove the virtual server %s: %w", v.Addr, err)
		}
	}
	return nil
}

// reread is the reading kube-proxy does at every sync.
func (p *ipvsPlane) reread(ctx context.Context, services []rules.Service) error {
	for _, s := range services {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, v := range s.VirtualServers() {
			vs := virtualServer(v)
			for range 2 {
				if _, err := p.ipvs.GetService(vs); err != nil {
					return fmt.Errorf("could not read the virtual server %s of %s: %w", v.Addr, s, err)
				}
			}
			if _, err := p.ipvs.GetDestinations(vs); err != nil {
				return fmt.Errorf("could not read the real servers of %s: %w", s, err)
			}
		}
	}
	return nil
}

// server adds a virtual server, or changes its real servers.
func (p *ipvsPlane) server(v, old rules.VirtualServer, known bool) error {
	vs := virtualServer(v)
	switch {
	case !known:
		if err := p.ipvs.NewService(vs); err != nil {
			return err
		}
		if v.Bound {
			if err := p.links.AddrAdd(p.dummy, dummyAddr(v)); err != nil && !errors.Is(err, unix.EEXIST) {
				return err
			}
		}
	case v.Affinity != old.Affinity:
		if err := p.ipvs.UpdateService(vs); err != nil {
			return err
		}
	}
	before := make(map[netip.AddrPort]bool, len(old.Endpoints))
	for _, e := range old.Endpoints {
		before[e.Addr] = true
	}
	for _, e := range v.Endpoints {
		if !before[e.Addr] {
			if err := p.take(vs, realServer(e)); err != nil {
				return err
			}
		}
		delete(before, e.Addr)
	}
	for a := range before {
		if err := p.leave(vs, realServer(rules.Endpoint{Addr: a})); err != nil {
			return err
		}
	}
	return nil
}

func (p *ipvsPlane) remove(v rules.VirtualServer) error {
	vs := virtualServer(v)
	p.forget(vs)
	if err := p.ipvs.DelService(vs); err != nil || !v.Bound {
		return err
	}
	return p.links.AddrDel(p.dummy, dummyAddr(v))
}

func dummyAddr(v rules.VirtualServer) *netlink.Addr {
	return &netlink.Addr{IPNet: ipNet(netip.PrefixFrom(v.Addr.Addr(), 32))}
}

func virtualServer(v rules.VirtualServer) *ipvs.Service {
	s := &ipvs.Service{
		AddressFamily: unix.AF_INET, Protocol: protocolNumber(v.Protocol), Address: net.IP(v.Addr.Addr().AsSlice()), Port: v.Addr.Port(),
		SchedName: ipvs.RoundRobin, Netmask: 0xffffffff,
	}
	if v.Affinity > 0 {
		s.Flags, s.Timeout = persistent, uint32(v.Affinity/time.Second)
	}
	return s
}

func protocolNumber(name string) uint16 {
	switch name {
	case "udp":
		return unix.IPPROTO_UDP
	case "sctp":
		return unix.IPPROTO_SCTP
	}
	return unix.IPPROTO_TCP
}

// persistent is IP_VS_SVC_F_PERSISTENT (linux/ip_vs.h): a client keeps its real server.
const persistent = 1

func realServer(e rules.Endpoint) *ipvs.Destination {
	return &ipvs.Destination{
		AddressFamily: unix.AF_INET, Address: net.IP(e.Addr.Addr().AsSlice()), Port: e.Addr.Port(), Weight: 1,
		ConnectionFlags: ipvs.ConnectionFlagMasq,
	}
}

func (p *ipvsPlane) counts(services []rules.Service) Counts {
	r, chains := rules.CountLines(rules.IPVSRules(rules.Diff(nil, services)))
	n := Counts{Rules: r, Chains: chains, Elements: rules.IPSetElements(services)}
	for _, s := range services {
		for _, v := range s.VirtualServers() {
			n.VirtualServers++
			n.RealServers += len(v.Endpoints)
		}
	}
	return n
}

func (p *ipvsPlane) close() {
	if p.ipvs != nil {
		p.ipvs.Close()
	}
	if p.links != nil {
		p.links.Close()
	}
}
