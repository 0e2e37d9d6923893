package habit

import (
	"net/netip"
	"time"

	"kpadvisor/advisor"
)

// pair is an address that begins connections, and one destination of them.
type pair struct {
	from netip.Addr
	to   netip.AddrPort
}

// clients counts who began connections.
type clients struct {
	began     map[pair]uint64
	addresses map[netip.Addr]struct{}
	full      bool
}

func newClients() clients {
	return clients{began: map[pair]uint64{}, addresses: map[netip.Addr]struct{}{}}
}

func (c *clients) add(from netip.Addr, to netip.AddrPort) {
	p := pair{from, to}
	if _, known := c.began[p]; !known && len(c.began) == mostPairs {
		c.full = true
		return
	}
	c.began[p]++
	c.addresses[from] = struct{}{}
}

// say enters the busiest and how many there are.
func (c *clients) say(h *advisor.NodeHabits, over time.Duration, from string) {
	if c.full {
		const why = "there are too many pairs of addresses to count"
		h.Busiest, h.Addresses = tooMany[float64](why), tooMany[int](why)
		return
	}
	most := uint64(0)
	for _, n := range c.began {
		most = max(most, n)
	}
	h.Busiest = advisor.KnownFrom(perSecond(most, over), from)
	h.Addresses = advisor.KnownFrom(len(c.addresses), from)
}
