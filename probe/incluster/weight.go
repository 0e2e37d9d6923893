package incluster

import (
	"fmt"

	"kpadvisor/probe"
)

// MostUnasked is how many nodes on each side a run may have without a second word: a
// pod starts on each, and the API server, the scheduler and the registry feel it.
const MostUnasked = 20

// Heavy is why a run wants a second word, as clauses; none for most.
func (s Spec) Heavy() []string {
	var out []string
	if s.Plan.Rate == 0 {
		out = append(out, fmt.Sprintf("there is no cap on its rate (--rate 0): %d connections at once, each followed by the next", s.Plan.Concurrency*s.each()))
	}
	if n := s.each(); n > MostUnasked {
		out = append(out, fmt.Sprintf("its pods start on %d nodes", 2*n))
	}
	if n := s.Services * 2 * s.each(); n > mostEndpoints {
		out = append(out, fmt.Sprintf("its %d echo Services have %d endpoints together, which every kube-proxy is sent", s.Services, n))
	}
	return out
}

// Costs says what others in the cluster pay for the run, a sentence each.
func (s Spec) Costs() []string {
	var out []string
	if n := s.Services; n > 0 {
		each := 2 * s.each()
		out = append(out, fmt.Sprintf("The %d Services have %d endpoints each, %d together. kube-proxy on every node of the cluster writes rules for them, "+
			"once a second at most while they come and once more when they go. At 5,000 Services one such write took "+
			"0.7 to 2 s in iptables mode and 0.2 s in nftables mode where it was measured (kube-proxy 1.37).", n, each, n*each))
	}
	if s.Service != nil && s.Service.Kind == probe.TCP {
		out = append(out, "Connections to the Service are closed without a word, as you asked (tcp://). A server may count each as an error and block "+
			"the host it came from: MySQL does after max_connect_errors of them, 100 unless it was set.")
	}
	if s.PriorityClass == "" {
		out = append(out, "The pods name no PriorityClass. Where a node has no room, the scheduler may evict pods of a priority below the default (0 in most clusters) for them; "+
			"--priority-class names a class of yours whose preemptionPolicy is Never, and then it evicts none.")
	}
	return out
}
