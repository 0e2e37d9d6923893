//go:build race

package tui

// sweepStep is coarse where every draw costs many times as much; the full sweep
// runs without the race detector.
const sweepStep = 7
