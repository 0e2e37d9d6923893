package evidence

import (
	"cmp"
	"slices"
	"strings"

	"kpadvisor/advisor"
)

// rank is how strong a clue is; a lower one decides before a higher one.
type rank int

// The ranks, strongest first.
const (
	system      rank = iota // the operating system leaves no choice
	replacement             // something else programs Services
	hidden                  // something else may, and that could not be read
	reported                // kube-proxy said so at its start
	configured              // what the kube-proxy there was started with
	present                 // kube-proxy is there
	unseen                  // why a sign is not to be seen
	fallback                // why nothing is, as far as the platform explains it
	note                    // never decides
)

// clue is what one source says of one node.
type clue struct {
	rank         rank
	source, says string
	impl         advisor.Implementation // who programs Services; empty if it does not say
	mode         advisor.Mode           // empty if it does not say
	defaulted    bool                   // the mode was left unset
	stale        bool                   // the configuration is newer than the process
	config       *advisor.ProxyConfig
	partial      string // what handles a part of the Service traffic, if the source says so
	// blocked says that the answer would be here and cannot be had; why and
	// detail as in a Fact. Without impl it hides both answers, else the mode.
	blocked bool
	why     advisor.Why
	detail  string
}

// demoted returns the clues as notes.
func demoted(clues []clue) []clue {
	for i := range clues {
		clues[i].rank = note
	}
	return clues
}

// weigh orders the clues by strength, lets the strongest decide, and marks what
// disagrees.
func weigh(clues []clue) advisor.Proxy {
	slices.SortStableFunc(clues, func(a, b clue) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), strings.Compare(a.source, b.source), strings.Compare(a.says, b.says))
	})
	var p advisor.Proxy
	p.Implementation = implementation(clues)
	p.Mode, p.Defaulted = mode(clues, p.Implementation)
	if impl, known := p.Implementation.Get(); known && impl != advisor.KubeProxy {
		p.Beside = beside(clues)
	} else {
		p.Partial = partial(clues)
	}
	for _, c := range clues {
		// The settings of another mode than the one in force say nothing of it.
		if mode, known := p.Mode.Get(); known && c.config != nil && c.rank == configured && c.mode == mode {
			p.Config = *c.config
			break
		}
	}
	for _, c := range clues {
		if c.stale && c.rank == configured {
			p.Stale = 1
		}
		if c.says == "" {
			continue
		}
		e := advisor.Evidence{Source: c.source, Says: c.says, Conflict: disagrees(c, p)}
		if !slices.Contains(p.Evidence, e) {
			p.Evidence = append(p.Evidence, e)
		}
	}
	return p
}

func implementation(clues []clue) advisor.Fact[advisor.Implementation] {
	for _, c := range clues {
		switch {
		case c.rank == note:
		case c.impl != "":
			return advisor.KnownFrom(c.impl, c.source)
		case c.blocked:
			return advisor.UnknownFor[advisor.Implementation](c.why, c.detail)
		}
	}
	return advisor.Fact[advisor.Implementation]{}
}

// mode is a fact of kube-proxy alone, and of Windows whatever runs there.
func mode(clues []clue, impl advisor.Fact[advisor.Implementation]) (advisor.Fact[advisor.Mode], bool) {
	if i, known := impl.Get(); known && i != advisor.KubeProxy {
		return advisor.AbsentFrom[advisor.Mode](impl.Source), false
	}
	for _, c := range clues {
		switch {
		case c.rank == note:
		case c.rank != system && !impl.IsKnown():
			return advisor.UnknownFor[advisor.Mode](impl.Why, impl.Detail), false
		case c.mode != "":
			return advisor.KnownFrom(c.mode, c.source), c.defaulted
		case c.blocked:
			return advisor.UnknownFor[advisor.Mode](c.why, c.detail), false
		}
	}
	return advisor.Fact[advisor.Mode]{}, false
}

// beside is the mode of a kube-proxy that runs where something else programs
// Services; nothing if none runs there.
func beside(clues []clue) advisor.Fact[advisor.Mode] {
	var own []clue
	for _, c := range clues {
		if c.impl == advisor.KubeProxy && (c.rank == reported || c.rank == configured || c.rank == present) {
			own = append(own, c)
		}
	}
	if len(own) == 0 {
		return advisor.Fact[advisor.Mode]{}
	}
	m, _ := mode(own, advisor.KnownFrom(advisor.KubeProxy, own[0].source))
	return m
}

// partial joins what handles a part of the traffic, each once.
func partial(clues []clue) string {
	var all []string
	for _, c := range clues {
		if c.partial != "" && !slices.Contains(all, c.partial) {
			all = append(all, c.partial)
		}
	}
	return strings.Join(all, "; ")
}

// disagrees reports whether a clue says something else than what was concluded.
func disagrees(c clue, p advisor.Proxy) bool {
	impl, known := p.Implementation.Get()
	if known && c.impl != "" && c.impl != impl {
		return true
	}
	mode, known := p.Mode.Get()
	return known && c.mode != "" && c.mode != mode
}
