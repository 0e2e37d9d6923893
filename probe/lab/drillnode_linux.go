package lab

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"kpadvisor/probe/lab/drill"
	"kpadvisor/probe/lab/rules"
)

// drillNode is the node of one configuration: one Service, its pods, and a link
// to the client pod. Pod 0 is the old one, which the update replaces.
type drillNode struct {
	config  drill.Config
	link    string
	client  *namespace
	ns      *namespace
	plane   plane
	pods    []*backend
	service rules.Service // programmed
}

// newDrillNode builds the node of the index-th configuration, its Service with
// so many backends.
func newDrillNode(ctx context.Context, client *namespace, index int, c drill.Config, backends int) (_ *drillNode, err error) {
	n := &drillNode{config: c, link: "d-" + strconv.Itoa(index), client: client}
	defer func() {
		if err != nil {
			n.close()
		}
	}()
	if n.ns, err = newNamespace(); err != nil {
		return nil, err
	}
	vip := rules.ServiceCIDR().Addr().As4()
	vip[3] = byte(10 + index) // one client tells the nodes apart by address
	service := rules.Service{Namespace: "drill", Name: "web", PortName: "http", Protocol: "tcp", ClusterIP: netip.AddrFrom4(vip), Port: 80}
	err = wire(end{ns: client, link: n.link, addrs: []netip.Addr{clientIP()}, dests: []netip.Prefix{netip.PrefixFrom(service.ClusterIP, 32)}, via: gateway()},
		end{ns: n.ns, link: "client", addrs: []netip.Addr{gateway()}, dests: []netip.Prefix{netip.PrefixFrom(clientIP(), 32)}})
	if err != nil {
		return nil, err
	}
	for range backends {
		e, err := n.addPod()
		if err != nil {
			return nil, err
		}
		service.Endpoints = append(service.Endpoints, e)
	}
	err = n.ns.do(func() error {
		if n.plane, err = newPlane(Mode(c.Mode), 1); err != nil {
			return err
		}
		if c.Sysctls != nil {
			for _, s := range c.Sysctls.List() {
				if err := setIPVS(s.Name, s.Value); err != nil {
					return err
				}
			}
		}
		return n.plane.plan(rules.Diff(nil, []rules.Service{service}))(ctx)
	})
	if err != nil {
		return nil, causeOf(n.ns, Mode(c.Mode), err)
	}
	n.service = service
	return n, nil
}

// podName is what a pod answers, and the name of its link on the node.
func podName(index int) string { return "pod" + strconv.Itoa(index) }

// addPod starts a pod and returns its endpoint, which nothing sends to yet.
func (n *drillNode) addPod() (rules.Endpoint, error) {
	index := len(n.pods)
	e := rules.Endpoint{Addr: rules.LiveEndpoint(0, index)}
	pod, err := newPod(n.ns, podName(index), []netip.Addr{e.Addr.Addr()}, podName(index))
	if err != nil {
		return e, err
	}
	n.pods = append(n.pods, pod)
	return e, nil
}

// program changes the endpoints of the Service. In IPVS mode that is a matter
// of real servers: endpoints of other nodes stand in no set and no rule, so the
// tools would have nothing to do.
func (n *drillNode) program(ctx context.Context, endpoints []rules.Endpoint) error {
	wanted := n.service
	wanted.Endpoints = endpoints
	err := n.ns.do(func() error {
		change := rules.Diff([]rules.Service{n.service}, []rules.Service{wanted})
		if p, ok := n.plane.(*ipvsPlane); ok {
			return p.servers(ctx, change)
		}
		return n.plane.plan(change)(ctx)
	})
	if err != nil {
		return fmt.Errorf("could not change the endpoints in %s mode: %w", n.config.Mode, err)
	}
	n.service = wanted
	return nil
}

// act takes one step of the update. left is what IPVS counts for the old real
// server after it, nil in the other modes and where that is no matter.
func (n *drillNode) act(ctx context.Context, do drill.Action) (left *int, err error) {
	switch do {
	case drill.NewPod:
		e, err := n.addPod()
		if err != nil {
			return nil, err
		}
		return nil, n.program(ctx, append(slices.Clone(n.service.Endpoints), e))
	case drill.Terminating:
		if err := n.program(ctx, n.service.Endpoints[1:]); err != nil {
			return nil, err
		}
		return n.counted((*ipvsPlane).leavingConnections)
	case drill.ListenerDown:
		return nil, n.pods[0].server.Close()
	case drill.AddressGone:
		return nil, n.ns.do(func() error { return removeLink(podName(0)) })
	case drill.Check:
		return n.counted((*ipvsPlane).reap)
	case drill.ServerDeleted, drill.End:
	}
	return nil, nil
}

// counted asks IPVS, if this is its mode.
func (n *drillNode) counted(ask func(*ipvsPlane) (int, error)) (left *int, err error) {
	p, ok := n.plane.(*ipvsPlane)
	if !ok {
		return nil, nil
	}
	err = n.ns.do(func() error {
		connections, err := ask(p)
		left = &connections
		return err
	})
	return left, err
}

func (n *drillNode) target() netip.AddrPort {
	return netip.AddrPortFrom(n.service.ClusterIP, n.service.Port)
}

// close lets everything go; the kernel removes what was in the namespaces.
func (n *drillNode) close() {
	if n.plane != nil {
		n.plane.close()
	}
	for _, p := range n.pods {
		p.close()
	}
	if n.ns != nil {
		_ = n.client.do(func() error { return removeLink(n.link) }) // it may be gone already
	}
	n.ns.close()
}
