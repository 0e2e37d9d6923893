//go:build race

package lab

// underRace says that the race detector is in this binary: its memory does not
// fit into user-mode Linux.
const underRace = true
