package form

import (
	"strings"
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies: a form knows how it is drawn, and nothing else of this program.
func TestDependencies(t *testing.T) {
	t.Parallel()
	for _, dep := range arrows.Of(t) {
		switch dep {
		case "kpadvisor/ui/kit/form", "kpadvisor/ui/kit", "kpadvisor/plain":
			continue
		}
		if strings.HasPrefix(dep, "kpadvisor/") {
			t.Errorf("depends on %s: it is to know nothing of this program", dep)
		}
	}
}
