package advisor

import "time"

// NodeHabits is how connections are made at a node, as one method measured it there. What
// a method cannot know is unknown, with the reason: no figure stands for another.
type NodeHabits struct {
	Method HabitMethod   `json:"method"`
	Over   time.Duration `json:"overNs"`
	// New is how many connections a second began; of which, is the method's matter.
	New Fact[float64] `json:"newPerSecond"`
	// Onward is how many of them were sent to another address than they were begun to, as
	// Services and ports of hosts do. Only conntrack tells.
	Onward Fact[float64] `json:"onwardPerSecond"`
	// Busiest is how many of them the busiest began: an address to one destination, or all
	// of one network namespace.
	Busiest Fact[float64]       `json:"busiestPerSecond"`
	Open    Fact[int]           `json:"open"` // established, at the end
	Life    Fact[time.Duration] `json:"meanLifeNs"`
	// Reused is the share of new connections whose 5-tuple had been used within the 120 s
	// before, from 0 to 1: the risk of issue 81775 itself.
	Reused Fact[float64] `json:"reusedShare"`
	// Addresses is how many addresses began connections: seen here, which behind NAT is
	// fewer than there are clients.
	Addresses Fact[int] `json:"addressesSeen"`
}

// HabitMethod says how habits were measured.
type HabitMethod string

// The methods. What each is worth is measured by the tests of package inspect/agent.
const (
	// ByIPVS counts what IPVS began on the node by the rows of its CPUs, and reuse by
	// entries of its connection table that get younger.
	ByIPVS HabitMethod = "ipvs"
	// ByProcesses counts what the pods of the node began, by network namespace: to any
	// destination, and of no Service in particular.
	ByProcesses HabitMethod = "processes"
	// ByConntrack counts the events of connections that the node tracks, begun here or
	// passing.
	ByConntrack HabitMethod = "conntrack"
)
