package tools

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies: whoever measures need not know how that is shown.
func TestDependencies(t *testing.T) {
	t.Parallel()
	arrows.Forbid(t, map[string]string{
		"kpadvisor/ui/kit":        "it draws",
		"kpadvisor/ui/page":       "it says what was found",
		"kpadvisor/ui/report":     "it prints that",
		"kpadvisor/ui/tui/screen": "it is what screens are made with",
		"charm.land":              "what is measured with needs no terminal",
	})
}
