//go:build !linux

package probe

// engineName names how hits are made; see Environment.
const engineName = engineDialer

func newShooter(s *shared, worker int) (shooter, error) { return newDialer(s, worker) }
