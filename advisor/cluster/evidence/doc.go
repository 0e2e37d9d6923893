// Package evidence concludes, from Kubernetes objects reduced to what matters,
// which implementation programs Services on each node, in which kube-proxy
// mode, and how that is known.
//
// It is pure: no client, no clock, no goroutine. The reader of the API asks
// [Wants] what to fetch, passes every object through a Reduce function as it is
// decoded, keeps only the signs, says in [Objects.Asked] how each [Want] was
// answered, asks [More] what the objects found refer to, and ends with
// [Conclude].
//
// What was not read is never taken for what is not there: without the answer
// to a Want, whatever depends on it stays unknown. Strings of the conclusion
// name only objects that have the same name in every cluster of a platform.
package evidence
