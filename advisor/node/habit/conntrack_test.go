package habit

import (
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
)

const second = time.Second

// from is a connection of a client's port to the Service.
func from(client, port int) Flow {
	return Flow{
		From:   netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(client >> 8), byte(client)}), uint16(port)),
		To:     netip.MustParseAddrPort("10.96.0.10:80"),
		Server: netip.MustParseAddrPort("10.244.0.5:8080"),
	}
}

// play tells of connections, one each step, as events: begun, established, closed after
// its life by the last state.
func (c *Conntrack) play(begin, end, step, life time.Duration, last State, flow func(n int) Flow) {
	type closing struct {
		at   time.Duration
		flow Flow
	}
	var open []closing
	n := 0
	for at := begin; at < end; at += step {
		for len(open) > 0 && open[0].at <= at {
			c.Update(open[0].at, open[0].flow, last)
			open = open[1:]
		}
		f := flow(n)
		c.New(at, f, SynSent)
		c.Update(at, f, SynRecv)
		c.Update(at, f, Established)
		open = append(open, closing{at + life, f})
		n++
	}
	for _, o := range open {
		if o.at <= end {
			c.Update(o.at, o.flow, last)
		}
	}
}

func other(n int) Flow { return from(1, 1024+n) }

// known fails unless a fact is known and about right.
func known[T float64 | int | time.Duration](t *testing.T, what string, f advisor.Fact[T], right T) {
	t.Helper()
	if !f.IsKnown() || math.Abs(float64(f.Value)-float64(right)) > 0.01*math.Abs(float64(right))+1e-9 || f.Source == "" {
		t.Errorf("%s: %+v instead of %v", what, f, right)
	}
}

// untold fails unless a fact is unknown with a reason.
func untold[T any](t *testing.T, what string, f advisor.Fact[T], says string) {
	t.Helper()
	if f.State != advisor.Unknown || !strings.Contains(f.Detail, says) || f.Detail == "" {
		t.Errorf("%s: %+v instead of %q", what, f, says)
	}
}

