package node

import (
	_ "embed"
	"strings"
)

//go:embed script.sh
var script string

// Script is the program for a node: POSIX sh, which prints a report and changes nothing.
// With connections it reads the connection tables as well.
func Script(connections bool) string {
	if connections {
		return strings.Replace(script, "\nconnections=\n", "\nconnections=yes\n", 1)
	}
	return script
}
