// Package state keeps for each cluster, from one run of the screens to the next, what
// somebody answered and which steps of a runbook were ticked: what he said, and nothing
// of what was read of the cluster. Reports for scripts never look here.
package state
