package advisor

import "time"

// What tells the patterns apart is how long a connection stands. A request is answered
// within a second, or somebody complains; a connection that is kept for the next one stands
// for 5 s at least, the shortest keep-alive in use (Apache httpd KeepAliveTimeout 5 s,
// Node.js 5 s; nginx 75 s, Go 90 s); and what stands for ten minutes outlasts what keeps
// it for requests alone. Where connections that end soon stand beside those that do not,
// a minute of all of them together makes the pattern: then sixty are open for each that
// begins in a second, and requests on those outnumber the new ones. All of them are
// judgements of this project.
const (
	lifeShort = time.Second
	lifeKept  = 5 * time.Second
	lifeStood = time.Minute
	lifeLong  = 10 * time.Minute
)

// Below these there is too little to judge: a mean of 30 is right to about a fifth, and ten
// connections that stand are more than a node's own few.
const (
	fewBegun = 30
	fewOpen  = 10
)

// Why something is not known of how clients connect.
const (
	whyNoLife    = "the method does not tell how long connections last"
	whyFew       = "too few connections to tell"
	whyNone      = "no method that was used tells it"
	whyAddresses = "a node sees addresses, and not how many clients stand behind one"
)

// Pattern is how clients connect, as one measure shows it. The life of a connection is that
// of Little's law, what is open for what begins in a second: it has those in it that never
// end while somebody looks. The mean life of those that did end agrees, or there is some of
// each. Whether a connection carries many requests no method sees: one that is kept is told
// from one that lives long by its life alone, and where fewer than 30 began, so that no
// life was seen to end, it is called kept. Everything that is decided is the same for both.
//
//	open / new    life of those that ended    pattern
//	below 1 s     below 1 s, or not known     short
//	1 s to 5 s    any                         mixed
//	5 s to 60 s   from 5 s, or not known      keep-alive
//	60 s to 10 m  any                         keep-alive
//	from 10 m     any                         long-lived
//	not known     below 1 s; from 5 s; 10 m   short; keep-alive; long-lived
//	all others                                mixed
//
// It is unknown where fewer than 30 connections began, unless ten or more stand.
func (h NodeHabits) Pattern() Fact[Pattern] {
	open, seen := h.Open.Get()
	ended, lives := h.Life.Get()
	begun := h.connections()
	switch {
	case !h.New.IsKnown(), !seen && !lives:
		return UnknownFor[Pattern](NotAsked, whyNoLife)
	case begun < fewBegun && (!seen || open < fewOpen):
		return UnknownFor[Pattern](NotAsked, whyFew)
	case !seen:
		return KnownFrom(patternOf(ended), NodeReportSource)
	}
	// Three more than began are possible as well (95 %), so that none is no eternity.
	stands := min(longestLife.Seconds(), float64(open)*h.Over.Seconds()/(begun+3))
	life := time.Duration(stands * float64(time.Second))
	if begun < fewBegun && life < lifeKept {
		return UnknownFor[Pattern](NotAsked, whyFew)
	}
	p := patternOf(life)
	if begun < fewBegun {
		p = KeepAlive
	}
	if lives && begun >= fewBegun && life < lifeStood {
		p = p.and(patternOf(ended))
	}
	return KnownFrom(p, NodeReportSource)
}

// connections is how many began while somebody looked; 0 where that was not counted.
func (h NodeHabits) connections() float64 { return h.New.Or(0) * h.Over.Seconds() }

// patternOf is the pattern of connections that all live so long.
func patternOf(life time.Duration) Pattern {
	switch {
	case life < lifeShort:
		return Short
	case life < lifeKept:
		return Mixed
	case life < lifeLong:
		return KeepAlive
	}
	return LongLived
}

// steady reports connections that are seldom opened.
func (p Pattern) steady() bool { return p == LongLived || p == KeepAlive }

// and is the pattern of nodes of which some have one and some the other.
func (p Pattern) and(o Pattern) Pattern {
	switch {
	case p == o:
		return p
	case p.steady() && o.steady():
		return KeepAlive
	}
	return Mixed
}
