package lab

import (
	"errors"
	"fmt"
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
	os.Exit(apart(m))
}

// apart runs the tests with a folder for temporary files that is theirs alone, so that
// what is left there was left by them. A test that starts this binary again has one.
func apart(m *testing.M) int {
	const done = "KPADVISOR_LAB_TESTS_ARE_APART"
	if os.Getenv(done) != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "lab-")
	if err == nil {
		err = errors.Join(os.Setenv("TMPDIR", dir), os.Setenv(done, "yes"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }() // of a test that failed
	return m.Run()
}
