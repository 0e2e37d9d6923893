package zh

import "testing"

// TestOnce: no phrase stands under two topics, where one would hide the other.
func TestOnce(t *testing.T) {
	for name, c := range map[string]struct {
		topics []map[string]string
		all    map[string]string
	}{"phrases": {topics(), All()}, "what is said again": {saidTopics(), Said()}} {
		seen := map[string]bool{}
		for _, topic := range c.topics {
			for english := range topic {
				if seen[english] {
					t.Errorf("%s: %q stands twice", name, english)
				}
				seen[english] = true
			}
		}
		if len(seen) == 0 || len(seen) != len(c.all) {
			t.Errorf("%s: %d in topics, %d in all", name, len(seen), len(c.all))
		}
	}
}
