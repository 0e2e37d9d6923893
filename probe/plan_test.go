package probe

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestPlanValidate(t *testing.T) {
	http, tcp := Target{Name: "A", Address: "h:80", Kind: HTTP}, Target{Name: "A", Address: "h:80", Kind: TCP}
	for _, c := range []struct {
		name   string
		change func(*Plan)
		target Target
		fail   string
	}{
		{"default", func(*Plan) {}, http, ""},
		{"no concurrency", func(p *Plan) { p.Concurrency = 0 }, http, "concurrency"},
		{"too many threads", func(p *Plan) { p.Threads = MaxThreads + 1 }, http, "threads"},
		{"requests and duration", func(p *Plan) { p.Duration = time.Second }, http, "either"},
		{"neither", func(p *Plan) { p.Requests = 0 }, http, "either"},
		{"negative", func(p *Plan) { p.Requests = -1 }, http, "negative"},
		{"rate", func(p *Plan) { p.Rate = -1 }, http, "rate"},
		{"no block", func(p *Plan) { p.Blocks = 0 }, http, "blocks"},
		{"fewer requests than blocks", func(p *Plan) { p.Requests = 3 }, http, "too few"},
		{"no timeout", func(p *Plan) { p.Timeout = 0 }, http, "timeout"},
		{"longer than the histogram", func(p *Plan) { p.Timeout = time.Hour }, http, "timeout"},
		{"unknown port mode", func(p *Plan) { p.Ports.Mode = "x" }, http, "source ports"},
		{"bad range", func(p *Plan) { p.Ports = SourcePorts{SequentialPorts, 10, 5} }, http, "range"},
		{"range below concurrency", func(p *Plan) { p.Ports = SourcePorts{ReusePorts, 40000, 40003} }, http, "too few for 8"},
		{"reuse", func(p *Plan) { p.Ports = SourcePorts{ReusePorts, 40000, 40007} }, http, ""},
		{"reuse of ports in TIME_WAIT", func(p *Plan) { p.Ports = SourcePorts{ReusePorts, 40000, 40007} }, tcp, "TIME_WAIT"},
	} {
		p := DefaultPlan()
		c.change(&p)
		err := p.Validate([]Target{c.target})
		if (err == nil) != (c.fail == "") || (err != nil && !strings.Contains(err.Error(), c.fail)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.fail)
		}
	}
	if p := ABPlan(); p.Validate([]Target{http}) != nil || p.Concurrency != 1000 || p.Requests != 10_000 || p.Blocks != 1 {
		t.Errorf("the --ab plan is %+v", p)
	}
}

func TestBlockRequestsAddUp(t *testing.T) {
	for _, p := range []Plan{{Requests: 10, Blocks: 3}, {Requests: 10_000, Blocks: 1}, {Requests: 7, Blocks: 7}, {Requests: 29, Blocks: 10}} {
		sum := 0
		for i := range p.Blocks {
			sum += p.blockRequests(i)
		}
		if sum != p.Requests {
			t.Errorf("%+v: blocks hold %d", p, sum)
		}
	}
}

// No two workers may hold the same port at once, and reuse must come round.
func TestPorts(t *testing.T) {
	p := Plan{Concurrency: 4, Ports: SourcePorts{ReusePorts, 40000, 40010}}
	owner := map[int]int{}
	for worker := range p.Workers() {
		ports := newPorts(p, worker)
		first := ports.next()
		seen := map[int]bool{}
		for port := first; !seen[port]; port = ports.next() {
			seen[port] = true
			if port < 40000 || port > 40010 {
				t.Fatalf("port %d is outside the range", port)
			}
			if other, taken := owner[port]; taken {
				t.Errorf("port %d belongs to workers %d and %d", port, other, worker)
			}
			owner[port] = worker
		}
		if len(seen) != 2 {
			t.Errorf("worker %d uses %d ports, want 2 of 11 among 4", worker, len(seen))
		}
	}
	kernel := newPorts(Plan{Concurrency: 4, Ports: SourcePorts{Mode: KernelPorts}}, 1)
	if kernel.next() != 0 || kernel.next() != 0 {
		t.Error("the kernel's choice is not left to the kernel")
	}
}

func TestSourceTakesTurns(t *testing.T) {
	p := Plan{Sources: []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")}}
	if source(p, 0) == source(p, 1) || source(p, 0) != source(p, 2) || source(Plan{}, 0).IsValid() {
		t.Error("source addresses are not taken in turn")
	}
}
