package cli

import (
	"os"
	"testing"

	"kpadvisor/probe/lab"
)

// TestMain lets the test binary be a lab's inner half, as main does.
func TestMain(m *testing.M) {
	lab.Main()
	os.Exit(m.Run())
}
