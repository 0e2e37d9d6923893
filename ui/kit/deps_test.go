package kit

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies: who draws knows what text is and the language
// that is spoken, and nothing else of this program or of the
// terminal.
func TestDependencies(t *testing.T) {
	t.Parallel()
	arrows.Only(t, "kpadvisor/plain", "kpadvisor/say", "kpadvisor/say/zh")
	arrows.Forbid(t, map[string]string{"charm.land/bubbletea": "reports are drawn where there is no terminal"})
}
