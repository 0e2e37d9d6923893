package node

import (
	_ "embed"
	"fmt"
	"strings"
	"time"
)

//go:embed script.sh
var script string

// How long connections are counted, by the script and by a program of ours.
const (
	ShortestCount = 5 * time.Second
	LongestCount  = 10 * time.Minute
)

// CanCount says in one sentence what is wrong with a time to count for.
func CanCount(over time.Duration) error {
	if over < ShortestCount || over > LongestCount {
		return fmt.Errorf("connections are counted for %s to %s, and not for %s", ShortestCount, LongestCount, over)
	}
	return nil
}

// Script is the program for a node: POSIX sh, which prints a report and changes nothing.
// With connections it reads the connection tables as well, and counts how connections are
// made.
func Script(connections bool) string {
	if connections {
		return strings.Replace(script, "\nconnections=\n", "\nconnections=yes\n", 1)
	}
	return script
}

// ScriptFor is Script with connections, which are counted for so long, in whole seconds.
func ScriptFor(over time.Duration) (string, error) {
	if err := CanCount(over); err != nil {
		return "", err
	}
	return strings.Replace(Script(true), "\nlasts=30\n", fmt.Sprintf("\nlasts=%d\n", int(over.Seconds())), 1), nil
}