// TestConntrack: what connections are like is found, and what cannot be known is not said.
func TestConntrack(t *testing.T) {
	ms := time.Millisecond
	for name, c := range map[string]struct {
		keeps time.Duration
		seeds func(c *Conntrack)
		begun func(c *Conntrack)
		over  time.Duration
		check func(t *testing.T, h advisor.NodeHabits)
	}{
		"short": {120 * second, nil, func(c *Conntrack) { c.play(0, 60*second, 5*ms, 10*ms, FinWait, other) }, 60 * second, func(t *testing.T, h advisor.NodeHabits) {
			known(t, "new", h.New, 200)
			known(t, "onward", h.Onward, 200)
			known(t, "busiest", h.Busiest, 200)
			known(t, "life", h.Life, 10*ms)
			known(t, "reused", h.Reused, 0)
			known(t, "addresses", h.Addresses, 1)
			known(t, "open", h.Open, 0)
		}},
		"two seconds long, from ten": {120 * second, nil, func(c *Conntrack) {
			c.play(0, 60*second, 50*ms, 2*second, FinWait, func(n int) Flow { return from(n%10, 1024+n) })
			c.Established(40)
		}, 60 * second, func(t *testing.T, h advisor.NodeHabits) {
			known(t, "new", h.New, 20)
			known(t, "busiest", h.Busiest, 2)
			known(t, "life", h.Life, 2*second)
			known(t, "addresses", h.Addresses, 10)
			known(t, "open", h.Open, 40)
		}},
		"longer than measured": {120 * second, nil, func(c *Conntrack) {
			c.play(0, 60*second, second, 300*second, FinWait, other)
			c.Established(300)
		}, 60 * second, func(t *testing.T, h advisor.NodeHabits) { known(t, "life", h.Life, 300*second) }},
		"reused within 2 s": {120 * second, nil, func(c *Conntrack) {
			c.play(0, 60*second, 40*ms, 10*ms, FinWait, func(n int) Flow { return from(1, 1024+n%50) })
		}, 60 * second, func(t *testing.T, h advisor.NodeHabits) { known(t, "reused", h.Reused, 1-50.0/1500) }},
		"reused, seen by the seed": {120 * second, func(c *Conntrack) {
			for n := range 1500 { // ended up to 60 s before
				c.Seed(0, from(1, 1024+n), TimeWait, time.Duration(60+n/25)*second)
			}
		}, func(c *Conntrack) { c.play(0, 60*second, 40*ms, 10*ms, FinWait, other) }, 60 * second, func(t *testing.T, h advisor.NodeHabits) { known(t, "reused", h.Reused, 1) }},
		"used too long ago": {240 * second, func(c *Conntrack) {
			for n := range 1500 {
				c.Seed(0, from(1, 1024+n), TimeWait, 100*second) // of 240
			}
		}, func(c *Conntrack) { c.play(0, 60*second, 40*ms, 10*ms, FinWait, other) }, 60 * second, func(t *testing.T, h advisor.NodeHabits) { known(t, "reused", h.Reused, 0) }},
		"half reused": {120 * second, nil, func(c *Conntrack) {
			c.play(0, 60*second, 40*ms, 10*ms, FinWait, func(n int) Flow { return from(1, 1024+n-n%2*n) })
		}, 60 * second, func(t *testing.T, h advisor.NodeHabits) { known(t, "reused", h.Reused, 0.5) }},
		"forgotten sooner": {30 * second, nil, func(c *Conntrack) { c.play(0, 60*second, 40*ms, 10*ms, FinWait, other) }, 60 * second, func(t *testing.T, h advisor.NodeHabits) {
			known(t, "new", h.New, 25)
			untold(t, "reused", h.Reused, "forgets")
		}},
		"forgotten sooner, for long": {30 * second, nil, func(c *Conntrack) {
			c.play(0, 200*second, 40*ms, 10*ms, FinWait, func(n int) Flow { return from(1, 1024+n%2500) })
		}, 200 * second, func(t *testing.T, h advisor.NodeHabits) { known(t, "reused", h.Reused, 1) }},
		"resets": {120 * second, nil, func(c *Conntrack) { c.play(0, 60*second, 20*ms, 10*ms, Close, other) }, 60 * second, func(t *testing.T, h advisor.NodeHabits) {
			known(t, "new", h.New, 50)
			known(t, "life", h.Life, 10*ms)
			untold(t, "reused", h.Reused, "reset")
		}},
		"resets that are all reused": {120 * second, nil, func(c *Conntrack) {
			c.play(0, 60*second, 20*ms, 10*ms, Close, func(n int) Flow { return from(1, 1024+n%50) })
		}, 60 * second, func(t *testing.T, h advisor.NodeHabits) { known(t, "reused", h.Reused, 1-50.0/3000) }},
		"begun before": {120 * second, nil, func(c *Conntrack) {
			for n := range 100 {
				c.New(second, other(n), Established)
				c.Update(2*second, other(n), FinWait)
			}
		}, 60 * second, func(t *testing.T, h advisor.NodeHabits) {
			known(t, "new", h.New, 0)
			untold(t, "life", h.Life, "fewer than 20")
		}},
		"pooled": {120 * second, func(c *Conntrack) {
			for n := range 50 {
				c.Seed(0, other(n), Established, 5*24*time.Hour)
			}
			c.Established(50)
		}, func(*Conntrack) {}, 60 * second, func(t *testing.T, h advisor.NodeHabits) {
			known(t, "new", h.New, 0)
			known(t, "open", h.Open, 50)
			untold(t, "reused", h.Reused, "fewer than 20")
		}},
		"lost": {120 * second, nil, func(c *Conntrack) {
			c.play(0, 60*second, 5*ms, 10*ms, FinWait, other)
			c.Lost()
		}, 60 * second, func(t *testing.T, h advisor.NodeHabits) {
			untold(t, "new", h.New, "at least 200.0 a second")
			untold(t, "reused", h.Reused, "lost")
			untold(t, "life", h.Life, "lost")
			untold(t, "addresses", h.Addresses, "lost")
		}},
		"not tracked": {120 * second, nil, func(*Conntrack) {}, 60 * second, func(t *testing.T, h advisor.NodeHabits) {
			untold(t, "new", h.New, "nothing here may ask")
			untold(t, "open", h.Open, "nothing here may ask")
		}},
		"loopback": {120 * second, nil, func(c *Conntrack) {
			l := netip.MustParseAddrPort("127.0.0.1:80")
			c.play(0, 60*second, 5*ms, 10*ms, FinWait, func(n int) Flow {
				return Flow{From: netip.AddrPortFrom(l.Addr(), uint16(1024+n)), To: l, Server: l}
			})
		}, 60 * second, func(t *testing.T, h advisor.NodeHabits) { untold(t, "new", h.New, "holds no connection") }},
		"beyond memory": {120 * second, nil, func(c *Conntrack) {
			for n := range mostTuples + 10 {
				c.New(second, from(n>>12, n&4095), SynSent)
			}
		}, 60 * second, func(t *testing.T, h advisor.NodeHabits) {
			known(t, "new", h.New, float64(mostTuples+10)/60)
			untold(t, "reused", h.Reused, "too many")
			untold(t, "life", h.Life, "too many")
		}},
	} {
		k := NewConntrack(c.keeps)
		if c.seeds != nil {
			c.seeds(k)
		}
		if !k.looked {
			k.Established(0)
		}
		k.Begin(0)
		c.begun(k)
		t.Run(name, func(t *testing.T) { c.check(t, k.Habits(c.over)) })
		if len(k.tuples) > mostTuples {
			t.Errorf("%s: %d tuples are kept", name, len(k.tuples))
		}
	}
}

// TestConntrackBefore: what is heard before it is counted is known, and not counted.
func TestConntrackBefore(t *testing.T) {
	k := NewConntrack(120 * second)
	for n := range 100 {
		k.New(second, other(n), SynSent)
	}
	k.Seed(2*second, other(0), TimeWait, second) // older than the event
	k.Established(0)
	k.Begin(10 * second)
	k.play(10*second, 20*second, 100*time.Millisecond, time.Millisecond, FinWait, other)
	h := k.Habits(20 * second)
	known(t, "new", h.New, 10)
	known(t, "reused", h.Reused, 1)
	if h := NewConntrack(0).Habits(0); h.New.IsKnown() || h.Over != 0 {
		t.Errorf("%+v", h)
	}
}
