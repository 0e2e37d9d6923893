package probe

import (
	"fmt"
	"strings"
)

// Cause names what is likely behind failed or late hits.
type Cause string

// The causes.
const (
	PortExhaustion Cause = "port exhaustion" // of this client, not of the target
	SYNRetransmit  Cause = "SYN retransmit"  // a SYN or its answer was lost or thrown away
	SharedPod      Cause = "shared pod"      // a pod was reached by two addresses, and dropped SYNs for it
	BacklogFull    Cause = "backlog full"    // the server's listen queue ran over
	DeadPod        Cause = "dead pod"        // one of the backends behind the address is gone
	Unreachable    Cause = "unreachable"     // nothing behind the address answers
	ServerFault    Cause = "server"          // connected, but no good answer
	LocalLimit     Cause = "local limit"     // something of this machine other than ports
)

// Finding is a likely cause and how it is known.
type Finding struct {
	Target string `json:"target"`
	Cause  Cause  `json:"cause"`
	Text   string `json:"text"` // one sentence
	How    string `json:"how"`  // the counts it rests on
}

// Diagnose names the likely causes of what went wrong with one target, the
// surest first. Port exhaustion, SYN retransmits and Kubernetes issue 81775
// look alike from the outside; the error classes and the kernel's own count of
// resent SYNs tell them apart.
func Diagnose(s Series) []Finding {
	var out []Finding
	add := func(cause Cause, text, how string, args ...any) {
		out = append(out, Finding{Target: s.Target.Name, Cause: cause, Text: text, How: fmt.Sprintf(how, args...)})
	}
	made := s.Phases[Connect].N
	n := func(c Class) int64 { return s.Errors[c] }
	if k := n(AddressNotAvailable); k > 0 {
		add(PortExhaustion, "This client ran out of source ports; the target is not to blame.",
			"%d of %d hits failed with \"address not available\", before a SYN was sent", k, s.Requests)
	}
	if k := n(OtherFailure); k > 0 {
		add(LocalLimit, "This machine refused to make connections.", "%d hits failed, the first with: %s", k, s.OtherError)
	}
	if s.Target.Kind == UDP {
		diagnoseUDP(s, add)
		return out
	}
	backendGone(s, made, add)
	backlogFull(s, add)
	if late := s.Events.Retransmitted(); late > 0 {
		text := "SYNs were lost or thrown away on the way, or by a server whose listen queue was full (511 in nginx); the client's kernel sent them again, which costs 1 s or more."
		if s.Conditions.Plan.Reuses() {
			text = "Reused source ports were answered only after the SYN was sent again: what IPVS does with conn_reuse_mode 1 (Kubernetes issue 81775), or plain loss."
		}
		add(SYNRetransmit, text, "%d connections took 1 s or more (%d of 1 s, %d of 3 s, %d of 7 s), %s; %d timed out unconnected",
			late, s.Events.From1s, s.Events.From3s, s.Events.From7s, resent(s), s.Events.SYNTimeouts)
	}
	answered := s.Events.SYNTimeouts
	if k := n(BadResponse); k > 0 {
		add(ServerFault, "The target answered, but not with a 2xx status.", "%d of %d answers", k, made)
	}
	if k := n(Timeout) - answered; k > 0 {
		add(ServerFault, "The target accepted connections and did not answer in time.", "%d hits timed out after they were connected", k)
	}
	return out
}

// diagnoseShared names what happens if targets lead to the same pod, as a Service and
// its pod do: the kernel offsets TCP timestamps by address, so when a source port comes
// back by the other address while the pod still has the old socket in TIME_WAIT, its
// time may have gone backwards, and the pod drops the SYN (PAWS, RFC 7323 section 5.3;
// 231 of 15,000 where it was measured). Nothing here can see where targets lead.
func diagnoseShared(series []Series) (Finding, bool) {
	var names []string
	var resent, late int64
	for _, s := range series {
		if s.Target.Kind != UDP && s.Events.ResentSYNs > 0 && s.Events.Retransmitted() > 0 && !s.Conditions.Plan.Reuses() {
			names = append(names, s.Target.Name)
			resent, late = resent+s.Events.ResentSYNs, late+s.Events.Retransmitted()
		}
	}
	if len(series) < 2 || len(names) == 0 {
		return Finding{}, false
	}
	return Finding{
		Target: strings.Join(names, ", "), Cause: SharedPod,
		Text: "If two of the targets lead to the same pod, a source port that came back by the other address met its old socket there, and the pod dropped the SYN: measure them in separate runs two minutes apart, or with sysctl net.ipv4.tcp_timestamps=2 on this machine.",
		How:  fmt.Sprintf("%d SYNs were resent, %d connections took 1 s or more; the pod counts TcpExtPAWSTimewait", resent, late),
	}, true
}

// backlogFull names what a server does whose listen queue (backlog) is full, because
// more connections come at once than it accepts: it throws the last ACK of handshakes
// away, after which the client sends its request in vain, and SYNs, or resets them
// (tcp_abort_on_overflow). Lost packets look the same; fewer at once tell them apart.
func backlogFull(s Series, add func(Cause, string, string, ...any)) {
	if s.Events.ResentRequests == 0 || s.Conditions.Plan.Reuses() {
		return
	}
	add(BacklogFull, "Connections were made, and their requests had to be sent again: the server's listen queue was full (its backlog, 511 in nginx, or net.core.somaxconn if that is less), or packets were lost. With -c 1 the queue is never full: if it happens then too, packets are lost.",
		"%d requests were sent again after the connection was made, %d connections took 1 s or more; %d at once",
		s.Events.ResentRequests, s.Events.Retransmitted(), s.Conditions.Plan.Workers())
}

func resent(s Series) string {
	if s.Conditions.Engine == engineDialer {
		return "and resent SYNs cannot be counted here"
	}
	return fmt.Sprintf("the kernel resent %d SYNs", s.Events.ResentSYNs)
}

// backendGone tells a dead address from an address some of whose backends are dead.
func backendGone(s Series, made int64, add func(Cause, string, string, ...any)) {
	gone := s.Errors[NoRoute] + s.Errors[Refused]
	counts := fmt.Sprintf("%d no route, %d refused, %d timed out unconnected, %d reset; %d connected",
		s.Errors[NoRoute], s.Errors[Refused], s.Events.SYNTimeouts, s.Errors[Reset], made)
	switch {
	case made == 0 && gone+s.Events.SYNTimeouts > 0:
		add(Unreachable, "Nothing behind the address answers.", "%s", counts)
	case s.Events.SYNTimeouts > 0 && s.Events.Retransmitted() == 0 && gone == 0:
		// Loss would let some SYN through at the second or third try.
		add(DeadPod, "Some SYNs are answered at once and others never, however often they are sent: a backend is gone, or it does not accept.", "%s, %s", counts, resent(s))
	case gone > 0:
		text := "Some connections to the address reach a backend and some do not: a backend is gone and still receives connections."
		if s.Errors[NoRoute] > 0 {
			text += " Or the address was tried before its rules were in place: conntrack then sends the same source port astray for two minutes."
		}
		if s.Conditions.Plan.Reuses() {
			text = "Reused source ports reach a backend that is gone, others are answered: Kubernetes issue 81775."
		}
		add(DeadPod, text, "%s", counts)
	case s.Errors[Reset] > 0:
		add(DeadPod, "Connections were made and then reset: a backend ended or its port was taken away while it answered, or the server resets under load.", "%s", counts)
	}
}
