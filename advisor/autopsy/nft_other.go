//go:build !linux

package autopsy

import "kpadvisor/probe/lab/rules"

// generated is nothing: the library that the generator writes transactions with knows
// Linux alone.
func generated([]rules.Service) (script string, ok bool) { return "", false }
