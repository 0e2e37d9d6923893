package node

import _ "embed"

//go:embed script.sh
var script string

// Script is the program for a node: POSIX sh, which prints a report and changes nothing.
func Script() string { return script }
