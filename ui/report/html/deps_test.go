package html

import (
	"testing"

	"kpadvisor/arrows"
)

// TestDependencies keeps the arrows.
func TestDependencies(t *testing.T) {
	arrows.Forbid(t, map[string]string{
		"k8s.io":               "a page is made of blocks",
		"kpadvisor/ui/tui":     "screens draw the same blocks, and know nothing of this",
		"kpadvisor/ui/cli":     "the commands use the faces",
		"charm.land/bubbletea": "a page has no terminal",
		"html/template":        "elements are written by functions of their own, and texts enter in one place",
	})
}
