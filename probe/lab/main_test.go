package lab

import (
	"os"
	"testing"
)

// TestMain lets the test binary be its own inner half, and the first process of
// a user-mode Linux.
func TestMain(m *testing.M) {
	Main()
	if os.Getpid() == 1 {
		runAsGuest(m)
	}
	os.Exit(m.Run())
}
