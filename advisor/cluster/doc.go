// Package cluster turns a Kubernetes API into [advisor.Facts]. It is the only
// reader of that API here, and it only ever gets and lists.
//
// A read is cheap on purpose: totals first, then protobuf pages decoded one
// object at a time into counters, so that memory grows with the number of
// Service ports and nodes and never with endpoints or pods. Whatever was
// refused, absent, late or cut short becomes an entry of [advisor.Coverage]
// that says what it hides; nothing unread is ever counted as zero.
//
// The package also holds the other ways to get facts: snapshot files, typed
// counts and the embedded demos.
package cluster
