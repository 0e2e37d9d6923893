//go:build !race

package screentest

// SweepStep is the distance between the sizes at which screens are drawn.
const SweepStep = 1
