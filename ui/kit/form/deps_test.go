package form

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies: a form knows how it is drawn, and nothing else of this program.
func TestDependencies(t *testing.T) {
	t.Parallel()
	arrows.Only(t, "kpadvisor/ui/kit", "kpadvisor/plain", "kpadvisor/say", "kpadvisor/say/zh")
}
