package reuse

import (
	"fmt"
	"slices"
	"strconv"

	"kpadvisor/plain"
	"kpadvisor/say"
)

// Likelihood is how likely a 5-tuple is reused within the window in which IPVS
// remembers it, and meets a pod that has left.
type Likelihood string

// The likelihoods, the best first; unknown is none of them, callers stay cautious.
const (
	Latent            Likelihood = "latent"   // needs traffic and rollouts that this cluster does not have
	Unlikely          Likelihood = "unlikely" // ports seldom come round in time, or pods seldom leave
	UnknownLikelihood Likelihood = "unknown"  // what is not answered decides
	LikelyReuse       Likelihood = "likely"
	Certain           Likelihood = "certain"
)

// Worse reports that l is more likely than o: one that is unknown stands above unlikely.
func (l Likelihood) Worse(o Likelihood) bool { return l.rank() > o.rank() }

func (l Likelihood) rank() int {
	return slices.Index([]Likelihood{Latent, Unlikely, UnknownLikelihood, LikelyReuse, Certain}, l)
}

// Urgent reports that exposure at this likelihood is to be acted on now: also
// where it is unknown.
func (l Likelihood) Urgent() bool { return l != Latent && l != Unlikely }

// In is the likelihood in words that stand in a sentence; in English they are its name.
func (l Likelihood) In(v say.Voice) string {
	switch l {
	case Latent:
		return v.Text("latent")
	case Unlikely:
		return v.Text("unlikely")
	case LikelyReuse:
		return v.Text("likely")
	case Certain:
		return v.Text("certain")
	}
	return v.Text("unknown")
}

const (
	ephemeralPorts = 28_232 // net.ipv4.ip_local_port_range 32768 to 60999
	natPorts       = 64_512 // 1024 to 65535, which a randomising NAT picks from (nf_nat_core.c)
	reuseWindow    = 120    // seconds an IPVS entry lives in TIME_WAIT (ip_vs_proto_tcp.c)
	rateCertain    = 235    // new connections per second that use every port within the window
	rateLikely     = 118    // half of it: connect() tries the ports of one parity first
	shareLikely    = 0.01   // of new connections behind a NAT; a judgement of this project, no source
)

// NATShare is the share of new connections behind one NAT that hit an entry of
// the last two minutes.
func NATShare(rate float64) float64 { return min(1, rate*reuseWindow/natPorts) }

// Likely says how likely issue 81775 strikes: from the new connections per second
// of the busiest client to one Service, whether a NAT stands between, whether
// connections are long-lived or kept alive, and the rollouts per day. Nil is not
// answered.
//
//	rate         no NAT     NAT not known   NAT
//	from 235     certain    certain         certain
//	from 118     likely     likely          likely
//	from 5.4     unlikely   unknown         likely (1 % of them)
//	below        unlikely   unlikely        unlikely
//	not known    steady traffic: unlikely; otherwise unknown
//
// Without rollouts no pod leaves by one: unlikely at most, and latent where
// traffic is steady as well. Where nobody said how
// clients connect it stays unknown: pods leave otherwise too.
func Likely(rate *float64, behindNAT, steady *bool, rolloutsPerDay *float64) Likelihood {
	l := likelyReuse(rate, behindNAT, steady)
	if rate == nil && l == UnknownLikelihood {
		return l
	}
	return afterRollouts(l, steady, rolloutsPerDay)
}

// afterRollouts is how likely a reused 5-tuple meets a pod that has left.
func afterRollouts(l Likelihood, steady *bool, perDay *float64) Likelihood {
	if perDay == nil || *perDay > 0 {
		return l
	}
	if l == Unlikely && steady != nil && *steady {
		return Latent
	}
	return Unlikely
}

// likelyReuse is Likely as far as a 5-tuple is reused.
func likelyReuse(rate *float64, behindNAT, steady *bool) Likelihood {
	switch {
	case rate == nil && steady != nil && *steady:
		return Unlikely
	case rate == nil:
		return UnknownLikelihood
	case *rate >= rateCertain:
		return Certain
	case *rate >= rateLikely:
		return LikelyReuse
	case NATShare(*rate) < shareLikely || behindNAT != nil && !*behindNAT:
		return Unlikely
	case behindNAT == nil:
		return UnknownLikelihood
	}
	return LikelyReuse
}

// LikelyText is Likely in words, with its arithmetic and what would settle it.
func LikelyText(rate *float64, behindNAT, steady *bool, rolloutsPerDay *float64) string {
	return LikelyTextIn(say.Voice{}, rate, behindNAT, steady, rolloutsPerDay)
}

// LikelyTextIn is LikelyText in another language.
func LikelyTextIn(v say.Voice, rate *float64, behindNAT, steady *bool, rolloutsPerDay *float64) string {
	return withRollouts(v, reuseText(v, rate, behindNAT, steady), rolloutsPerDay)
}

// withRollouts adds how often the window opens; nil is not answered.
func withRollouts(v say.Voice, text string, perDay *float64) string {
	switch {
	case perDay == nil:
		return text
	case *perDay == 1:
		return v.Sentences(text, v.Text("About 1 rollout a day, the start of such a window."))
	case *perDay > 0:
		return v.Sentences(text, v.Sprintf("About %s rollouts a day, each the start of such a window.", figure(*perDay)))
	}
	return v.Sentences(text, v.Text("No rollouts: only a pod that is lost or scaled away starts such a window."))
}

func reuseText(v say.Voice, rate *float64, behindNAT, steady *bool) string {
	if rate == nil {
		if steady != nil && *steady {
			return v.Text("Long-lived connections seldom reuse a 5-tuple; --new-connections would tell.")
		}
		return v.Sprintf("Answer --new-connections: from about %d per second one client reuses ports within %d s.", rateLikely, reuseWindow)
	}
	at := v.Sprintf("At %s new connections per second", figure(*rate))
	if *rate == 1 {
		at = v.Text("At 1 new connection per second")
	}
	share := v.Sprintf("about %s of them (rate x %d / %s ports)", percent(NATShare(*rate)), reuseWindow, plain.Number(natPorts))
	nat := behindNAT != nil && *behindNAT
	switch {
	case nat:
		return v.Sprintf("%s behind one NAT that picks ports at random, %s hit an entry of the last %d s.", at, share, reuseWindow)
	case *rate >= rateCertain:
		return v.Sprintf("%s one client certainly reuses 5-tuples within %d s (%s ports / %d s = %d per second).", at, reuseWindow, plain.Number(ephemeralPorts), reuseWindow, rateCertain)
	case *rate >= rateLikely:
		return v.Sprintf("%s one client probably reuses 5-tuples within %d s (from about %d; certain from %d).", at, reuseWindow, rateLikely, rateCertain)
	case behindNAT == nil:
		return v.Sprintf("%s one client need not reuse a port within %d s; behind one NAT it would be %s: answer --behind-nat.", at, reuseWindow, share)
	}
	return v.Sprintf("%s one client need not reuse a port within %d s (from about %d per second it does).", at, reuseWindow, rateLikely)
}

func percent(share float64) string {
	if p := share * 100; p < 10 && p > 0 {
		return fmt.Sprintf("%.1f %%", p)
	}
	return fmt.Sprintf("%.0f %%", share*100)
}

// figure writes a rate without needless decimals.
func figure(f float64) string {
	if f == float64(int64(f)) {
		return plain.Number(int(f))
	}
	return strconv.FormatFloat(f, 'f', 1, 64)
}
