package probe

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// timeWait is how long Linux keeps the port of a connection it closed first
// (TCP_TIMEWAIT_LEN, not configurable).
const timeWait = 60 * time.Second

// PortState is what the kernel says about source ports towards one target.
type PortState struct {
	Known     bool            `json:"known"`    // false where the kernel can't be asked
	Low       int             `json:"low"`      // net.ipv4.ip_local_port_range
	High      int             `json:"high"`     // included
	Reserved  int             `json:"reserved"` // of the range, net.ipv4.ip_local_reserved_ports
	InUse     int             `json:"inUse"`    // connections to the target that are not in TIME_WAIT
	TimeWait  []time.Duration `json:"-"`        // connections to the target in TIME_WAIT: how long each will stay
	HoldsPort time.Duration   `json:"holdsNs"`  // how long TIME_WAIT keeps a port from a new connection to the target
}

// free is the number of ports a connection to the target could use now, per
// source address.
func (s PortState) free(addresses int) int {
	return max(0, s.size()*addresses-s.InUse-len(s.TimeWait))
}

func (s PortState) size() int { return max(0, s.High-s.Low+1-s.Reserved) }

// Verdict is what a budget comes to.
type Verdict string

// The verdicts.
const (
	Enough Verdict = "enough"
	Wait   Verdict = "wait"
	Refuse Verdict = "refuse"
)

// Budget is the source ports a plan needs and those there are, for the target
// that is worst off, and the same of entries of conntrack for all of them.
type Budget struct {
	Verdict   Verdict       `json:"verdict"`
	Wait      time.Duration `json:"waitNs,omitempty"` // of the verdict Wait: after it there are enough
	Why       string        `json:"why"`
	Target    string        `json:"target"`    // name of the target
	Ports     int           `json:"ports"`     // in the range, times source addresses; half of it for tcp targets
	Free      int           `json:"free"`      // of them now
	TimeWait  int           `json:"timeWait"`  // of them in TIME_WAIT
	Need      int           `json:"need"`      // for the largest block, or at once
	PerSecond float64       `json:"perSecond"` // rate the ports can sustain; 0 is no limit
	Conntrack Conntrack     `json:"conntrack,omitzero"`
}

// BudgetError says that a run was refused for want of source ports, or of room in
// conntrack.
type BudgetError struct{ Budget Budget }

// Error is the budget's reason.
func (e *BudgetError) Error() string { return "not started: " + e.Budget.Why }

// PlanBudget says whether the ports last, from what the kernel says of each
// target, in the order of targets.
func PlanBudget(plan Plan, targets []Target, states []PortState) Budget {
	worst := Budget{Verdict: Enough, Why: "there are enough source ports"}
	rank := func(v Verdict) int { return slices.Index([]Verdict{Enough, Wait, Refuse}, v) }
	for i, t := range targets {
		b := targetBudget(plan, t, states[i])
		if i == 0 || rank(b.Verdict) > rank(worst.Verdict) || (b.Verdict == worst.Verdict && b.Wait > worst.Wait) {
			worst = b
		}
	}
	return worst
}

func targetBudget(plan Plan, t Target, s PortState) Budget {
	b := Budget{Target: t.Name, Verdict: Enough, TimeWait: len(s.TimeWait)}
	if !s.Known {
		b.Why = "this system does not say how many source ports are free"
		return b
	}
	s, fixed := plan.narrow(s)
	addresses := max(1, len(plan.Sources))
	b.Ports, b.Free = s.size()*addresses, s.free(addresses)
	if fixed == ReusePorts || (t.Kind != TCP && fixed == KernelPorts) {
		// The server closes first and keeps the TIME_WAIT, or there is none; a port is
		// free again when its connection is.
		b.Need = plan.Workers()
		return b.settle(s, fmt.Sprintf("%d connections at once need as many source ports", b.Need))
	}
	if fixed == SequentialPorts {
		b.Need = plan.total()
		if b.Need == 0 || b.Need > b.Ports {
			return b.refuse("%d source ports are too few for %s, each used once: widen the range or choose reuse", b.Ports, plan.amount())
		}
		return b.settle(s, fmt.Sprintf("%s use each source port once", plan.amount()))
	}
	return plan.tcpBudget(b, s)
}

// tcpBudget is for connections that leave their port in TIME_WAIT at this end.
// Only half of the range is planned with: connect() tries the ports of one
// parity first, and once those are taken it looks at each of them in vain every
// time, which costs a ms or more and would be measured as Connect.
func (p Plan) tcpBudget(b Budget, s PortState) Budget {
	half := b.Ports / 2
	b.Ports, b.Free = b.Ports-half, b.Free-half
	b.PerSecond = float64(b.Ports) / s.HoldsPort.Seconds()
	if p.OpenLoop() {
		within := int(p.Rate * s.HoldsPort.Seconds())
		if total := p.total(); total > 0 {
			within = min(within, total)
		}
		if b.Need = within; within > b.Ports {
			return b.refuse("%g connections/s hold %d source ports in TIME_WAIT, there are %d: at most %.0f/s last; lower the rate, add source addresses or use an http target",
				p.Rate, within, b.Ports, b.PerSecond)
		}
		return b.settle(s, fmt.Sprintf("%g connections/s hold %d source ports in TIME_WAIT", p.Rate, within))
	}
	if p.Requests == 0 {
		// A block that runs out of ports ends early, so it needs only some.
		b.Need = p.Workers()
		return b.settle(s, "blocks end early when the source ports run out")
	}
	if b.Need = p.blockRequests(0); b.Need > b.Ports {
		return b.refuse("a block of %d connections needs more source ports than the %d there are: use more blocks, more source addresses or an http target", b.Need, b.Ports)
	}
	return b.settle(s, fmt.Sprintf("a block leaves %d source ports in TIME_WAIT; blocks wait for free ones", b.Need))
}

