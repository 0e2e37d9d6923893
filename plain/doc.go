// Package plain is how everything that a person reads is spelled, whoever says it:
// one cleaner for strings that come from elsewhere, one way to write a number, and
// one error in words. It knows nothing of the rest of the program.
package plain
