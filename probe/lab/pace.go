package lab

import (
	"fmt"
	"math"
	"time"

	"kpadvisor/plain"
)

// pace foresees how long a mode takes to program a size, from the last one.
type pace struct {
	limit time.Duration
	last  map[Mode]programmed
}

type programmed struct {
	services int
	took     time.Duration
}

// foreseeable is the least time that says something about a larger size: below
// it starting the tool counts most. The limit itself holds while programming.
const foreseeable = time.Second

func newPace(limit time.Duration) *pace { return &pace{limit: limit, last: make(map[Mode]programmed)} }

// record keeps what the largest size took: it says most.
func (p *pace) record(m Mode, services int, took time.Duration) {
	if services >= p.last[m].services {
		p.last[m] = programmed{services, took}
	}
}

// overLimit says that a mode was stopped.
func (p *pace) overLimit() string { return fmt.Sprintf("programming took longer than %v", p.limit) }

// tooSlow says why a size is left out, or nothing. iptables-nft takes about the
// square of the chains; all others somewhat more than the number of Services.
func (p *pace) tooSlow(m Mode, services int) string {
	last, ok := p.last[m]
	switch {
	case !ok || services < last.services:
		return ""
	case services == last.services && last.took >= p.limit:
		return p.overLimit()
	case services == last.services || last.took < foreseeable:
		return ""
	}
	power := 1.2
	if m == IPTablesNFT {
		power = 2
	}
	expected := time.Duration(float64(last.took) * math.Pow(float64(services)/float64(last.services), power))
	if expected <= p.limit {
		return ""
	}
	return fmt.Sprintf("programming would take about %v, more than the limit of %v: %s Services took %v",
		expected.Round(time.Second), p.limit, plain.Number(last.services), last.took.Round(100*time.Millisecond))
}
