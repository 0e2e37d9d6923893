//go:build !linux

package main

// endChildren does nothing: a system without /proc does not say who started whom. On
// ctrl-C children get the signal from the terminal.
func endChildren() {}
