package cli

import (
	"context"
	"fmt"
	"net/netip"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/ui/tui/measure/tools"
)

// clusterBench is what can be measured in the cluster, for the screens.
type clusterBench struct {
	live
	leaving func(what string)
}

// Leaving implements [tools.ClusterBench].
func (b clusterBench) Leaving(what string) { b.leaving(what) }

// Offers implements [tools.ClusterBench].
func (b clusterBench) Offers(ctx context.Context) ([]tools.Offer, error) {
	ports, err := b.client.ServicePorts(ctx)
	if err != nil && len(ports) == 0 {
		return nil, err
	}
	return offersOf(ports, b.reading().Facts.Groups, b.client), nil
}

// addresses finds those that a list of Services does not hold.
type addresses interface {
	EndpointOf(ctx context.Context, p cluster.ServicePort) (netip.AddrPort, error)
	NodeIP(ctx context.Context, node string) (netip.Addr, error)
}

// offersOf makes an offer of each port: with a pod behind it as control; and of
// a NodePort on two nodes alike but for the mode, where there are such.
func offersOf(ports []cluster.ServicePort, groups []advisor.NodeGroup, find addresses) []tools.Offer {
	a, b, differ := twoModes(groups)
	var out []tools.Offer
	for _, p := range ports {
		name := p.Namespace + "/" + p.Service
		if p.Name != "" {
			name += ":" + p.Name
		}
		out = append(out, tools.Offer{Name: name, What: p.At.String() + " and a pod behind it", Ends: func(ctx context.Context) (tools.Ends, error) {
			pod, err := find.EndpointOf(ctx, p)
			return tools.Ends{A: p.At.String(), B: pod.String()}, err
		}})
		if p.NodePort == 0 || !differ {
			continue
		}
		what := fmt.Sprintf("NodePort %d on %s (%s) and %s (%s)", p.NodePort, a.node, a.mode, b.node, b.mode)
		out = append(out, tools.Offer{Name: name, What: what, Ends: func(ctx context.Context) (tools.Ends, error) {
			return nodePortEnds(ctx, p.NodePort, a, b, find)
		}})
	}
	return out
}

// nodeOf is a node that stands for its group.
type nodeOf struct {
	node string
	mode advisor.Mode
}

func nodePortEnds(ctx context.Context, port int, a, b nodeOf, find addresses) (tools.Ends, error) {
	ends := tools.Ends{ModeA: a.mode, ModeB: b.mode}
	for _, n := range []struct {
		node string
		into *string
	}{{a.node, &ends.A}, {b.node, &ends.B}} {
		ip, err := find.NodeIP(ctx, n.node)
		if err != nil {
			return tools.Ends{}, err
		}
		*n.into = netip.AddrPortFrom(ip, uint16(port)).String()
	}
	return ends, nil
}

// twoModes picks two nodes that differ in kube-proxy's mode and in nothing else
// that the survey shows: kernel, version, architecture and operating system.
func twoModes(groups []advisor.NodeGroup) (a, b nodeOf, ok bool) {
	mode := func(g advisor.NodeGroup) (advisor.Mode, bool) {
		m, known := g.Proxy.Mode.Get()
		return m, known && len(g.NodeNames) > 0 && g.OS == "linux"
	}
	for i, x := range groups {
		for _, y := range groups[i+1:] {
			m, known := mode(x)
			n, also := mode(y)
			alike := x.Kernel == y.Kernel && x.Arch == y.Arch && x.OSImage == y.OSImage && x.Kubelet == y.Kubelet
			if known && also && m != n && alike {
				return nodeOf{x.NodeNames[0], m}, nodeOf{y.NodeNames[0], n}, true
			}
		}
	}
	return a, b, false
}
