package incluster

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"kpadvisor/probe"
)

// joinPort is IP:port.
func joinPort(ip string, port int) string { return net.JoinHostPort(ip, strconv.Itoa(port)) }

// result puts together what was collected.
func (s *Session) result(partial bool) (probe.Result, error) {
	s.roster.mu.Lock()
	defer s.roster.mu.Unlock()
	g := probe.Gathered{
		Started: s.stage.begun(), Elapsed: s.stage.took(s.now()), Partial: partial,
		Checks: map[string]probe.SelfCheck{}, Notes: s.notes(),
	}
	var budgets []probe.Budget
	for _, src := range s.roster.sources {
		if src.hello != nil {
			if g.Environment.Engine == "" {
				g.Environment = src.hello.Environment
			}
			budgets = append(budgets, src.hello.Budget)
		}
		if src.end != nil && src.end.Check != nil {
			g.Checks[src.node] = *src.end.Check
		}
	}
	g.Budget = worstBudget(budgets)
	out, err := s.collector.Result(g)
	if err != nil {
		return out, err
	}
	out.Units = s.named()
	_, out.Overlap = s.clocks()
	for group := range s.spec.Pair.Groups() {
		s.describe(group, &out.Series[group], 0)
		if len(out.Controls) > 0 {
			s.describe(group, &out.Controls[group], 1)
		}
	}
	s.mark(&out)
	return out, nil
}

// The window around a change of the backends: a rolling update's own failures
// come just before and after it; issue 81775 needs a source port again, which
// comes back within two minutes.
const (
	windowBefore = 2 * time.Second
	windowAfter  = 120 * time.Second
)

// mark counts what came of the hits around each change of the backends, or says why
// none was seen.
func (s *Session) mark(out *probe.Result) {
	if changes := s.backends.changes(s.service(), out.Started); len(changes) > 0 {
		out.Windows, out.Others = s.collector.Around(changes, windowBefore, windowAfter)
	}
	if _, gap := s.backends.Rollouts(s.service()); gap != "" {
		out.Notes = append(out.Notes, gap)
	}
}

// describe fills in where a group measured, and what.
func (s *Session) describe(group int, series *probe.Series, target int) {
	var kernels, resolved []string
	for _, src := range s.roster.sources {
		if src.group == group && src.hello != nil {
			kernels = append(kernels, src.hello.Environment.Kernel)
			resolved = append(resolved, src.hello.Resolved[target])
		}
	}
	series.From = listed(s.spec.Pair.Groups()[group].Names(), 3)
	slices.Sort(kernels)
	series.Conditions.Kernel = strings.Join(slices.Compact(kernels), ", ")
	slices.Sort(resolved)
	resolved = slices.Compact(resolved)
	if len(resolved) > 0 {
		series.Resolved = listed(resolved, 1)
		if s.spec.Service == nil { // it was not known before
			series.Target.Address, series.Target.Host, series.Target.Besides = resolved[0], "", ""
			if echo := s.served.get(); target == 0 && len(echo) > 0 {
				series.Target.Besides = strings.Join(echo[1:], ",")
			}
		}
	}
}

// units are those so far, counted anew when a round has been added.
func (s *Session) units() []probe.Unit {
	complete, _ := s.collector.Rounds()
	s.roster.mu.Lock()
	defer s.roster.mu.Unlock()
	if complete != s.roster.unitsOf {
		s.roster.units, s.roster.unitsOf = s.named(), complete
	}
	return s.roster.units
}

// named are the units under the names of their nodes and Services. The roster's lock
// must be held.
func (s *Session) named() []probe.Unit {
	services := s.served.get()
	if s.spec.Service != nil {
		services = []string{s.spec.Service.Address}
	}
	return s.collector.Units(func(source, address int) (node, service string) {
		if address < len(services) {
			service = services[address]
		}
		return s.roster.sources[source].node, service
	})
}

