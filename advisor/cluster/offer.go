package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"kpadvisor/apiserver"
)

// maxOffers bounds what ServicePorts keeps: more than anybody looks through.
const maxOffers = 20_000

// ServicePort is a TCP port of a Service that a client can connect to.
type ServicePort struct {
	Namespace, Service string
	Name               string         // of the port; empty if it has none
	At                 netip.AddrPort // ClusterIP and port
	NodePort           int            // 0: it has none
}

// ServicePorts lists the TCP ports of all Services that have a ClusterIP, by
// namespace and name, at most 20,000. It needs no right beyond that of a survey,
// and keeps what a survey does not: names and addresses. Its error is a few
// words, as "services list forbidden".
func (c *Client) ServicePorts(ctx context.Context) ([]ServicePort, error) {
	var out []ServicePort
	err := readAll(ctx, c, resource("Services", "", "v1", "", "services"), &progress{}, func(o *corev1.Service) {
		ip, err := netip.ParseAddr(o.Spec.ClusterIP)
		if err != nil || o.Spec.Type == corev1.ServiceTypeExternalName {
			return
		}
		for _, p := range o.Spec.Ports {
			if (p.Protocol != corev1.ProtocolTCP && p.Protocol != "") || p.Port < 1 || p.Port > 65535 || len(out) == maxOffers {
				continue
			}
			out = append(out, ServicePort{
				Namespace: strings.Clone(o.Namespace), Service: strings.Clone(o.Name), Name: strings.Clone(p.Name),
				At: netip.AddrPortFrom(ip, uint16(p.Port)), NodePort: int(p.NodePort),
			})
		}
	})
	slices.SortStableFunc(out, func(a, b ServicePort) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Service, b.Service))
	})
	return out, apiserver.Asked("services list", err)
}

// ErrNoEndpoint says that no ready endpoint is behind a Service.
var ErrNoEndpoint = errors.New("the Service has no ready endpoint")

// EndpointOf is a ready endpoint of the port, of the family of its ClusterIP.
func (c *Client) EndpointOf(ctx context.Context, p ServicePort) (netip.AddrPort, error) {
	l := resource("EndpointSlices", "discovery.k8s.io", "v1", p.Namespace, "endpointslices")
	l.Labels = discoveryv1.LabelServiceName + "=" + p.Service
	var found netip.AddrPort
	err := readAll(ctx, c, l, &progress{}, func(o *discoveryv1.EndpointSlice) {
		port := slicePort(o, p.Name)
		if found.IsValid() || port == 0 {
			return
		}
		for _, address := range readyAddresses(o) {
			if ip, err := netip.ParseAddr(address); err == nil && ip.Is4() == p.At.Addr().Is4() {
				found = netip.AddrPortFrom(ip, port)
				return
			}
		}
	})
	switch {
	case found.IsValid():
		return found, nil
	case err != nil:
		return found, apiserver.Asked("endpointslices list", err)
	}
	return found, ErrNoEndpoint
}

// readyAddresses are those of a slice that get connections, sorted. Ready counts as
// true where it is not said, as kube-proxy has it.
func readyAddresses(o *discoveryv1.EndpointSlice) []string {
	var out []string
	for _, e := range o.Endpoints {
		c := e.Conditions
		if len(e.Addresses) > 0 && (c.Ready == nil || *c.Ready) && (c.Terminating == nil || !*c.Terminating) {
			out = append(out, e.Addresses[0])
		}
	}
	slices.Sort(out)
	return out
}

// slicePort is the TCP port of that name; 0 if the slice has none.
func slicePort(o *discoveryv1.EndpointSlice, name string) uint16 {
	for _, p := range o.Ports {
		tcp := p.Protocol == nil || *p.Protocol == corev1.ProtocolTCP
		if tcp && p.Port != nil && *p.Port > 0 && *p.Port < 65536 && (p.Name == nil && name == "" || p.Name != nil && *p.Name == name) {
			return uint16(*p.Port)
		}
	}
	return 0
}

// NodeIP is the first InternalIP of a Node.
func (c *Client) NodeIP(ctx context.Context, node string) (netip.Addr, error) {
	l := resource("Nodes", "", "v1", "", "nodes")
	l.Fields = apiserver.FieldIs("metadata.name", node)
	var found netip.Addr
	err := readAll(ctx, c, l, &progress{}, func(o *corev1.Node) {
		for _, a := range o.Status.Addresses {
			if ip, err := netip.ParseAddr(a.Address); err == nil && a.Type == corev1.NodeInternalIP && !found.IsValid() {
				found = ip
			}
		}
	})
	if err == nil && !found.IsValid() {
		err = fmt.Errorf("node %s has no InternalIP", cleanText(node))
	}
	return found, apiserver.Asked("nodes list", err)
}
