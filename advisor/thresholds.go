package advisor

import "slices"

// Threshold is a sign to look at on each node during a move, and what it is for: to go
// on with the next node, to stop, or to take this one back. It is founded on what
// somebody published or measured; what nobody did is empty.
type Threshold struct {
	Watch   string `json:"watch"`
	Command string `json:"command"` // shows it, on the node
	GoOn    string `json:"goOn"`
	Stop    string `json:"stop"`
	Back    string `json:"back"`
	Source  string `json:"source"`
}

// metrics asks kube-proxy on the node for its metrics of a name.
func metrics(name string) string { return "curl -s 127.0.0.1:10249/metrics | grep " + name }

// srcModeExits is where kube-proxy says that it does not fall back.
const srcModeExits = "kubernetes pkg/proxy/apis/config types.go, ProxyMode"

// thresholds are those of a move to a mode. KEP-3866 has the only one that was published.
func (s *situation) thresholds(to Mode, known []ModeCount) []Threshold {
	out := []Threshold{{
		Watch: s.Text("The mode that kube-proxy says it runs"), Command: "curl -s 127.0.0.1:10249/proxyMode",
		GoOn: s.Sprintf("it says %s", string(to)), Stop: s.Text("it says another mode"),
		Back: s.Text("it goes on giving no answer: kube-proxy exits where it cannot run the mode"), Source: srcModeExits,
	}}
	if to == IPVS && !s.since(26) { // it runs iptables instead, without a word
		out[0].Back, out[0].Source = "", "CHANGELOG-1.26, kubernetes PR 111806"
	}
	out = append(out, s.failing(to))
	if to == NFTables {
		if low, high, text, ok := s.nftFirstSync(); ok {
			out = append(out, Threshold{
				Watch: s.Text("The first sync"), Command: metrics("kubeproxy_sync_proxy_rules_duration_seconds"),
				GoOn:   s.Sprintf("it takes about %s (estimate)", lasting(s.Voice, low, high)),
				Stop:   s.Sprintf("it takes longer than %s, where the estimate ends", duration(s.Voice, high)),
				Source: text.Source,
			})
		}
	}
	return append(out, s.silent(to, known))
}

// failing is what kube-proxy counts in that mode when it cannot write its rules.
func (s *situation) failing(to Mode) Threshold {
	switch to {
	case NFTables:
		return Threshold{
			Watch: s.Text("Syncs that failed"), Command: metrics("kubeproxy_sync_proxy_rules_nftables_sync_failures_total"),
			GoOn: s.Text("their number does not grow after the first sync"),
			Stop: s.Text("it has grown: kube-proxy tries again after 30 s, and until then the rules are old or missing"),
			Back: s.Text("it goes on growing"), Source: "KEP-3866; kubernetes issue 136786",
		}
	case IPVS:
		return Threshold{
			Watch: s.Text("Real servers of weight 0"), Command: "ipvsadm -Ln | awk '$1 == \"->\" && $4 == 0'",
			GoOn: s.Text("each of them disappears"), Stop: s.Text("some never disappear"), Source: "kubernetes PR 136123",
		}
	default:
		return Threshold{
			Watch: s.Text("Syncs that failed"), Command: metrics("kubeproxy_sync_proxy_rules_iptables_restore_failures_total"),
			GoOn: s.Text("their number does not grow after the first sync"),
			Stop: s.Text("it has grown: until a sync succeeds the rules are old or missing"), Source: "kubernetes pkg/proxy/metrics",
		}
	}
}

// silent is how long Services do not answer while kube-proxy changes over.
func (s *situation) silent(to Mode, known []ModeCount) Threshold {
	t := Threshold{
		Watch: s.Text("Connections that fail on the node while kube-proxy changes over"), Source: "measured, kube-proxy 1.37.2",
		Command: "kpadvisor probe CLUSTER-IP:PORT --rate 100 --duration 2m --stop-at-failed 0", GoOn: s.Text("none"),
	}
	if to == NFTables || slices.ContainsFunc(known, func(c ModeCount) bool { return c.Mode == NFTables }) {
		t.GoOn = s.Text("for about a second at 1,000 Services, for several at 5,000, and none after that")
	}
	return t
}

// Back is how to undo the move, and false where there is nothing to undo.
func (m Move) Back() (Step, bool) {
	if len(m.Runbook) == 0 {
		return Step{}, false
	}
	return m.Runbook[len(m.Runbook)-1], true
}
