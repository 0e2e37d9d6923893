package screen

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies: a frame and keys know how a terminal is drawn on, and nothing else of
// this program.
func TestDependencies(t *testing.T) {
	t.Parallel()
	arrows.Only(t, "kpadvisor/ui/kit", "kpadvisor/ui/kit/form", "kpadvisor/plain", "kpadvisor/say", "kpadvisor/say/zh")
}
