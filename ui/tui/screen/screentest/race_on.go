//go:build race

package screentest

// SweepStep is coarse where every draw costs many times as much; the full sweep
// runs without the race detector.
const SweepStep = 7
