// Package evidence is where measurements and the advice come together, which know
// nothing of each other: what was measured becomes what the advice can weigh, and
// what a cluster has becomes what the lab is to build. It reads and writes nothing.
//
// A measurement that cannot stand for a difference of modes is refused, in one
// sentence.
package evidence
