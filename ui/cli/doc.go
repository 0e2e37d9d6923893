// Package cli is the command line: one file per command, and the only package
// that knows all the others. It decides what kind of terminal it talks to,
// where the facts come from and what the exit code says; it decides nothing
// about kube-proxy.
package cli
