// Package rules says which kernel rules a kube-proxy mode needs for a set of
// Services, as kube-proxy 1.37 would write them.
//
// It is pure: a Shape becomes Services, two lists of Services (what is there,
// what is wanted) become iptables-restore input, an nftables transaction, or
// the IPVS objects to add and remove. The first load is a change from nothing,
// and one endpoint's change is a change of one Service, so there is one
// function per mode. Nothing here touches a kernel; probe/lab does.
//
// Sources: pkg/proxy/{iptables,nftables,ipvs} of Kubernetes 1.37.2, and what
// that kube-proxy left in a network namespace: the conformance tests here and in
// probe/lab compare all three modes with it, for Services of every kind that
// Traffic tells apart. IPv4 only: that is what the lab measures.
package rules
