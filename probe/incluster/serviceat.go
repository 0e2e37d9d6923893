package incluster

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kpadvisor/apiserver"
	"kpadvisor/jobs"
)

// ErrNoService means that no Service has the address that was asked about.
var ErrNoService = errors.New("no Service of this cluster has this address")

// serviceName is which Service it is.
type serviceName struct{ namespace, name string }

// serviceAt finds the Service with that ClusterIP, or with that NodePort if the
// address is a Node's. It keeps nothing but two names.
func (c *Client) serviceAt(ctx context.Context, address string) (serviceName, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return serviceName{}, ErrNoService // a name; what it means here is not known there
	}
	is := func(text string) bool {
		ip, err := netip.ParseAddr(text)
		return err == nil && ip.Unmap() == at.Addr().Unmap()
	}
	var byIP, byPort *serviceName
	_, err = jobs.Each(ctx, c.Client, apiserver.List{Resource: jobs.Collection("Service", "")}, func(o *corev1.Service) {
		this := func() *serviceName { return &serviceName{strings.Clone(o.Namespace), strings.Clone(o.Name)} }
		switch {
		case byIP == nil && slices.ContainsFunc(append([]string{o.Spec.ClusterIP}, o.Spec.ClusterIPs...), is):
			byIP = this()
		case byPort == nil && slices.ContainsFunc(o.Spec.Ports, func(p corev1.ServicePort) bool {
			return p.NodePort == int32(at.Port()) && p.NodePort != 0 && (p.Protocol == corev1.ProtocolTCP || p.Protocol == "")
		}):
			byPort = this()
		}
	})
	switch {
	case byIP != nil:
		return *byIP, nil
	case err != nil:
		return serviceName{}, apiserver.Asked("services list", err)
	case byPort == nil:
		return serviceName{}, ErrNoService
	}
	node := false
	_, err = jobs.Each(ctx, c.Client, apiserver.List{Resource: jobs.Collection("Node", "")}, func(o *corev1.Node) {
		node = node || slices.ContainsFunc(o.Status.Addresses, func(a corev1.NodeAddress) bool { return is(a.Address) })
	})
	switch {
	case node:
		return *byPort, nil
	case err != nil:
		return serviceName{}, apiserver.Asked("nodes list", err)
	}
	return serviceName{}, ErrNoService
}
