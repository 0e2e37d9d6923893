package lab

import "fmt"

// Load is a way in which connections come. What a rule costs depends on it: rules
// and code that the CPU still holds in its caches are passed several times faster
// than those it has to fetch.
type Load string

// The loads.
const (
	// Hot is a closed loop, one connection after the other: the CPU's caches hold
	// the rules and the code at every one. It stands for a client that does nothing
	// but connect, as the guide's ab did, and is the least that a mode costs.
	Hot Load = "hot"
	// Cold is one connection now and then, as Pacing says: what lay in the CPU's own
	// caches has been overwritten since the last. It stands for a node that does
	// other work between two connections, as nodes do.
	Cold Load = "cold"
)

// Loads are both, that which decides first.
func Loads() []Load { return []Load{Cold, Hot} }

// Pacing says how connections come in the cold load: at that mean rate, each at a
// random time of its period, on a CPU that is kept awake. Before each so many
// bytes of other memory are written, a cache line at a time.
type Pacing struct {
	PerSecond  float64 `json:"perSecond"`
	EvictBytes int     `json:"evictBytes"`
}

// Limits of a Pacing, and what is taken where nothing is said: several times the
// 1 or 2 MiB that a core of today's servers has for itself. What all cores share
// holds more than that and is not emptied.
const (
	DefaultPerSecond  = 100
	DefaultEvictBytes = 8 << 20
	MaxPerSecond      = 1000
	maxEvictBytes     = MaxEvictMiB << 20
	MaxEvictMiB       = 256
)

func (p Pacing) withDefaults() Pacing {
	if p == (Pacing{}) {
		return Pacing{PerSecond: DefaultPerSecond, EvictBytes: DefaultEvictBytes}
	}
	return p
}

// Validate says in one sentence what cannot be kept.
func (p Pacing) Validate() error {
	if !(p.PerSecond >= 1 && p.PerSecond <= MaxPerSecond) {
		return fmt.Errorf("%g connections per second: the cold load takes 1 to %d", p.PerSecond, MaxPerSecond)
	}
	if p.EvictBytes < 0 || p.EvictBytes > maxEvictBytes {
		return fmt.Errorf("%d bytes to write before a connection: at most %d MiB", p.EvictBytes, maxEvictBytes>>20)
	}
	return nil
}
