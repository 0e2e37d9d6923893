package lab

import (
	"time"

	"kpadvisor/probe/lab/rules"
)

// Schema names the JSON of a Result; its fields are added to, never renamed.
const Schema = "kpadvisor.sweep/v1"

// Result is what a Run or a Sweep measured.
type Result struct {
	Schema      string      `json:"schema"`
	Points      []Point     `json:"points"`
	Missing     []Missing   `json:"missing"`
	Skipped     []Skipped   `json:"skipped,omitempty"`
	Effects     []Effect    `json:"effects"` // cold first
	BreakEven   []BreakEven `json:"breakEven"`
	Flat        []Flat      `json:"flat"` // the check of the modes whose cost does not grow
	Environment Environment `json:"environment"`
}

// Point is one mode at one size with the target at one position, all builds
// together. Times are those of connect(), one connection in flight, from a client
// pod to a ClusterIP (to the pod itself for Direct and Bare).
type Point struct {
	Mode      Mode           `json:"mode"`
	Services  int            `json:"services"`
	Endpoints int            `json:"endpointsPerService"` // of the target
	Position  rules.Position `json:"position"`            // "none" for Direct
	Connect   Quantiles      `json:"connect"`

	Connections int     `json:"connections"` // hot, that succeeded
	Failed      int     `json:"failed"`
	BlocksNs    []int64 `json:"blockP10Ns"` // p10 of each block, hot
	CPUNs       int64   `json:"cpuPerConnectionNs"`

	// Cold are the paced connections; only a target in the middle has them.
	Cold            Quantiles     `json:"cold,omitzero"`
	ColdConnections int           `json:"coldConnections,omitempty"`
	Builds          []Observation `json:"builds,omitempty"` // one of each build: what is behind an effect and a break-even

	ProgramNs int64  `json:"programNs"` // all rules, from nothing, the median of builds; 0 for Direct
	UpdateNs  int64  `json:"updateNs"`  // one endpoint's change, the faster of two, the median of builds
	Rules     int    `json:"rules"`     // iptables or nftables rules
	Counts    Counts `json:"objects"`

	// MemoryBytes is what kernel memory (Slab, VmallocUsed, Percpu of
	// /proc/meminfo) grew by while programming. Others' use of this machine is
	// in it; 0 is not known, because it shrank.
	MemoryBytes int64 `json:"kernelMemoryBytes,omitempty"`
}

// Observation is what connections took in one build of a mode, with an order of
// rules of its own.
type Observation struct {
	Build  int   `json:"build"`
	HotNs  int64 `json:"hotNs"`            // lower quartile of the p10s of blocks
	ColdNs int64 `json:"coldNs,omitempty"` // median; 0 where none were made
}

// Where the rules were.
const (
	OnThisMachine = "this machine"
	InUML         = "user-mode Linux"
)

// NoPosition is the position of a Direct or Bare point.
const NoPosition rules.Position = "none"

// Quantiles of the connections of all blocks.
type Quantiles struct {
	P10Ns int64 `json:"p10Ns"`
	P50Ns int64 `json:"p50Ns"`
	P99Ns int64 `json:"p99Ns"`
}

// Counts are the kernel objects of a mode at a size.
type Counts struct {
	Rules          int `json:"rules"`
	Chains         int `json:"chains"`
	Elements       int `json:"elements"`       // of sets and maps
	VirtualServers int `json:"virtualServers"` // IPVS
	RealServers    int `json:"realServers"`
}

// Missing is a mode that cannot run here, with one sentence and one remedy.
type Missing struct {
	Mode   Mode   `json:"mode"`
	Reason string `json:"reason"`
	Remedy string `json:"remedy"`
}

// Skipped is a size a mode was left out at.
type Skipped struct {
	Mode     Mode   `json:"mode"`
	Services int    `json:"services"`
	Reason   string `json:"reason"`
}

// Environment is what a reader needs to judge or repeat a Result.
type Environment struct {
	Kernel       string    `json:"kernel"`              // uname -r where the rules were
	Where        string    `json:"where"`               // OnThisMachine or InUML
	UMLKernel    string    `json:"umlKernel,omitempty"` // the program that was booted, as it was named
	CPUs         int       `json:"cpus"`
	IPTables     string    `json:"iptables,omitempty"`
	NFT          string    `json:"nft,omitempty"`
	Seed         uint64    `json:"seed"`
	RulesPerPort int       `json:"rulesPerPort,omitempty"` // in KUBE-SERVICES, of iptables mode
	Builds       int       `json:"builds,omitempty"`       // of each mode and size, each with a new order of rules; files of before 2026-12 have one
	Rounds       int       `json:"rounds"`                 // of each build
	Block        int       `json:"connectionsPerBlock"`
	Cold         Pacing    `json:"cold,omitzero"`
	Started      time.Time `json:"started,omitzero"`
	Notes        []string  `json:"notes"`
}
