package probe

import "fmt"

// Cause names what is likely behind failed or late hits.
type Cause string

// The causes.
const (
	PortExhaustion Cause = "port exhaustion" // of this client, not of the target
	SYNRetransmit  Cause = "SYN retransmit"  // a SYN or its answer was lost or thrown away
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
	backendGone(s, made, add)
	if late := s.Events.Retransmitted(); late > 0 {
		text := "SYNs were lost or thrown away on the way; the client's kernel sent them again, which costs 1 s or more."
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