// listed names the first few.
func listed(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// worstBudget is the budget that leaves least.
func worstBudget(all []probe.Budget) probe.Budget {
	var worst probe.Budget
	for i, b := range all {
		if i == 0 || b.Verdict != probe.Enough && worst.Verdict == probe.Enough || b.Free-b.Need < worst.Free-worst.Need {
			worst = b
		}
	}
	return worst
}

// notes say how the numbers came about, and what was not as it should be.
func (s *Session) notes() []string {
	sched := s.spec.Schedule()
	out := []string{
		fmt.Sprintf("measured by pods in turn, by their nodes' clocks: blocks of %v in slots of %v, in an order drawn for each round; the load was %s",
			s.spec.Block(), sched.Slot, s.spec.Cap()),
	}
	if s.spec.Service == nil {
		out = append(out, "the target is an echo server on each node that is measured, behind a Service with internalTrafficPolicy Local: kube-proxy's rules are passed, the network between nodes is not")
	} else if n := len(s.spec.Service.Backends); n > 0 {
		pods := fmt.Sprintf("its %d pods", n)
		if all := s.spec.Service.All; all > n {
			pods = fmt.Sprintf("%d of its %d pods", n, all)
		}
		out = append(out, "the control connects to "+pods+" in turn, without the Service")
	}
	if n := s.spec.Services; n > 1 {
		out = append(out, fmt.Sprintf("%d Services stand for that server, each at its own place among kube-proxy's rules; hits go to them in turn", n))
	} else {
		out = append(out, "one Service has one place among kube-proxy's rules on each node: in iptables mode another Service, or this one after the next sync, costs less or more")
	}
	if n := s.spec.each(); n > 1 {
		out = append(out, fmt.Sprintf("%d nodes on each side are compared by their means, so that the interval allows for what nodes differ in; a block is the hits of all of them, and sparklines show the mean of their medians", n))
	} else {
		out = append(out, "one node on each side: A minus B also holds whatever these two nodes differ in, their load for instance; two nodes of each mode (--nodes 2) tell how much that is")
	}
	for _, d := range s.spec.Pair.Differ {
		out = append(out, "The two sides differ in the "+d)
	}
	clocks, _ := s.clocks()
	return append(append(out, clocks), s.mishaps()...)
}

// clocks says how far the clocks of the two sides are apart, as far as the logs tell,
// and why the sides cannot be compared if that is more than the guard.
func (s *Session) clocks() (text, overlap string) {
	low, high := map[int]time.Duration{}, map[int]time.Duration{}
	for _, src := range s.roster.sources {
		if src.aheadOK {
			l, ok := low[src.group]
			if !ok || src.ahead < l {
				low[src.group] = src.ahead
			}
			if h, ok := high[src.group]; !ok || src.ahead > h {
				high[src.group] = src.ahead
			}
		}
	}
	if len(low) < 2 {
		return "how far the nodes' clocks are apart is not known", ""
	}
	apart := max(high[0]-low[1], high[1]-low[0], 0)
	text = fmt.Sprintf("the nodes' clocks are about %v apart, as the arrival of their logs tells", roundUp(apart))
	if guard := s.spec.Guard; apart > guard {
		return text + fmt.Sprintf(": MORE THAN THE GUARD of %v, so that the two sides measured partly at the same time", guard),
			fmt.Sprintf("the nodes' clocks are about %v apart, more than the guard of %v: the two sides measured partly at the same time; a longer --guard, or clocks that agree, help",
				roundUp(apart), guard)
	}
	overran := 0
	for _, src := range s.roster.sources {
		overran += src.overran
	}
	if overran > 0 {
		return text + fmt.Sprintf(", within the guard of %v; %d blocks had to wait for hits that hung, and reached into the other side's turn", s.spec.Guard, overran), ""
	}
	return text + fmt.Sprintf(", within the guard of %v: the two sides never measured at the same time", s.spec.Guard), ""
}

// roundUp rounds to what such an estimate can bear.
func roundUp(d time.Duration) time.Duration {
	const step = 10 * time.Millisecond
	return (d + step - 1) / step * step
}

// mishaps are what went wrong with sources while the run went on.
func (s *Session) mishaps() []string {
	var out []string
	for _, src := range s.roster.sources {
		if src.gone != "" {
			out = append(out, fmt.Sprintf("%s is missing from some point on: %s", src.called(), src.gone))
		}
		if src.lost > 0 {
			out = append(out, fmt.Sprintf("%d lines of the log of %s never arrived; their rounds do not count", src.lost, src.called()))
		}
		if e := src.end; e != nil && e.Skipped > 0 {
			out = append(out, fmt.Sprintf("%s came too late for %d rounds, which do not count", src.called(), e.Skipped))
		}
		if e := src.end; e != nil && e.Throttled > 0 {
			out = append(out, fmt.Sprintf("the CPU limit of its container stopped %s %d times for up to 100 ms: its longest times may be that", src.called(), e.Throttled))
		}
	}
	if _, dropped := s.collector.Rounds(); dropped > 0 {
		out = append(out, fmt.Sprintf("%d rounds were given up, for some pod's part in them did not arrive", dropped))
	}
	return out
}
