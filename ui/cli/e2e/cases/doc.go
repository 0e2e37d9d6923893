// Package cases runs kpadvisor on shapes that people who run kube-proxy met in
// the field, and holds its answer against one that was worked out from primary
// sources.
//
// A case is an example of a kind: a kernel release that hides its patch level, a
// node that nobody can configure, a kube-proxy that crashes. testdata/typed has
// those that flags describe, testdata/objects those that need objects of a real
// API server (testdata/manifests/ID.yaml, or those of another case with words
// replaced). Each says why its answer is right and where that comes from; "why"
// outranks "want". testdata/sweeps.yaml walks one input in small steps.
//
// No case is ever skipped for being wrong: what is in the table must hold.
package cases
