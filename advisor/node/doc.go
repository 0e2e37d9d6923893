// Package node reads what a node says of itself: the report that the script of Script
// prints, in the format kpadvisor.node/v1. It is pure: text in, facts out.
//
// The format, line by line:
//
//	kpadvisor.node/v1 NONCE
//	@@NONCE section NAME       and then what was read, as it was, and a newline
//	@@NONCE packed NAME        or this instead: the same by gzip and base64
//	@@NONCE errors NAME        and then what was complained of, and a newline
//	@@NONCE end NAME STATUS    the exit status
//	@@NONCE skipped NAME WHY   instead of these three
//	@@NONCE done
//
// A program of ours writes sections that the script has not: "node", the name that the
// Kubernetes API has for it, which stands above its own, and "habits", a JSON list of
// [advisor.NodeHabits].
//
// The nonce is made when the report is, so that nothing that is read can pass for a mark.
// Whoever may write the file can say anything in it, though: what it says is believed of
// that node as far as it is possible at all, is bounded, and is never obeyed.
package node

// Sections that only a program of ours writes.
const (
	SectionNode   = "node"
	SectionHabits = "habits"
)
