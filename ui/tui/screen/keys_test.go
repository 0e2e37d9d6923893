package screen

import (
	"testing"

	"charm.land/bubbles/v2/help"

	"kpadvisor/say"
)

var _ help.KeyMap = KeyMap{}

// TestEveryKeyIsHelped fails when a binding is in no group of the help.
func TestEveryKeyIsHelped(t *testing.T) {
	t.Parallel()
	n := 0
	for _, group := range NewKeyMap(say.Voice{}).FullHelp() {
		n += len(group)
	}
	if rows := Keys(say.Voice{}); len(rows) != n || n != 45 {
		t.Errorf("the help shows %d bindings and the table %d, of 45", n, len(rows))
	}
}
