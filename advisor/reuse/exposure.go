package reuse

import (
	"slices"

	"kpadvisor/say"
)

// Exposure is what issue 81775 does to a node group.
type Exposure string

// The exposures of the machine-readable contract.
const (
	StalePod     Exposure = "stale-pod"    // (a) a reused 5-tuple reaches a destroyed pod
	SynDelay     Exposure = "syn-delay"    // (b) a reused 5-tuple waits about 1 s for the SYN retransmit
	IfSysctl0    Exposure = "if-sysctl-0"  // safe while conn_reuse_mode is 1; exposed if something left it 0
	CheckSysctl  Exposure = "check-sysctl" // vendor kernel: the number does not tell
	Safe         Exposure = "safe"         // (c)
	NotIPVS      Exposure = "not-ipvs"
	UnknownReuse Exposure = "unknown"
)

// In is the exposure in words that stand in a sentence; in English they are its name.
func (e Exposure) In(v say.Voice) string {
	switch e {
	case StalePod:
		return v.Text("stale-pod")
	case SynDelay:
		return v.Text("syn-delay")
	case IfSysctl0:
		return v.Text("if-sysctl-0")
	case CheckSysctl:
		return v.Text("check-sysctl")
	case Safe:
		return v.Text("safe")
	case NotIPVS:
		return v.Text("not-ipvs")
	}
	return v.Text("unknown")
}

// Rank orders Exposures, the worst first.
func (e Exposure) Rank() int { return slices.Index(Exposures(), e) }

// Exposures are all that IPVS mode can have, the worst first.
func Exposures() []Exposure {
	return []Exposure{StalePod, SynDelay, CheckSysctl, IfSysctl0, UnknownReuse, Safe}
}

// Bites reports an exposure that loses or delays connections.
func (e Exposure) Bites() bool { return e == StalePod || e == SynDelay }
