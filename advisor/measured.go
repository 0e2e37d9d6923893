package advisor

// Measured is evidence somebody measured. It beats an estimate and is never a
// veto: it holds for the kernel it was measured on.
type Measured struct {
	Comparisons []Comparison `json:"comparisons,omitempty"`
	BreakEvens  []BreakEven  `json:"breakEvens,omitempty"`
	Drills      []Drill      `json:"drills,omitempty"` // of issue 81775
}

// Comparison is the measured cost of a new connection in two modes, from a
// probe or the lab. A positive difference says that A is slower than B.
type Comparison struct {
	A            Mode   `json:"a"`
	B            Mode   `json:"b"`
	Where        string `json:"where"`    // "lab", "two addresses", "nodes n1 and n2"
	Kernel       string `json:"kernel"`   // uname -r of the machine measured
	Services     int    `json:"services"` // programmed while measuring; 0 if not known
	MedianDiffNs int64  `json:"medianDiffNs"`
	LowNs        int64  `json:"lowNs"` // 95 % interval
	HighNs       int64  `json:"highNs"`
	Detected     bool   `json:"detected"` // the interval excludes 0
	Blocks       int    `json:"blocks"`   // observations
}
