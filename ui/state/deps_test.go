package state

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows: what is kept are words, whatever they mean.
func TestDependencies(t *testing.T) {
	arrows.Only(t, "kpadvisor/files", "kpadvisor/plain")
}
