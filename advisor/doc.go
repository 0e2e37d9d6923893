// Package advisor decides which kube-proxy mode a cluster should run, and what
// Kubernetes issue 81775 means for it.
//
// It is pure: [Decide] turns [Facts], [Habits] and [Measured] into [Advice] with
// no clock, no I/O and no goroutine, from the standard library alone. The same
// input gives the same advice, byte for byte.
//
// Every number that enters is a [Fact]: known with its source, absent, or
// unknown with the reason. Nothing here treats "not read" as zero.
package advisor
