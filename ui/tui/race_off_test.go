//go:build !race

package tui

// sweepStep is the distance between the sizes at which screens are drawn.
const sweepStep = 1
