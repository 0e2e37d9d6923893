package autopsy

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

// server is a virtual server of IPVS, with its real servers.
type server struct {
	protocol string // "tcp", "udp", "sctp"; empty of one for a firewall mark
	addr     netip.AddrPort
	real     map[netip.AddrPort]realServer
}

type realServer struct{ weight, active, inactive int }

// ipvsTable is what IPVS holds, and whose it is.
type ipvsTable struct {
	servers []server
	// sets are the addresses in kube-proxy's sets, and nodePorts the ports in those, as
	// "tcp:30080"; nil where they were not read.
	sets      map[endpointKey]bool
	nodePorts map[string]bool
	bound     map[netip.Addr]bool // to kube-proxy's device; nil where it was not read
	device    bool                // is there
}

type endpointKey struct {
	protocol string
	addr     netip.AddrPort
}

// parseIPVS reads /proc/net/ip_vs.
func parseIPVS(text string) []server {
	var all []server
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		switch {
		case len(f) >= 2 && (f[0] == "TCP" || f[0] == "UDP" || f[0] == "SCTP"):
			if a, ok := hexAddrPort(f[1]); ok {
				all = append(all, server{strings.ToLower(f[0]), a, map[netip.AddrPort]realServer{}})
			}
		case len(f) >= 2 && f[0] == "FWM":
			all = append(all, server{real: map[netip.AddrPort]realServer{}})
		case len(f) == 6 && f[0] == "->" && len(all) > 0:
			a, ok := hexAddrPort(f[1])
			weight, errW := strconv.Atoi(f[3])
			active, errA := strconv.Atoi(f[4])
			inactive, errI := strconv.Atoi(f[5])
			const most = 1 << 30
			ok = ok && errors.Join(errW, errA, errI) == nil
			if ok && min(weight, active, inactive) >= 0 && max(active, inactive) < most {
				all[len(all)-1].real[a] = realServer{weight, active, inactive}
			}
		}
	}
	return all
}

// hexAddrPort reads 0A60000A:0050, or [2001:0db8:...]:0050.
func hexAddrPort(text string) (netip.AddrPort, bool) {
	i := strings.LastIndexByte(text, ':')
	if i < 0 {
		return netip.AddrPort{}, false
	}
	return hexPair(strings.Trim(text[:i], "[]"), text[i+1:])
}

// hexPair reads an address and a port that stand apart.
func hexPair(addr, port string) (netip.AddrPort, bool) {
	p, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return netip.AddrPort{}, false
	}
	if strings.Contains(addr, ":") {
		a, err := netip.ParseAddr(addr)
		return netip.AddrPortFrom(a, uint16(p)), err == nil
	}
	n, err := strconv.ParseUint(addr, 16, 32)
	if err != nil || len(addr) != 8 {
		return netip.AddrPort{}, false
	}
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(n))
	return netip.AddrPortFrom(netip.AddrFrom4(b), uint16(p)), true
}

// readIPVS is what a report holds of IPVS; nil where it holds nothing.
func (e report) readIPVS() *ipvsTable {
	text, read := e.text("ipvs.services")
	if !read {
		return nil
	}
	t := &ipvsTable{servers: parseIPVS(text), device: e.hasDevice()}
	if text, read := e.text("ipset.save"); read {
		t.sets, t.nodePorts = map[endpointKey]bool{}, map[string]bool{}
		for line := range strings.Lines(text) {
			t.member(strings.Fields(line))
		}
	}
	if text, read := e.text("ipvs.addresses"); read {
		t.bound = map[netip.Addr]bool{}
		for line := range strings.Lines(text) {
			f := strings.Fields(line)
			for i := range f {
				if (f[i] == "inet" || f[i] == "inet6") && i+1 < len(f) {
					addr, _, _ := strings.Cut(f[i+1], "/")
					if a, err := netip.ParseAddr(addr); err == nil {
						t.bound[a] = true
					}
				}
			}
		}
	}
	return t
}

// member enters "add SET ENTRY" of ipset save.
func (t *ipvsTable) member(f []string) {
	if len(f) < 3 || f[0] != "add" || !isKubeSet(f[1]) {
		return
	}
	set := strings.Replace(f[1], "KUBE-6-", "KUBE-", 1)
	switch set {
	case "KUBE-CLUSTER-IP", "KUBE-EXTERNAL-IP", "KUBE-EXTERNAL-IP-LOCAL", "KUBE-LOAD-BALANCER",
		"KUBE-NODE-PORT-SCTP-HASH", "KUBE-NODE-PORT-LOCAL-SCTP-HASH":
		addr, rest, _ := strings.Cut(f[2], ",")
		protocol, port, _ := strings.Cut(rest, ":")
		a, err := netip.ParseAddr(addr)
		p, errP := strconv.ParseUint(port, 10, 16)
		if err == nil && errP == nil {
			t.sets[endpointKey{protocol, netip.AddrPortFrom(a, uint16(p))}] = true
		}
	case "KUBE-NODE-PORT-TCP", "KUBE-NODE-PORT-LOCAL-TCP", "KUBE-NODE-PORT-UDP", "KUBE-NODE-PORT-LOCAL-UDP":
		protocol := "tcp"
		if strings.HasSuffix(set, "UDP") {
			protocol = "udp"
		}
		t.nodePorts[protocol+":"+f[2]] = true
	}
}

// kubeProxys reports a virtual server that kube-proxy made: in its sets, or on its device.
// Where neither was read but the device is there, all that are not of a firewall mark pass
// for its own: kube-proxy removes those of others while it runs in IPVS mode.
func (t *ipvsTable) kubeProxys(v server) bool {
	switch {
	case v.protocol == "":
		return false
	case t.sets == nil && t.bound == nil:
		return t.device
	}
	return t.sets[endpointKey{v.protocol, v.addr}] || t.bound[v.addr.Addr()] ||
		t.nodePorts[v.protocol+":"+strconv.Itoa(int(v.addr.Port()))]
}
