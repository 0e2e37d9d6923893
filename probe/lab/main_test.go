package lab

import (
	"os"
	"testing"
)

// TestMain lets the test binary be its own inner half.
func TestMain(m *testing.M) {
	Main()
	os.Exit(m.Run())
}