func (b Budget) refuse(format string, args ...any) Budget {
	b.Verdict, b.Why = Refuse, fmt.Sprintf(format, args...)
	return b
}

// settle compares need with what is free now, and finds out when there will be
// enough.
func (b Budget) settle(s PortState, why string) Budget {
	missing := b.Need - b.Free
	b.Free = max(0, b.Free)
	b.Why = fmt.Sprintf("%s; %d of %d are free", why, b.Free, b.Ports)
	if missing <= 0 {
		return b
	}
	if missing > len(s.TimeWait) {
		return b.refuse("%s, and too few can become free: other connections to the target hold %d", why, s.InUse)
	}
	left := slices.Sorted(slices.Values(s.TimeWait))
	b.Verdict, b.Wait = Wait, left[missing-1]
	b.Why = fmt.Sprintf("%s; %d of %d are free, enough of the %d in TIME_WAIT end in %v", why, b.Free, b.Ports, len(s.TimeWait), b.Wait.Round(time.Second))
	return b
}

// narrow applies the plan's own range of ports to what the kernel says.
func (p Plan) narrow(s PortState) (PortState, PortMode) {
	if p.Ports.Mode != KernelPorts {
		s.Low, s.High, s.Reserved = p.Ports.Low, p.Ports.High, 0
	}
	// TIME_WAIT that no longer keeps its port does not count.
	kept := s.TimeWait[:0:0]
	for _, left := range s.TimeWait {
		if held := s.HoldsPort - (timeWait - left); held > 0 {
			kept = append(kept, held)
		}
	}
	s.TimeWait = kept
	return s, p.Ports.Mode
}

// total is the hits on one target, warm-up included; 0 if not known beforehand.
func (p Plan) total() int {
	perBlock := 0.0
	switch {
	case p.Requests > 0:
		perBlock = float64(p.Requests) / float64(p.Blocks)
	case p.OpenLoop():
		perBlock = p.Rate * p.Duration.Seconds() / float64(p.Blocks)
	}
	return int(perBlock * float64(p.Blocks+p.WarmUp))
}

// oneBlock is the plan of one block alone.
func (p Plan) oneBlock(turn Turn) Plan {
	if p.Requests > 0 {
		p.Requests = p.blockRequests(turn.Round % p.Blocks)
	}
	p.Duration /= time.Duration(p.Blocks)
	p.Blocks, p.WarmUp = 1, 0
	return p
}

// amount is total in words.
func (p Plan) amount() string {
	if n := p.total(); n > 0 {
		return fmt.Sprintf("%d connections", n)
	}
	return fmt.Sprintf("%v of connections", p.Duration)
}

// ReadBudget resolves the targets, asks the kernel and says whether the ports
// last; a screen shows it before a run. Nothing is sent to the targets.
func ReadBudget(ctx context.Context, plan Plan, targets ...Target) (Budget, error) {
	if err := plan.Validate(targets); err != nil {
		return Budget{}, err
	}
	var addresses []netip.AddrPort
	for _, t := range targets {
		all, err := t.resolve(ctx)
		if err != nil {
			return Budget{}, err
		}
		addresses = append(addresses, all[0])
	}
	return budgetOf(plan, targets, addresses)
}

// budgetOf asks the kernel about targets that are resolved.
func budgetOf(plan Plan, targets []Target, addresses []netip.AddrPort) (Budget, error) {
	states, err := portStates(addresses)
	if err != nil {
		return Budget{}, err
	}
	return PlanBudget(plan, targets, states).tracked(plan, len(targets), conntrackState()), nil
}

// awaitPorts waits until the next block's target has the ports it needs, and
// says how many hits the block may make; 0 is as many as it likes. Only
// connections that leave their port in TIME_WAIT here need that.
func (r *Runner) awaitPorts(ctx context.Context, s *shared, turn Turn) (most int, err error) {
	target := r.targets[turn.Target]
	if r.plan.Force || target.Kind != TCP || r.plan.Ports.Mode != KernelPorts {
		return 0, nil
	}
	known, plan := false, r.plan.oneBlock(turn)
	b, err := r.await(ctx, func() (Budget, error) {
		states, err := portStates([]netip.AddrPort{s.aims[turn.Target].addresses[0]})
		if err != nil {
			return Budget{}, err
		}
		known = states[0].Known
		b := targetBudget(plan, target, states[0])
		if b.Verdict == Refuse {
			// The plan as a whole was found possible: something else holds ports.
			b.Verdict, b.Wait = Wait, time.Second
		}
		return b, nil
	})
	if err == nil && known && r.plan.Requests == 0 {
		most = b.Free
	}
	return most, err
}

// await asks until the answer is not Wait any more; it gives up when waiting
// took twice as long as TIME_WAIT lasts.
func (r *Runner) await(ctx context.Context, ask func() (Budget, error)) (Budget, error) {
	var waited time.Duration
	for {
		b, err := ask()
		if err != nil || b.Verdict != Wait || r.plan.Force {
			return b, err
		}
		if waited > 2*timeWait {
			return b, &BudgetError{Budget: b}
		}
		r.report(func(p *Progress) { p.State, p.Why = PortsWait, b.Why })
		pause := max(b.Wait, 100*time.Millisecond)
		waited += pause
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return b, context.Cause(ctx)
		case <-timer.C:
		}
	}
}
