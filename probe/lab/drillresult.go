package lab

import (
	"fmt"
	"io"
	"time"

	"kpadvisor/files"
	"kpadvisor/plain"
	"kpadvisor/probe"
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

// maxDrillFile bounds a saved drill; one of the whole matrix is 200 KiB.
const maxDrillFile = 16 << 20

// ReadDrill reads the JSON of a drill. The error says in one sentence what is
// wrong with it.
func ReadDrill(r io.Reader) (DrillResult, error) {
	b, err := files.Bounded(r, maxDrillFile)
	if err != nil {
		return DrillResult{}, fmt.Errorf("could not read the drill: %w", err)
	}
	var d DrillResult
	if err := plain.Decode(b, &d); err != nil {
		return DrillResult{}, fmt.Errorf("it is no drill that kpadvisor wrote: %w", err)
	}
	if err := probe.FileBounds().Check(d, ""); err != nil {
		return DrillResult{}, fmt.Errorf("it is no drill that kpadvisor wrote: %w", err)
	}
	return d, d.validate()
}

// validate refuses what no drill can have come to.
func (d DrillResult) validate() error {
	if d.Schema != DrillSchema {
		return fmt.Errorf("its schema is %q, not %q", d.Schema, DrillSchema)
	}
	if len(d.Rows) > drill.MaxConfigs {
		return fmt.Errorf("it has %d rows, and a drill at most %d", len(d.Rows), drill.MaxConfigs)
	}
	for _, r := range d.Rows {
		if err := r.Validate(); err != nil {
			return err
		}
	}
	return nil
}
