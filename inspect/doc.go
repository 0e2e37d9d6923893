// Package inspect reads nodes of a cluster by pods that live for seconds or minutes there:
// one on each chosen node, which writes one report of package advisor/node to its log and
// ends.
//
//	Choose      which nodes are read: one of each group, all, or those that are named
//	Spec        an inspection as it was decided on; Objects are its exact manifests
//	Rights      what it has to ask of the API server; Role is the smallest that allows it
//	Session     creates, follows, collects and removes
//
// What runs in the pods is package inspect/agent. How pods are made, watched and removed is
// the matter of package jobs, as for a probe.
//
// A pod is on the network of its node (hostNetwork), for that is what is read; else it has
// no right at all unless one was asked for: uid 65532, no capability, no host path, no
// token. Namespaces that enforce the baseline of the Pod Security Standards refuse such
// pods; that is said beforehand.
//
// A node that is silent, or says what cannot be used, stops no other: it is missing, with
// the reason.
package inspect
