package rules

import (
	"crypto/sha256"
	"encoding/base32"
)

// hash is the start of the base32 SHA-256 of s: 16 characters in iptables chain
// names, which must stay under 29, and 8 in nftables chain names.
func hash(s string, chars int) string {
	sum := sha256.Sum256([]byte(s))
	return base32.StdEncoding.EncodeToString(sum[:])[:chars]
}

// svcChain, svlChain and extChain are the iptables chains of a Service that pick
// any endpoint, pick a local one, and take what comes from outside.
func svcChain(s Service) string { return portChain("KUBE-SVC-", s) }

func svlChain(s Service) string { return portChain("KUBE-SVL-", s) }

func extChain(s Service) string { return portChain("KUBE-EXT-", s) }

func portChain(prefix string, s Service) string { return prefix + ServiceHash(s.String(), s.Protocol) }

// sepChain is the iptables chain that sends a packet to one endpoint.
func sepChain(s Service, e Endpoint) string {
	return "KUBE-SEP-" + EndpointHash(s.String(), s.Protocol, e.Addr.String())
}

// nftChain, nftLocalChain and nftExternalChain are what svcChain, svlChain and
// extChain are, in nftables.
func nftChain(s Service) string { return "service-" + hashed(nftBase(s)) }

func nftLocalChain(s Service) string { return "local-" + hashed(nftBase(s)) }

func nftExternalChain(s Service) string { return "external-" + hashed(nftBase(s)) }

// nftEndpointChain and nftAffinitySet are the chain that leads to an endpoint of a
// Service with session affinity, and the clients that keep to it.
func nftEndpointChain(s Service, e Endpoint) string { return "endpoint-" + nftEndpointBase(s, e) }

func nftAffinitySet(s Service, e Endpoint) string { return "affinity-" + nftEndpointBase(s, e) }

func nftEndpointBase(s Service, e Endpoint) string {
	return hashed(nftBase(s) + "__" + e.Addr.Addr().String() + "/" + portText(e))
}

func nftBase(s Service) string {
	return s.Namespace + "/" + s.Name + "/" + s.Protocol + "/" + s.PortName
}

func hashed(base string) string { return NFTablesHash(base) + "-" + base }

// ServiceHash is what the names of the chains of a service port end in, in iptables mode:
// of KUBE-SVC-, KUBE-SVL-, KUBE-EXT- and KUBE-FW-. The name is that of Service.String.
func ServiceHash(name, protocol string) string { return hash(name+protocol, 16) }

// EndpointHash is what the name of the KUBE-SEP- chain of one of its endpoints ends in,
// which is an address and a port.
func EndpointHash(name, protocol, endpoint string) string { return hash(name+protocol+endpoint, 16) }

// NFTablesHash is what stands before the name of a service port in the names of its chains
// in nftables mode: namespace/name/protocol/port.
func NFTablesHash(base string) string { return hash(base, 8) }
