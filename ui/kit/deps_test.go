package kit

import (
	"strings"
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies: who draws knows what text is, and nothing else of this program or of the
// terminal.
func TestDependencies(t *testing.T) {
	t.Parallel()
	for _, dep := range arrows.Of(t) {
		switch dep {
		case "kpadvisor/ui/kit", "kpadvisor/plain":
			continue
		}
		if strings.HasPrefix(dep, "kpadvisor/") {
			t.Errorf("depends on %s: it is to know nothing of this program", dep)
		}
		if strings.HasPrefix(dep, "charm.land/bubbletea") {
			t.Errorf("depends on %s: reports are drawn where there is no terminal", dep)
		}
	}
}
