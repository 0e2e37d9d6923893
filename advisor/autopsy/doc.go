// Package autopsy says what the tables of a node show beside the mode that runs there:
// what another mode left behind, rules that differ from those kube-proxy writes, virtual
// servers of others, and real servers that do not go.
//
// It is pure: what a report holds (package node) becomes an advisor.NodeAutopsy. The
// reference for rules is the generator of probe/lab/rules, which real kube-proxies are
// compared with. The Services are found in the rules themselves, the generator writes
// theirs, and both are compared as sets of lines, chain by chain. So a rule that was
// added, changed or removed is found, and a Service that kube-proxy knows and of which
// no rule is left is not. Where the generator cannot say, nothing is compared, and why
// not is told. IPv4 alone: that is what reports hold.
//
// Sources: pkg/proxy/iptables of Kubernetes 1.25.16, 1.28.15 and 1.37.2, pkg/proxy/ipvs
// of 1.31.14 and 1.37.2, pkg/proxy/nftables of 1.37.2.
package autopsy
