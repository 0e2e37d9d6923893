// Package lab puts kube-proxy's modes side by side on this machine, without
// root: each with its real kernel rules, in network namespaces that vanish with
// the process.
//
//	Preflight  which modes can run here, and if not, why and what to do
//	Run        one size: builds a node per mode, programs it, measures it
//	Sweep      many sizes, interleaved modes, break-even
//	Start      a Session that keeps measuring and can change size, for a screen
//	Drill      a rolling update under connections: Kubernetes issue 81775
//	StartDrill the same as a DrillSession, for a screen
//	Main       must be the first call of main: the program starts itself again
//	           as the lab's inner half, and Main is where that half begins
//
// The inner half is this same program in new user, network, mount and process
// namespaces. It is the first process of its process namespace, so whatever
// ends it, SIGKILL included, ends everything inside, and the kernel then
// removes the rules, links and namespaces. The host's own rules are never read
// or written. The halves talk over a pipe, one JSON value per line (wire.go).
//
//	node namespace per mode: the rules
//	  |-- veth -- client pod: connects to Services
//	  `-- veth -- backend pods: really serve, hold the live endpoints' addresses
//
// A lab measures rule lookup on this kernel, not the user's cluster.
package lab
