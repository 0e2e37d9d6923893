package habit

import (
	"testing"
	"time"

	"kpadvisor/advisor"
)

// table plays IPVS: connections of one client at a rate, each of so long a life, from so
// many ports in turn, and UDP beside them; read every 5 s.
type table struct {
	reuseMode   int
	told        int // conn_reuse_mode as it is read
	perSecond   int
	ports       int
	life        time.Duration
	reset       bool
	udp         int // a second
	over, every time.Duration
	before      time.Duration // for how long it went on before the first reading
}

type kept struct {
	begun, closed time.Duration
}

func (p table) habits() advisor.NodeHabits {
	v := NewIPVS(p.told)
	step := second / time.Duration(p.perSecond)
	of := map[int]kept{}
	conns, queries := uint64(0), 0
	timeout, last := 120*second, TimeWait
	if p.reset {
		timeout, last = 10*second, Close
	}
	read := time.Duration(0)
	n := 0
	for at := -p.before; at <= p.over; at += step {
		for at >= read {
			v.Begin(read, conns)
			for port, k := range of {
				e := IPVSEntry{Flow: from(1, 1024+port), TCP: true, State: Established, Left: 900 * second}
				if read >= k.closed {
					e.State, e.Left = last, (k.closed + timeout - read).Truncate(second)
				}
				if e.Left >= 0 {
					v.Entry(e)
				}
			}
			for q := range queries {
				v.Entry(IPVSEntry{Flow: from(2+q>>12, q&4095), Left: 300 * second})
			}
			v.End()
			read += p.every
		}
		port := n % p.ports
		k, known := of[port]
		if gone := known && at > k.closed+timeout; !known || gone || p.reuseMode != 0 {
			conns++
		}
		of[port] = kept{at, at + p.life}
		n++
		if p.udp > 0 && n%(p.perSecond/p.udp) == 0 {
			queries++
			conns++
		}
	}
	return v.Habits()
}

// TestIPVS: in both reuse modes the rate and what is used again are found.
func TestIPVS(t *testing.T) {
	ms := time.Millisecond
	usual := table{reuseMode: 1, told: 1, perSecond: 25, ports: 1 << 15, life: 10 * ms, over: 60 * second, every: 5 * second, before: 30 * second}
	for name, c := range map[string]struct {
		change func(*table)
		check  func(t *testing.T, h advisor.NodeHabits)
	}{
		"none used again": {func(*table) {}, func(t *testing.T, h advisor.NodeHabits) {
			known(t, "new", h.New, 25)
			known(t, "busiest", h.Busiest, 25)
			known(t, "reused", h.Reused, 0)
			known(t, "addresses", h.Addresses, 1)
			untold(t, "life", h.Life, "less than")
		}},
		"UDP beside them": {func(p *table) { p.udp = 5 }, func(t *testing.T, h advisor.NodeHabits) { known(t, "new", h.New, 25) }},
		"all used again, counted": {func(p *table) { p.ports = 250 }, func(t *testing.T, h advisor.NodeHabits) {
			known(t, "new", h.New, 25)
			known(t, "reused", h.Reused, 1)
		}},
		"all used again, not counted": {func(p *table) { p.ports, p.reuseMode, p.told = 250, 0, 0 }, func(t *testing.T, h advisor.NodeHabits) {
			known(t, "new", h.New, 25)
			known(t, "reused", h.Reused, 1)
		}},
		"used again sooner than read, counted": {func(p *table) { p.ports = 25 }, func(t *testing.T, h advisor.NodeHabits) {
			known(t, "new", h.New, 25)
			known(t, "busiest", h.Busiest, 25)
			known(t, "reused", h.Reused, 1)
		}},
		"used again sooner than read, not counted": {func(p *table) { p.ports, p.reuseMode, p.told = 25, 0, 0 }, func(t *testing.T, h advisor.NodeHabits) {
			untold(t, "new", h.New, "recur more often")
			known(t, "reused", h.Reused, 1)
		}},
		"mode not known": {func(p *table) { p.ports, p.reuseMode, p.told = 250, 0, -1 }, func(t *testing.T, h advisor.NodeHabits) {
			untold(t, "new", h.New, "not known")
			known(t, "reused", h.Reused, 1)
		}},
		"mode not known, and no matter": {func(p *table) { p.told = -1 }, func(t *testing.T, h advisor.NodeHabits) { known(t, "new", h.New, 25) }},
		"two seconds": {func(p *table) { p.life = 2 * second }, func(t *testing.T, h advisor.NodeHabits) {
			known(t, "new", h.New, 25)
			if d := h.Life.Or(0); d < 1900*ms || d > 2100*ms {
				t.Errorf("life %+v", h.Life)
			}
		}},
		"resets, none used again": {func(p *table) { p.reset = true }, func(t *testing.T, h advisor.NodeHabits) {
			known(t, "new", h.New, 25)
			untold(t, "reused", h.Reused, "reset")
		}},
		"resets, used again in 10 s": {func(p *table) { p.reset, p.ports = true, 250 }, func(t *testing.T, h advisor.NodeHabits) {
			known(t, "new", h.New, 25)
			known(t, "reused", h.Reused, 1)
		}},
		"resets, used again after they are forgotten": {func(p *table) { p.reset, p.ports, p.over = true, 500, 300*second }, func(t *testing.T, h advisor.NodeHabits) {
			known(t, "new", h.New, 25)
			if h.Reused.Or(0) < 0.95 {
				t.Errorf("%+v", h.Reused)
			}
		}},
		"read too rarely": {func(p *table) { p.every = 15 * second }, func(t *testing.T, h advisor.NodeHabits) {
			untold(t, "new", h.New, "often enough")
			untold(t, "open", h.Open, "often enough")
		}},
		"read once": {func(p *table) { p.over = second }, func(t *testing.T, h advisor.NodeHabits) { untold(t, "new", h.New, "not read twice") }},
	} {
		p := usual
		c.change(&p)
		t.Run(name, func(t *testing.T) { c.check(t, p.habits()) })
	}
}

// TestIPVSBroken: counters that go back, and more entries than fit.
func TestIPVSBroken(t *testing.T) {
	v := NewIPVS(1)
	v.Begin(0, 100)
	v.End()
	v.Begin(5*second, 50)
	v.End()
	untold(t, "new", v.Habits().New, "went back")
	v = NewIPVS(1)
	for reading := range 2 {
		v.Begin(time.Duration(reading)*5*second, 100)
		for n := range mostTuples + 1 {
			v.Entry(IPVSEntry{Flow: from(n>>12, n&4095), TCP: true, State: Established})
		}
		v.End()
	}
	untold(t, "new", v.Habits().New, "too large")
}
