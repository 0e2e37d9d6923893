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

// svcChain is the iptables chain that picks an endpoint of a Service.
func svcChain(s Service) string { return "KUBE-SVC-" + hash(s.String()+s.Protocol, 16) }

// sepChain is the iptables chain that sends a packet to one endpoint.
func sepChain(s Service, e Endpoint) string {
	return "KUBE-SEP-" + hash(s.String()+s.Protocol+e.Addr.String(), 16)
}

// nftChain is the nftables chain that picks an endpoint of a Service.
func nftChain(s Service) string {
	base := s.Namespace + "/" + s.Name + "/" + s.Protocol + "/" + s.PortName
	return "service-" + hash(base, 8) + "-" + base
}
