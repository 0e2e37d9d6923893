package advisor

import (
	"fmt"
	"slices"
)

// change is one input changed, to see what the advice would become.
type change struct {
	text string
	with func(Facts, Habits) (Facts, Habits)
}

// flips returns the single changes that change the recommendation or the
// action: each is tried, none is written by hand.
func (s *situation) flips(now verdict) []Flip {
	out := []Flip{}
	if now.action == None {
		return out
	}
	for _, c := range s.changes() {
		if then := s.try(c); !then.same(now) {
			out = append(out, then.flip(c.text))
		}
	}
	return append(append(out, s.versionFlips(now)...), s.sizeFlips(now)...)
}

func (s *situation) try(c change) verdict {
	f, h := c.with(cloneFacts(s.facts), s.habits)
	return s.with(f, h).decide()
}

// same reports whether two verdicts ask for the same.
func (v verdict) same(w verdict) bool { return v.mode == w.mode && v.action == w.action }

func (v verdict) flip(text string) Flip {
	return Flip{If: text, Then: v.headline, To: v.mode, Act: v.action}
}

// cloneFacts copies what the changes write to.
func cloneFacts(f Facts) Facts {
	f.Groups = slices.Clone(f.Groups)
	return f
}

// changes lists the inputs tried, one at a time.
func (s *situation) changes() []change {
	var out []change
	add := func(text string, with func(*Facts, *Habits)) {
		out = append(out, change{text, func(f Facts, h Habits) (Facts, Habits) {
			with(&f, &h)
			return f, h
		}})
	}
	if s.nftKernels() != yes {
		add("kernel 6.12 on every Linux node", eachLinux(func(g *NodeGroup) { g.Kernel = "6.12.0" }))
	}
	if s.nftKernels() != no && len(s.proxied) > 0 {
		add("a Linux node with a kernel before 5.13 (tried: 5.10.200)", oneLinux(func(g *NodeGroup) { g.Kernel = "5.10.200" }))
	}
	if !s.steady() {
		add("long-lived or keep-alive connections", answer(LongLived))
	}
	if !s.habits.Connections.IsKnown() || s.pattern() != Short {
		add("short connections, one per request", answer(Short))
	}
	for _, m := range Modes() {
		if known, unseen := s.modes(); unseen || len(known) != 1 || known[0].Mode != m {
			add(fmt.Sprintf("%s in force on every node", m.title()), eachLinux(func(g *NodeGroup) { setMode(&g.Proxy, m) }))
		}
	}
	if s.inForce(IPVS) {
		for value := range 2 {
			add(fmt.Sprintf("%s=%d on the nodes", sysctlReuse, value), eachLinux(func(g *NodeGroup) {
				g.Proxy.Sysctls = map[string]int{sysctlReuse: value, sysctlExpire: 1}
			}))
		}
	}
	return out
}

func (s *situation) nftKernels() tri { return s.every(nftKernel) }

func answer(p Pattern) func(*Facts, *Habits) {
	return func(_ *Facts, h *Habits) { h.Connections = KnownFrom(p, "tried") }
}

func eachLinux(edit func(*NodeGroup)) func(*Facts, *Habits) {
	return func(f *Facts, _ *Habits) {
		for i := range f.Groups {
			if f.Groups[i].OS != "windows" {
				edit(&f.Groups[i])
			}
		}
	}
}

// oneLinux edits one node only: a node of its own beside the largest group that
// runs kube-proxy.
func oneLinux(edit func(*NodeGroup)) func(*Facts, *Habits) {
	return func(f *Facts, _ *Habits) {
		largest := -1
		for i, g := range f.Groups {
			if g.OS == "windows" || newGroup(g, f.Version).runs == no {
				continue
			}
			if largest < 0 || compareGroups(g, f.Groups[largest]) < 0 {
				largest = i
			}
		}
		if largest < 0 {
			return
		}
		one := f.Groups[largest]
		one.Nodes = 1
		edit(&one)
		f.Groups = append(f.Groups, one)
	}
}

// setVersion upgrades the API server, every kubelet and every kube-proxy.
func setVersion(v string) func(*Facts, *Habits) {
	return func(f *Facts, h *Habits) {
		f.Version = KnownFrom(v, "tried")
		eachLinux(func(g *NodeGroup) {
			g.Kubelet = v
			if g.Proxy.Version.IsKnown() {
				g.Proxy.Version = KnownFrom(v, "tried")
			}
		})(f, h)
	}
}

func setMode(p *Proxy, m Mode) {
	p.Implementation, p.Mode, p.Defaulted = KnownFrom(KubeProxy, "tried"), KnownFrom(m, "tried"), false
}

// versionFlips tries the versions at which something changes, and keeps each
// that brings a verdict the one before it did not.
func (s *situation) versionFlips(now verdict) []Flip {
	var out []Flip
	last := now
	for _, minor := range []int{22, 31, 33, 35, 36, 40, 43} {
		if !s.newest.IsKnown() || s.newest.Value.AtLeast(minor) {
			continue
		}
		c := change{fmt.Sprintf("Kubernetes 1.%d", minor), func(f Facts, h Habits) (Facts, Habits) {
			setVersion(fmt.Sprintf("v1.%d.0", minor))(&f, &h)
			return f, h
		}}
		then := s.try(c)
		if !then.same(last) && !then.same(now) {
			out = append(out, then.flip(c.text))
		}
		last = then
	}
	return out
}

// sizeFlips finds the nearest smaller and the nearest larger number of Service
// ports at which the advice changes, by bisection between tried sizes.
func (s *situation) sizeFlips(now verdict) []Flip {
	if !s.load.known || !s.oldest.IsKnown() {
		return nil
	}
	at := func(entries int) verdict {
		f := s.facts
		f.Load = KnownFrom(s.load.scaled(entries), "tried")
		return s.with(f, s.habits).decide()
	}
	same := func(entries int) bool { return at(entries).same(now) }
	var out []Flip
	entries := s.load.entries()
	sizes := []int{100, 300, 600, 1_000, 1_500, 2_000, 3_000, 4_000, 6_000, 10_000, 20_000, 50_000}
	for _, n := range sizes { // upwards
		if n > entries && !same(n) {
			n = bisect(entries, n, same)
			out = append(out, at(n).flip(fmt.Sprintf("%s Service ports or more", count(n))))
			break
		}
	}
	slices.Reverse(sizes)
	for _, n := range sizes { // downwards
		if n < entries && !same(n) {
			n = -bisect(-entries, -n, func(m int) bool { return same(-m) })
			out = append(out, at(n).flip(fmt.Sprintf("%s Service ports or fewer", count(n))))
			break
		}
	}
	return out
}

// bisect returns the smallest n above lo where same no longer holds, given that
// it does not hold at hi.
func bisect(lo, hi int, same func(int) bool) int {
	for hi-lo > 1 {
		if mid := lo + (hi-lo)/2; same(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}
