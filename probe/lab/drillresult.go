package lab

import (
	"time"

	"kpadvisor/probe/lab/drill"
)

// DrillSchema names the JSON of a drill; its fields are added to, never renamed.
const DrillSchema = "kpadvisor.drill/v1"

// DrillResult is what a drill saw, as far as it went.
type DrillResult struct {
	Schema      string           `json:"schema"`
	Rows        []drill.Row      `json:"rows"`
	Missing     []Missing        `json:"missing"`
	Plan        drill.Plan       `json:"plan"`
	Environment DrillEnvironment `json:"environment"`
}

// DrillEnvironment is what a reader needs to judge or repeat a drill.
type DrillEnvironment struct {
	Kernel   string    `json:"kernel"` // uname -r where the rules were
	Where    string    `json:"where"`  // "this machine" or "user-mode Linux"
	CPUs     int       `json:"cpus"`
	IPTables string    `json:"iptables,omitempty"`
	NFT      string    `json:"nft,omitempty"`
	Started  time.Time `json:"started"`
	Notes    []string  `json:"notes"`
}

// DrillProgress is what the inner half says now and then.
type DrillProgress struct {
	Elapsed time.Duration `json:"elapsedNs"`
	Length  time.Duration `json:"lengthNs"`
	Rows    []drill.Row   `json:"rows"` // counters and marks whole, of intervals the new ones
}
