package advisor

import (
	"maps"
	"slices"

	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
)

// change is one input changed, to see what the advice would become.
type change struct {
	text string
	with func(*situation) *situation
}

// flips returns the single changes that change the recommendation or the
// action: each is tried, none is written by hand.
func (s *situation) flips(now decision) []Flip {
	out := []Flip{}
	if now.action == None {
		return out
	}
	for _, c := range s.changes() {
		t := c.with(s)
		if then := t.decide(); !then.same(now) {
			out = append(out, t.flip(then, c.text))
		}
	}
	return append(append(out, s.versionFlips(now)...), s.sizeFlips(now)...)
}

func (s *situation) flip(d decision, text string) Flip {
	return Flip{If: text, Then: s.word(d).headline, To: d.mode, Act: d.action}
}

// changes lists the inputs tried, one at a time.
func (s *situation) changes() []change {
	var out []change
	add := func(text string, with func(*situation) *situation) { out = append(out, change{text, with}) }
	kernels := s.every(func(c class) tri { return nftKernel(c.group) })
	if kernels != yes {
		add(s.Text("kernel 6.12 on every Linux node"), eachClass(func(c *class) { c.setKernel("6.12.0") }))
	}
	if kernels != no && len(s.classes) > 0 {
		add(s.Text("a Linux node with a kernel before 5.13 (tried: 5.10.200)"), withUnreadNode("5.10.200"))
	}
	if !s.steady() {
		add(s.Text("long-lived or keep-alive connections"), answered(LongLived))
	}
	if !s.habits.Connections.IsKnown() || s.pattern() != Short {
		add(s.Text("short connections, one per request"), answered(Short))
	}
	for _, m := range Modes() {
		if known, unseen := s.modes(); s.possible(m) != no && (unseen || len(known) != 1 || known[0].Mode != m) {
			add(s.Sprintf("%s in force on every node", m.title()), eachClass(func(c *class) { c.setMode(m) }))
		}
	}
	if s.inForce(IPVS) {
		for value := range 2 {
			if s.everyReads(value) {
				continue
			}
			add(s.Sprintf("%s=%d (and expire_nodest_conn=1) on the nodes", reuse.SysctlReuse, value), eachClass(func(c *class) {
				c.own()
				c.Proxy.Sysctls = maps.Clone(c.Proxy.Sysctls)
				if c.Proxy.Sysctls == nil {
					c.Proxy.Sysctls = map[string]int{}
				}
				c.Proxy.Sysctls[reuse.SysctlReuse], c.Proxy.Sysctls[reuse.SysctlExpire] = value, 1
				c.Proxy.SysctlNodes = 0 // of all of them
				c.settled, c.unsure = false, false
				c.judge()
			}))
		}
	}
	return out
}

// everyReads reports that conn_reuse_mode was read as value everywhere.
func (s *situation) everyReads(value int) bool {
	return over(s.classes, func(c class) tri {
		v, read := reuse.Live(c.Proxy.Sysctls, reuse.SysctlReuse)
		return triOf(read && v == value && c.sysctlsRead())
	}) == yes
}

func answered(p Pattern) func(*situation) *situation {
	return func(s *situation) *situation {
		h := s.habits
		h.Connections = KnownFrom(p, "tried")
		return s.withHabits(h)
	}
}

func setMode(p *Proxy, m Mode) {
	p.Implementation, p.Mode, p.Defaulted = KnownFrom(KubeProxy, "tried"), KnownFrom(m, "tried"), false
}

// versionFlips tries the versions at which something changes, and keeps each
// that brings a verdict the one before it did not.
func (s *situation) versionFlips(now decision) []Flip {
	var out []Flip
	last := now
	for _, minor := range []int{22, 31, 33, 35, 36, 40, 43} {
		if !s.newest.IsKnown() || s.newest.Value.AtLeast(minor) {
			continue
		}
		v := KnownFrom(release.V1(minor, 0), "tried")
		t := s.withClasses(func(c *class) {
			c.setVersion(v)
			c.Kubelet = "v" + v.Value.String()
		})
		then := t.decide()
		if !then.same(last) && !then.same(now) {
			out = append(out, t.flip(then, s.Sprintf("Kubernetes 1.%d", minor)))
		}
		last = then
	}
	return out
}

// sizeFlips finds the nearest smaller and the nearest larger number of Service
// ports at which the advice changes, by bisection between tried sizes.
func (s *situation) sizeFlips(now decision) []Flip {
	if !s.load.known || !s.oldest.IsKnown() {
		return nil
	}
	at := func(entries int) *situation { return s.withLoad(s.load.scaled(entries)) }
	same := func(entries int) bool { return at(entries).decide().same(now) }
	flip := func(n int, text string) Flip { t := at(n); return t.flip(t.decide(), text) }
	var out []Flip
	entries := s.load.entries()
	sizes := []int{100, 300, 600, 1_000, 1_500, 2_000, 3_000, 4_000, 6_000, 10_000, 20_000, 50_000}
	for _, n := range sizes { // upwards
		if n > entries && !same(n) {
			n = bisect(entries, n, same)
			out = append(out, flip(n, s.Sprintf("%s Service ports or more", plain.Number(n))))
			break
		}
	}
	slices.Reverse(sizes)
	for _, n := range sizes { // downwards
		if n < entries && !same(n) {
			n = -bisect(-entries, -n, func(m int) bool { return same(-m) })
			out = append(out, flip(n, s.Sprintf("%s Service ports or fewer", plain.Number(n))))
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
