// Package incluster tests the probe in the cluster with the real binary on two
// real nodes, one with kube-proxy in iptables mode and one in nftables mode.
package incluster
