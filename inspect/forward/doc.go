// Package forward asks kube-proxies what they are, through port-forward: any pod that uses
// its node's network is a way to 127.0.0.1:10249 of that node, where kube-proxy answers
// with its mode, its settings and its metrics. Nothing is created.
//
//	Right     what it takes, beside reading pods: create pods/portforward
//	Ask       reports of nodes, in the form of package advisor/node
//	Role      the Role that allows it
//
// What answers there is believed to be kube-proxy as far as it answers as one. A node that
// cannot be asked never stops the others, and is said with its reason.
package forward
