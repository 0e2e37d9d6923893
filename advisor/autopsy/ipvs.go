package autopsy

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"kpadvisor/advisor"
)

// ipvs is what the tables of IPVS say; nil where they hold nothing.
func (e report) ipvs() *advisor.IPVSAutopsy {
	t := e.readIPVS()
	if t == nil || len(t.servers) == 0 {
		return nil
	}
	out := &advisor.IPVSAutopsy{VirtualServers: len(t.servers)}
	out.Foreign, out.ByMark = e.foreign(t)
	out.Lacking = e.lacking(t)
	again := e.again()
	for _, v := range t.servers {
		for addr, r := range v.real {
			switch {
			case r.weight > 0:
			case r.active+r.inactive > 0:
				out.Draining++
				out.Established += r.active
			case v.protocol == "tcp" && t.kubeProxys(v):
				out.Idle++
				if now, there := again[endpointKey{v.protocol, v.addr}][addr]; there && now == (realServer{}) {
					out.Stayed++
				}
			}
		}
	}
	if again != nil {
		out.Apart = e.apart()
	}
	out.Beginning = e.beginning(t, again)
	return out
}

// again is the second reading of IPVS, some time after the first; nil if there was none.
func (e report) again() map[endpointKey]map[netip.AddrPort]realServer {
	text, read := e.text("ipvs.services.2")
	if !read {
		return nil
	}
	out := map[endpointKey]map[netip.AddrPort]realServer{}
	for _, v := range parseIPVS(text) {
		out[endpointKey{v.protocol, v.addr}] = v.real
	}
	return out
}

// apart is how long the second reading was after the first, at least.
func (e report) apart() time.Duration {
	at := func(section string) float64 {
		text, _ := e.text(section)
		first, _, _ := strings.Cut(text, " ")
		x, err := strconv.ParseFloat(first, 64)
		if err != nil || !(x > 0 && x < 1e9) {
			return 0
		}
		return x
	}
	from, until := at("ipvs.services.at"), at("ipvs.services.2.at")
	if from == 0 || until < from || until-from > 86_400 {
		return 0
	}
	return time.Duration((until - from) * float64(time.Second))
}

// foreign counts virtual servers that are not kube-proxy's. Without its sets a port of a
// node cannot be told from one of somebody else, but for one of a firewall mark.
func (e report) foreign(t *ipvsTable) (foreign advisor.Fact[int], byMark int) {
	n := 0
	for _, v := range t.servers {
		switch {
		case v.protocol == "":
			byMark++
		case !t.kubeProxys(v):
			n++
		}
	}
	switch none := t.sets == nil && t.bound == nil && !t.device; {
	case t.sets == nil && none && e.sawNoSets():
	case t.sets == nil:
		return advisor.UnknownFor[int](advisor.NotAsked, ""), byMark
	case e.Mode.Value == advisor.IPVS && !e.still():
		return advisor.UnknownFor[int](advisor.Late, ""), byMark
	}
	return advisor.KnownFrom(n+byMark, advisor.NodeReportSource), byMark
}

// sawNoSets reports that there is no set at all.
func (e report) sawNoSets() bool {
	names, read := e.text("ipset.names")
	return read && !strings.Contains(names, "KUBE-") || e.notLoaded("ipset.names")
}

// lacking counts addresses of Services in IPVS mode that no virtual server answers.
func (e report) lacking(t *ipvsTable) advisor.Fact[int] {
	if t.sets == nil || e.Mode.Value != advisor.IPVS {
		return advisor.Fact[int]{}
	}
	if !e.still() {
		return advisor.UnknownFor[int](advisor.Late, "")
	}
	there := map[endpointKey]bool{}
	for _, v := range t.servers {
		there[endpointKey{v.protocol, v.addr}] = true
	}
	n := 0
	for key := range t.sets {
		if !there[key] {
			n++
		}
	}
	return advisor.KnownFrom(n, advisor.NodeReportSource)
}

// beginning counts connections of which clients still send the first packet, and that IPVS
// sends to a real server that gets no new ones: of weight 0, or no longer there. The table
// of connections is read between both readings of the virtual servers, and what is said
// holds in both.
func (e report) beginning(t *ipvsTable, again map[endpointKey]map[netip.AddrPort]realServer) advisor.Fact[int] {
	text, read := e.text("ipvs.connections")
	if !read || again == nil {
		return advisor.Fact[int]{}
	}
	before := map[endpointKey]map[netip.AddrPort]realServer{}
	for _, v := range t.servers {
		before[endpointKey{v.protocol, v.addr}] = v.real
	}
	n := 0
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 8 || f[0] != "TCP" || f[7] != "SYN_RECV" {
			continue
		}
		to, okTo := hexPair(f[3], f[4])
		dest, okDest := hexPair(f[5], f[6])
		key := endpointKey{"tcp", to}
		a, knownA := before[key]
		b, knownB := again[key]
		if okTo && okDest && knownA && knownB && a[dest].weight == 0 && b[dest].weight == 0 {
			n++
		}
	}
	return advisor.KnownFrom(n, advisor.NodeReportSource)
}
