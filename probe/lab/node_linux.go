package lab

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"kpadvisor/plain"
	"kpadvisor/probe/lab/rules"
)

// maxBackends is the number of backend pods a node has at most. More endpoints
// share them: what a rule costs does not depend on who answers.
const maxBackends = 3

// node is a network namespace with the rules of one mode, its backend pods, and
// a link to the client pod.
type node struct {
	mode     Mode
	cluster  int // tells this node's ClusterIPs from those of the other nodes
	link     string
	client   *namespace
	ns       *namespace
	backends []*backend
	plane    plane
	services []rules.Service // programmed
	broken   bool            // a change failed half-way

	endpoints, rulesPerPort int // it was built for
}

// newNode builds a node without any Service. endpoints is the most a live
// Service will have.
func newNode(client *namespace, m Mode, endpoints, rulesPerPort int) (_ *node, err error) {
	n := &node{mode: m, cluster: slices.Index(Modes(), m), client: client, link: string("n-" + m), endpoints: endpoints, rulesPerPort: rulesPerPort}
	n.link = n.link[:min(len(n.link), 15)] // IFNAMSIZ
	defer func() {
		if err != nil {
			n.close()
		}
	}()
	if n.ns, err = newNamespace(); err != nil {
		return nil, err
	}
	reach, slots := rules.ClusterRange(n.cluster), len(rules.Positions())
	switch m {
	case Direct:
		reach = rules.LiveRange()
	case Bare: // beside Direct: its pod has an address that no other node's has
		reach, slots = netip.PrefixFrom(barePod().Addr(), 32), slots+1
	}
	err = wire(end{ns: client, link: n.link, addrs: []netip.Addr{clientIP()}, dests: []netip.Prefix{reach}, via: gateway()},
		end{ns: n.ns, link: "client", addrs: []netip.Addr{gateway()}, dests: []netip.Prefix{netip.PrefixFrom(clientIP(), 32)}})
	if err != nil {
		return nil, err
	}
	shares := make([][]netip.Addr, min(max(endpoints, 1), maxBackends))
	for slot := range slots {
		for j := range max(endpoints, 1) {
			i := j % len(shares)
			shares[i] = append(shares[i], rules.LiveEndpoint(slot, j).Addr())
		}
	}
	for i, addrs := range shares {
		b, err := newBackend(n.ns, fmt.Sprintf("pod%d", i), addrs)
		if err != nil {
			return nil, err
		}
		n.backends = append(n.backends, b)
	}
	err = n.ns.do(func() error {
		n.plane, err = newPlane(m, rulesPerPort)
		return err
	})
	return n, err
}

// barePod is the pod that Bare connects to.
func barePod() netip.AddrPort { return rules.LiveEndpoint(len(rules.Positions()), 0) }

// program turns what is programmed into these Services and says how long the
// kernel and the tools took.
func (n *node) program(ctx context.Context, wanted []rules.Service) (time.Duration, error) {
	carryOut := n.plane.plan(rules.Diff(n.services, wanted))
	var took time.Duration
	err := n.ns.do(func() error {
		start := time.Now()
		defer func() { took = time.Since(start) }()
		return carryOut(ctx)
	})
	if err != nil {
		n.broken = true
		return took, err
	}
	n.services = wanted
	return took, nil
}

// update measures one endpoint's change, there and back; the faster counts.
func (n *node) update(ctx context.Context) (time.Duration, error) {
	before := n.services
	there, err := n.program(ctx, rules.WithOneEndpointMoved(before, rules.Remote(before)))
	if err != nil {
		return 0, err
	}
	back, err := n.program(ctx, before)
	return min(there, back), err
}

// target is the address that is connected to for a position.
func (n *node) target(shape rules.Shape, p rules.Position) netip.AddrPort {
	switch n.mode {
	case Direct:
		return rules.LiveEndpoint(slices.Index(rules.Positions(), rules.Middle), 0)
	case Bare:
		return barePod()
	}
	s := n.services[shape.Index(p)]
	return netip.AddrPortFrom(s.ClusterIP, s.Port)
}

// close lets everything go; the kernel removes what was in the namespaces.
func (n *node) close() {
	if n == nil {
		return
	}
	if n.plane != nil {
		n.plane.close()
	}
	for _, b := range n.backends {
		b.close()
	}
	if n.ns != nil {
		// The pair goes with either end. Removing it here and now keeps the name free.
		_ = n.client.do(func() error { return removeLink(n.link) })
	}
	n.ns.close()
}

// missing turns an error into what a user is told.
func missing(m Mode, err error) Missing {
	var p *plain.Error
	if errors.As(err, &p) {
		return Missing{Mode: m, Reason: p.Sentence, Remedy: p.Remedy}
	}
	return Missing{Mode: m, Reason: err.Error(), Remedy: "run the lab in user-mode Linux (--in uml), or on a kernel with this mode's modules"}
}
