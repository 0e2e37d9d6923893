package probe

import (
	"encoding/json"
	"fmt"
)

// Phase is one of the five times measured of a hit.
type Phase int

// The phases. Waiting, Processing and Total exist for HTTP targets only.
const (
	Handshake  Phase = iota // SYN to SYN-ACK as the kernel timed it, whole µs; not for a connection whose SYN was resent
	Connect                 // the connect() call
	Processing              // connected to last byte
	Waiting                 // request written to first byte
	Total                   // sent (open loop: due) to last byte
	phaseCount
)

// Phases lists them in the order of ab's table, Handshake before it.
func Phases() [phaseCount]Phase {
	return [phaseCount]Phase{Handshake, Connect, Processing, Waiting, Total}
}

// String is the phase's name in files and tables, lower case.
func (p Phase) String() string {
	switch p {
	case Handshake:
		return "handshake"
	case Connect:
		return "connect"
	case Waiting:
		return "waiting"
	case Processing:
		return "processing"
	case Total:
		return "total"
	}
	return fmt.Sprintf("phase %d", int(p))
}

// PerPhase holds one value for each phase, indexed by Phase; in JSON it is an
// object keyed by the phase's name.
type PerPhase[T any] [phaseCount]T

// MarshalJSON writes the object.
func (v PerPhase[T]) MarshalJSON() ([]byte, error) {
	byName := make(map[string]T, phaseCount)
	for _, p := range Phases() {
		byName[p.String()] = v[p]
	}
	return json.Marshal(byName)
}

// UnmarshalJSON reads the object; a phase that is absent keeps its zero value,
// an unknown name is ignored, for fields may be added later.
func (v *PerPhase[T]) UnmarshalJSON(data []byte) error {
	byName := map[string]T{}
	if err := json.Unmarshal(data, &byName); err != nil {
		return err
	}
	for _, p := range Phases() {
		v[p] = byName[p.String()]
	}
	return nil
}
