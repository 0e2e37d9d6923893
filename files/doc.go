// Package files reads and writes the files that a user names: bounded before they
// are read, never torn, and without a wait that cannot be ended. It knows nothing of
// what is in them.
package files
