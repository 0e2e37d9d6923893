// Package jobs runs short-lived pods on chosen nodes and leaves nothing behind. Who
// measures or reads in the cluster does it by this package, so that what is made there,
// with which rights, and how it goes away again is decided in one place.
//
//	Client      what is asked of the API server, and nothing else
//	Rights      what has to be allowed, asked for beforehand; the smallest Role as YAML
//	Pods        what all pods of a run have in common: restricted, without a token, bounded
//	Maker       makes objects, and removes them however the run ends
//	Watcher     tells how the pods fare, and why there are none
//	Leftovers   what a run left that was killed
//
// It knows nothing of what the pods do.
//
// Every object carries the run's name as label app.kubernetes.io/instance. Jobs have a
// deadline and a time to live, so that the cluster itself removes them if nobody else
// does.
package jobs
