package drill

import (
	"fmt"
	"time"
)

// What kubelet and kube-proxy take, at speed 1.
const (
	// steady is how long the Service is left alone at first, so that every source
	// port is in use before anything changes.
	steady = 40 * time.Second
	// overlap is how long the new pod serves beside the old one.
	overlap = 20 * time.Second
	// drainTime is how long the old pod goes on after its endpoint began to
	// terminate: a preStop sleep, or the time until it has shut down, within the
	// usual grace period of 30 s.
	drainTime = 30 * time.Second
	// unheard is how long a pod that was lost with its node is dead before
	// kube-proxy hears of it: --node-monitor-grace-period, 40 s until 1.31 and 50 s
	// since.
	unheard = 40 * time.Second
	// lostAt is when the network of a lost pod is gone, after its process.
	lostAt = 5 * time.Second
	// sandboxTime is from the end of the process to the end of the pod's network.
	sandboxTime = 15 * time.Second
	// checkEvery is rsCheckDeleteInterval of kube-proxy's graceful_termination.go.
	checkEvery = time.Minute
	// checks is how often that happens within a drill.
	checks = 3
)

// EntryLife is how long IPVS keeps the entry of a connection that ended
// (TIME_WAIT in tcp_timeouts of ip_vs_proto_tcp.c); no sysctl and no Speed
// changes it.
const EntryLife = 120 * time.Second

// DefaultPorts is the size of net.ipv4.ip_local_port_range, 32768 to 60999.
const DefaultPorts = 28_232

// Limits of a Plan. A source port must come round in every phase, and well
// before IPVS forgets it.
const (
	MaxBackends = 8
	MaxRate     = 1000
	MaxPorts    = 4000
	MaxSpeed    = 30
	MaxTimeout  = 30 * time.Second
	MaxConfigs  = 16
)

// Plan is a drill. One client connects to a Service of each configuration, all
// at the same time, and each Service has one pod of a rolling update replaced.
type Plan struct {
	Configs  []Config      `json:"configurations"`
	Backends int           `json:"backends"`       // pods behind each Service before the update
	Rate     float64       `json:"rate"`           // new connections per second to each Service
	Ports    int           `json:"ports"`          // source ports the client takes in turn
	Speed    float64       `json:"speed"`          // kubelet and kube-proxy act so many times faster than they do
	Timeout  time.Duration `json:"timeoutNs"`      // the client's patience with a connection
	Lost     bool          `json:"lost,omitempty"` // the old pod is lost with its node, before kube-proxy hears of it
}

// DefaultPlan runs the whole matrix in half a minute.
func DefaultPlan() Plan {
	return Plan{Configs: Matrix(), Backends: 2, Rate: 30, Ports: 60, Speed: 10, Timeout: 3 * time.Second}
}

// Validate says in one sentence what cannot be run.
func (p Plan) Validate() error {
	switch {
	case len(p.Configs) < 1 || len(p.Configs) > MaxConfigs:
		return fmt.Errorf("%d configurations: a drill takes 1 to %d", len(p.Configs), MaxConfigs)
	case p.Backends < 2 || p.Backends > MaxBackends:
		return fmt.Errorf("%d backends: a drill takes 2 to %d, of which it replaces one", p.Backends, MaxBackends)
	case !(p.Rate >= 1 && p.Rate <= MaxRate): // NaN is neither
		return fmt.Errorf("%g connections per second: a drill takes 1 to %d", p.Rate, MaxRate)
	case p.Ports < 2 || p.Ports > MaxPorts:
		return fmt.Errorf("%d source ports: a drill takes 2 to %d", p.Ports, MaxPorts)
	case !(p.Speed >= 1 && p.Speed <= MaxSpeed):
		return fmt.Errorf("speed %g: a drill takes 1, which is kube-proxy's own, to %d", p.Speed, MaxSpeed)
	case p.Timeout < 100*time.Millisecond || p.Timeout > MaxTimeout:
		return fmt.Errorf("a timeout of %v: a drill takes 100 ms to %v", p.Timeout, MaxTimeout)
	}
	for i, c := range p.Configs {
		if err := c.Validate(); err != nil {
			return err
		}
		for _, d := range p.Configs[:i] {
			if c.Same(d) {
				return fmt.Errorf("%s is there twice", c)
			}
		}
	}
	if shortest := p.scaled(min(steady, drainTime)); p.Round() > shortest {
		return fmt.Errorf("%d source ports at %g connections per second come round every %v, and the shortest phase lasts %v: take fewer ports, more connections or less speed",
			p.Ports, p.Rate, p.Round().Round(100*time.Millisecond), shortest)
	}
	return nil
}

// Round is how long it takes until a source port is used again.
func (p Plan) Round() time.Duration {
	return time.Duration(float64(p.Ports) / p.Rate * float64(time.Second))
}

// ReuseShare is the share of new connections that find the entry of an earlier
// one, 0 to 1: rate x 120 s over the ports, which a client takes in turn.
func (p Plan) ReuseShare() float64 {
	return min(1, p.Rate*EntryLife.Seconds()/float64(p.Ports))
}

// SameReuseRate is the rate, in connections per second, at which a client with
// the usual range of ports reuses them within IPVS's 120 s.
func SameReuseRate() float64 { return DefaultPorts / EntryLife.Seconds() }

// scaled is a time of kubelet or kube-proxy as the drill takes it.
func (p Plan) scaled(d time.Duration) time.Duration { return time.Duration(float64(d) / p.Speed) }

// Length is how long the drill takes once everything is built.
func (p Plan) Length() time.Duration {
	steps := p.Steps(true)
	return steps[len(steps)-1].At
}

// IntervalLength is the width of one column of a sparkline: a drill has about
// 120 of them.
func (p Plan) IntervalLength() time.Duration {
	const columns, least, step = 120, 100 * time.Millisecond, 10 * time.Millisecond
	return max(least, (p.Length()/columns+step-1)/step*step)
}
