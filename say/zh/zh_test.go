package zh

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

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

// TestPointsAtWhatThereIs: what stands in quotation marks is said just so elsewhere: the
// heading of a section, a column or a screen, with the key of the screen before it.
func TestPointsAtWhatThereIs(t *testing.T) {
	quoted := regexp.MustCompile(`“(?:\d )?([^”%]+)”`)
	all := All()
	maps.Copy(all, Said())
	there := quoted.ReplaceAllString(strings.Join(slices.Collect(maps.Values(all)), "\n"), "")
	found := false
	for english, chinese := range all {
		for _, words := range quoted.FindAllStringSubmatch(chinese, -1) {
			found = true
			if !strings.Contains(there, words[1]) {
				t.Errorf("%q: nothing is called %q", english, words[1])
			}
		}
	}
	if !found {
		t.Error("nothing is quoted")
	}
}
