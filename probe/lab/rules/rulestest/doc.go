// Package rulestest compares the rules of probe/lab/rules with those that the
// real kube-proxy writes for the same Services: it seeds a cluster with them,
// runs kube-proxy until it has synced, and tells two dumps apart line by line.
package rulestest
