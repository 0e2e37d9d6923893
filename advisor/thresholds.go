package advisor

import (
	"fmt"
	"slices"
	"time"
)

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

// metrics asks kube-proxy on the node for its metrics of a name, or what grep takes.
func metrics(name string) string { return "curl -s 127.0.0.1:10249/metrics | grep " + name }

// srcModeExits is where kube-proxy says that it does not fall back.
const srcModeExits = "kubernetes pkg/proxy/apis/config types.go, ProxyMode"

// thresholds are those of a move to a mode. KEP-3866 has the only one that was published.
func (s *situation) thresholds(to Mode, known []ModeCount, unseen bool) []Threshold {
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
		// Where an estimate ends nothing is wrong, so it gives nothing to stop at.
		if low, high, text, ok := s.nftFirstSync(); ok {
			out = append(out, Threshold{
				Watch: s.Text("The first sync"), Command: metrics("-E 'kubeproxy_sync_(full_)?proxy_rules_duration_seconds_(sum|count)'"),
				GoOn:   s.Sprintf("soon after the start, _sum / _count is about %s (estimate); on a slower node longer", lasting(s.Voice, low, high)),
				Source: text.Source,
			})
		}
	}
	return append(out, s.silent(to, known, unseen))
}

// failing is what kube-proxy counts in that mode when it cannot write its rules.
func (s *situation) failing(to Mode) Threshold {
	switch to {
	case NFTables:
		return Threshold{
			Watch: s.Text("Syncs that failed"), Command: metrics("kubeproxy_sync_proxy_rules_nftables_sync_failures_total"),
			GoOn: s.Text("their number does not grow after the first sync"),
			Stop: s.Text("it has grown: kube-proxy tries again after its syncPeriod (30 s unless set), and until then the rules are old or missing"),
			Back: s.Text("it goes on growing"), Source: "KEP-3866; kubernetes issue 136786; kubernetes pkg/proxy/nftables/proxier.go",
		}
	case IPVS:
		return Threshold{
			Watch: s.Text("Real servers of weight 0"), Command: "ipvsadm -Ln | awk '$1 == \"->\" && $4 == 0'",
			GoOn: s.Text("each of them disappears"), Source: "kubernetes PR 136123",
		}
	default:
		return Threshold{
			Watch: s.Text("Syncs that failed"), Command: metrics("kubeproxy_sync_proxy_rules_iptables_restore_failures_total"),
			GoOn: s.Text("their number does not grow after the first sync"),
			Stop: s.Text("it has grown: until a sync succeeds the rules are old or missing"), Source: "kubernetes pkg/proxy/metrics",
		}
	}
}

// silent is how long Services do not answer while kube-proxy changes over. Between
// iptables and IPVS the old rules stay; to and from nftables they go first, and what was
// begun meanwhile leaves entries of conntrack that each retry keeps.
func (s *situation) silent(to Mode, known []ModeCount, unseen bool) Threshold {
	t := Threshold{
		Watch: s.Text("Connections that fail on the node while kube-proxy changes over"), Source: "measured, kube-proxy 1.37.2, Linux 6.18",
		Command: fmt.Sprintf("kpadvisor probe CLUSTER-IP:PORT --rate 100 --duration %dm --stop-at-failed 0", s.watchedMinutes(to)), GoOn: s.Text("none"),
	}
	runs := func(m Mode) bool { return slices.ContainsFunc(known, func(c ModeCount) bool { return c.Mode == m }) }
	if to == NFTables || runs(NFTables) || unseen && s.mayRunNFTables() {
		t.GoOn = s.Text("while the first sync lasts, and fewer and fewer after it: what was begun meanwhile may hang until it is tried from another port")
	}
	if to == IPVS || runs(IPVS) {
		t.Source += ", IPVS in user-mode Linux 6.12"
	}
	return t
}

// watchedMinutes is how long to watch connections: past the first sync, where that can be
// estimated.
func (s *situation) watchedMinutes(to Mode) int {
	const least = 2
	if _, high, _, ok := s.nftFirstSync(); ok && to == NFTables {
		return max(least, int(time.Duration(high)/time.Minute)+least)
	}
	return least
}

// mayRunNFTables reports a kube-proxy that has nftables mode, if only behind its gate.
func (s *situation) mayRunNFTables() bool { return !s.newest.IsKnown() || s.newest.Value.AtLeast(29) }

// Back is how to undo the move, and false where there is nothing to undo.
func (m Move) Back() (Step, bool) {
	if len(m.Runbook) == 0 {
		return Step{}, false
	}
	return m.Runbook[len(m.Runbook)-1], true
}
