package plain

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows: everything may use this package, so it uses
// nothing of the program.
func TestDependencies(t *testing.T) { arrows.Only(t) }
