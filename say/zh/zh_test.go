package zh

import "testing"

// TestOnce: no phrase stands under two topics, where one would hide the other.
func TestOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, topic := range topics() {
		for english := range topic {
			if seen[english] {
				t.Errorf("%q stands twice", english)
			}
			seen[english] = true
		}
	}
	if len(seen) == 0 || len(seen) != len(All()) {
		t.Errorf("%d phrases in topics, %d in all", len(seen), len(All()))
	}
}
