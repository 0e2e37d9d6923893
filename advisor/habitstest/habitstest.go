// Package habitstest has a cluster whose nodes measured how connections are made, for the
// tests of what shows it.
package habitstest

import (
	"slices"
	"time"

	"kpadvisor/advisor"
)

// On is a cluster with reports of three of its nodes: one knows all that events tell, with
// reuse; one what IPVS counts; and one what processes tell. The facts given are not touched.
func On(f advisor.Facts) advisor.Facts {
	const from = "report of the node, conntrack events"
	events := advisor.NodeHabits{
		Method: advisor.ByConntrack, Over: time.Minute,
		New: advisor.KnownFrom(200.0, from), Busiest: advisor.KnownFrom(150.25, from), Open: advisor.KnownFrom(12, from),
		Life: advisor.KnownFrom(4*time.Millisecond, from), Reused: advisor.KnownFrom(0.371, from), Addresses: advisor.KnownFrom(31, from),
	}
	table := advisor.NodeHabits{
		Method: advisor.ByIPVS, Over: 30 * time.Second, New: advisor.KnownFrom(25.8, "report of the node, /proc/net/ip_vs_stats_percpu"),
		Reused: advisor.UnknownFor[float64](advisor.Forbidden, ""),
	}
	pods := advisor.NodeHabits{
		Method: advisor.ByProcesses, Over: time.Minute, New: advisor.KnownFrom(260.0, "report of the node, /proc/PID/net/snmp"),
		Busiest: advisor.KnownFrom(90.0, "report of the node, /proc/PID/net/snmp"), Open: advisor.KnownFrom(40, "report of the node, /proc/PID/net/tcp"),
	}
	f.NodeReports = append(slices.Clone(f.NodeReports),
		advisor.NodeReport{Node: "node-1", Placed: true, Whole: true, Root: true, Habits: []advisor.NodeHabits{pods, events}},
		advisor.NodeReport{Node: "node-2", Placed: true, Whole: true, Habits: []advisor.NodeHabits{table}},
		advisor.NodeReport{Node: "node-3", Placed: true, Whole: true, Habits: []advisor.NodeHabits{pods}},
	)
	return f
}
