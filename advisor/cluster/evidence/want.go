package evidence

import (
	"time"

	"kpadvisor/advisor"
)

// Verb is how a Want is asked for: get or list.
type Verb string

// The verbs, as RBAC spells them.
const (
	Get  Verb = "get"
	List Verb = "list"
)

// Want is one read of the API. It is comparable and serves as its own key in
// [Objects.Asked]. A list may be served from a wider one that is made anyway
// (all DaemonSets, all Nodes): the Reduce functions drop what does not matter.
type Want struct {
	Verb          Verb
	Group         string // empty for the core group
	Version       string
	Resource      string
	Namespace     string // empty for all namespaces, or cluster-scoped
	Name          string // get only
	LabelSelector string // list only
	FieldSelector string // list only
	Optional      bool   // not found and not served are normal answers, not gaps
	What          string // "ConfigMap kube-system/kube-proxy", for a coverage line
	Hides         string // what cannot be said without it, for a coverage line
}

// Answer is how a Want was answered. The zero value says that it was read
// wholly, which includes a list without items.
type Answer struct {
	Absent bool        // get: the object is not there (404 on the name)
	Why    advisor.Why // why it was not read, or not wholly; NotServed if the server has no such resource
}

// Objects is everything read so far, reduced. Order does not matter, nor does
// an object that is there twice.
type Objects struct {
	Nodes      []NodeSign
	Pods       []PodSign
	DaemonSets []DaemonSetSign
	ConfigMaps []ConfigMapSign
	Events     []EventSign
	Customs    []CustomSign
	Components []ComponentSign
	// Asked holds the answer to every Want that was asked. A Want that is not
	// in it was not asked, and what depends on it is unknown.
	Asked map[Want]Answer
	// Now is when they were read: what is wrong for a moment is not wrong for long.
	// Zero means not known, and then nothing is called long.
	Now time.Time
}

// Conclusion is what runs where.
type Conclusion struct {
	Platform advisor.Fact[advisor.Platform]
	// ByNode has an entry for every node that was listed or carries a pod of
	// Objects. Stale and Failing are 0 or 1. Nodes alike share their Evidence: do
	// not modify it.
	ByNode map[string]advisor.Proxy
	// Standing has an entry for every node with anything in it.
	Standing map[string]Standing `json:",omitempty"`
	// Components is what was seen beside kube-proxy, by name.
	Components []advisor.Component `json:",omitempty"`
}
