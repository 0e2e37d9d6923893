package evidence

import (
	"maps"
	"testing"

	"kpadvisor/say/saytest"
	"kpadvisor/say/zh"
)

// TestSeen: what the Chinese catalogue knows of facts is what this package
// and the reader of nodes' reports write.
func TestSeen(t *testing.T) {
	written := saytest.Constants(t, ".")
	maps.Copy(written, saytest.Constants(t, "../../node"))
	for english := range zh.Seen() {
		if !written[english] {
			t.Errorf("nothing writes %q", english)
		}
	}
}
