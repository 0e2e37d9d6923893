// Package apiserver is a distrustful client of one API server. Whoever reads a
// cluster or works in it asks through it, so that what is trusted of a server is
// decided in one place:
//
//   - An answer has a size, counted after decompression, an object in it another, and
//     what is kept of all answers a third: the heap.
//   - A read ends. A request has its time; a body that drips, pages that repeat, go on
//     without objects or for ever, and a Retry-After beyond the time end it sooner.
//   - Credentials go to the server that the kubeconfig names and to no other: a
//     redirect elsewhere is refused.
//   - A name that a server gave stays one segment of a path: one that could reach
//     another path is refused before anything is sent.
//   - What is deleted is the object that was meant, by its uid.
//
// It knows client-go's rest and, of this program, package plain alone.
package apiserver
