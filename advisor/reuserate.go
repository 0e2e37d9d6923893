package advisor

import "fmt"

const (
	ephemeralPorts = 28_232 // net.ipv4.ip_local_port_range 32768 to 60999
	reuseWindow    = 120    // seconds an IPVS entry lives in TIME_WAIT (ip_vs_proto_tcp.c)
	reuseCertain   = 235    // new connections per second that use every port within the window
	reuseLikely    = 118    // half of it: connect() tries the ports of one parity first
	reuseNotable   = 0.01   // of the new connections
)

// reuseShare estimates which share of the busiest client's new connections to
// one Service reuses a 5-tuple within the window; 0 where the rate is not known.
func (s *situation) reuseShare() float64 {
	rate, ok := s.habits.NewConnectionsPerSecond.Get()
	if !ok {
		return 0
	}
	if s.habits.BehindNAT.Or(false) { // the NAT picks ports at random
		return min(1, rate*reuseWindow/ephemeralPorts)
	}
	switch {
	case rate >= reuseCertain:
		return 1
	case rate >= reuseLikely:
		return 0.5
	default:
		return 0
	}
}

// reuseLoad says how often 5-tuples are reused at the answered habits.
func (s *situation) reuseLoad() string {
	rate, known := s.habits.NewConnectionsPerSecond.Get()
	at := fmt.Sprintf("At %s new connections per second", trimFloat(rate))
	switch {
	case !known && s.habits.Connections.IsKnown() && s.steady():
		return "Long-lived connections seldom reuse a 5-tuple; --new-connections would tell."
	case !known:
		return fmt.Sprintf("Answer --new-connections: from about %d per second one client reuses ports within %d s.", reuseLikely, reuseWindow)
	case s.habits.BehindNAT.Or(false):
		return fmt.Sprintf("%s behind one NAT, about %s of them hit an entry of the last %d s (rate x %d / %s ports).", at, percent(s.reuseShare()), reuseWindow, reuseWindow, count(ephemeralPorts))
	case rate >= reuseCertain:
		return fmt.Sprintf("%s one client certainly reuses 5-tuples within %d s (%s ports / %d s = %d per second).", at, reuseWindow, count(ephemeralPorts), reuseWindow, reuseCertain)
	case rate >= reuseLikely:
		return fmt.Sprintf("%s one client probably reuses 5-tuples within %d s (from about %d; certain from %d).", at, reuseWindow, reuseLikely, reuseCertain)
	case !s.habits.BehindNAT.IsKnown():
		return fmt.Sprintf("%s one client need not reuse a port within %d s; behind one NAT it would be about %s of them.", at, reuseWindow, percent(min(1, rate*reuseWindow/ephemeralPorts)))
	default:
		return fmt.Sprintf("%s one client need not reuse a port within %d s (from about %d per second it does).", at, reuseWindow, reuseLikely)
	}
}

// rolloutLoad says how often pods leave and with them the danger begins.
func (s *situation) rolloutLoad() string {
	rollouts, known := s.habits.RolloutsPerDay.Get()
	if !known || rollouts == 0 {
		return ""
	}
	return fmt.Sprintf(" About %s rollouts a day, each the start of such a window.", trimFloat(rollouts))
}

func percent(share float64) string {
	p := share * 100
	if p >= 10 || p == 0 {
		return fmt.Sprintf("%.0f %%", p)
	}
	return fmt.Sprintf("%.1f %%", p)
}

// trimFloat writes a rate without needless decimals.
func trimFloat(f float64) string {
	if f == float64(int64(f)) {
		return count(int(f))
	}
	return fmt.Sprintf("%.1f", f)
}
