// Package agent is what runs on a node for "kpadvisor inspect", in a pod that uses the
// node's network, and writes what it read as one report of package node. The image has
// nothing but this program, so that it does by itself what the script of package node does
// with the commands of a node.
//
// It changes nothing: no file is written, no kernel module is loaded, no table is made. It
// asks kube-proxy at the node's loopback address, and nobody else.
//
//   - With no right at all it reads pages of kube-proxy and files of /proc and /sys.
//   - Connections needs to see the processes of the node (hostPID): it counts what each
//     network namespace begins, and follows the table of IPVS.
//   - Deep needs uid 0 and NET_ADMIN: it follows the events of conntrack, and counts the
//     rules that each backend holds.
//
// A report holds addresses of Services and their real servers, but of no client.
package agent

import (
	"time"

	"kpadvisor/advisor/node"
)

// Options say what to read.
type Options struct {
	Node        string        // its name in the Kubernetes API; empty if that is not known
	Connections bool          // count connections of all processes, and those of IPVS
	Deep        bool          // follow conntrack, and count rules
	For         time.Duration // how long connections are counted
}

// Validate says in one sentence what cannot be done.
func (o Options) Validate() error {
	if !o.measures() {
		return nil
	}
	return node.CanCount(o.For)
}

func (o Options) measures() bool { return o.Connections || o.Deep }
