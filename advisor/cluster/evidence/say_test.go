package evidence

import (
	"testing"

	"kpadvisor/say/saytest"
	"kpadvisor/say/zh"
)

// TestSeen: what the Chinese catalogue knows of facts is what this package writes.
func TestSeen(t *testing.T) {
	written := saytest.Constants(t, ".")
	for english := range zh.Seen() {
		if !written[english] {
			t.Errorf("nothing writes %q", english)
		}
	}
}
