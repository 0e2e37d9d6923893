package screentest

import (
	"strings"

	"kpadvisor/plain/plaintest"
)

// Hostile are strings that a cluster may hold and a terminal must not get.
func Hostile() string {
	return "\x1b[2J\x1b]0;owned\a\x9b31m漢字かな交じり文\u202Eevil\u200d\r\n\t\x00\xff\xfe👩\u200d👩\u200d👧 " + plaintest.Hostile + " " + strings.Repeat("名", 40) + strings.Repeat("a", 220)
}
