package probe

import (
	"encoding/json"
	"fmt"
)

// Phase is one of the times measured of a hit.
type Phase int

// The phases. Which of them exist for a target, its Kind says (see Kind.Has).
const (
	Handshake  Phase = iota // SYN to SYN-ACK as the kernel timed it, whole µs; not for a connection whose SYN was resent
	Connect                 // the connect() call
	Processing              // connected to last byte
	Waiting                 // request written to first byte
	Total                   // sent (open loop: due) to last byte
	// Established is the shortest round trip of the connection as the kernel timed
	// it (tcpi_min_rtt, whole µs), read after the answer: what a packet takes once
	// conntrack knows the connection. The handshake's own round trip is among those
	// it is the least of. A connection that sends nothing has none.
	Established
	// FirstPacket is Handshake minus Established of one connection: what its first
	// packet took longer than a later one, which is what a mode of kube-proxy, NAT and
	// conntrack cost; the server, the distance and the speed of the node are in both
	// and cancel. It is never below 0. Where they vary by more than the first packet
	// costs it is often 0, and says less.
	FirstPacket
	// KeptAlive is request written to first byte of an HTTP/1.1 HEAD on a connection
	// that each thread keeps open to each target, after each hit; only if the plan asks
	// for it. A difference of modes is not in it: they cost the first packet alone.
	KeptAlive
	phaseCount
)

// Phases lists them: the kernel's own times, then ab's table in its order, then what
// is measured only if asked for.
func Phases() [phaseCount]Phase {
	return [phaseCount]Phase{Handshake, Established, FirstPacket, Connect, Processing, Waiting, Total, KeptAlive}
}

// Kernel reports whether the kernel took the time, in whole µs: no delay of this
// program is in it.
func (p Phase) Kernel() bool { return p == Handshake || p == Established || p == FirstPacket }

// Between is the phase in which series are compared unless somebody wants another:
// FirstPacket if they were measured from different places and all have it, for then
// only it leaves the places out; else Handshake, or Connect where the kernel gave none,
// or Waiting of queries, which have neither.
func Between(series ...Series) Phase {
	places, first, handshake, connect, waiting := map[string]bool{}, true, false, false, false
	for _, s := range series {
		places[s.From] = true
		first = first && s.Phases[FirstPacket].N > 0
		handshake = handshake || s.Phases[Handshake].N > 0
		connect = connect || s.Phases[Connect].N > 0
		waiting = waiting || s.Phases[Waiting].N > 0
	}
	switch {
	case len(places) > 1 && first:
		return FirstPacket
	case !handshake && connect:
		return Connect
	case !handshake && waiting:
		return Waiting
	}
	return Handshake
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
	case Established:
		return "established"
	case FirstPacket:
		return "first-packet"
	case KeptAlive:
		return "kept-alive"
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
