package advisor

import (
	"encoding/json"
	"math/rand"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kpadvisor/advisor/reuse"
)

// world makes random but possible clusters, from a seed.
type world struct{ *rand.Rand }

func pick[T any](w world, from ...T) T { return from[w.Intn(len(from))] }

func (w world) kernel() string {
	return pick(w, "3.10.0-1160.el7.x86_64", "4.14.100", "4.19.0-6-amd64", "4.19.219", "5.4.0-96-generic", "5.4.170", "5.10.50",
		"4.18.0-305.el8.x86_64", "4.18.0-553.el8_10.x86_64", "5.10.0-182.hce2.x86_64", "5.12.19", "5.13.0", "5.15.0-105-generic", "6.1.144", "6.12.46")
}

func (w world) version() string {
	return pick(w, "v1.11.5", "v1.16.3", "v1.20.4", "v1.21.14", "v1.22.0", "v1.26.15", "v1.28.5+k3s1", "v1.30.2", "v1.31.4", "v1.32.1", "v1.33.4", "v1.34.2-eks-abc", "v1.35.0", "v1.36.1", "v1.37.2", "v1.40.0", "v1.43.0")
}

func (w world) facts() Facts {
	version := w.version()
	ports := pick(w, 0, 5, 200, 700, 999, 1_200, 2_000, 3_000, 5_000, 12_000)
	load := Load{Family: "IPv4", Ports: ports, Endpoints: ports * pick(w, 0, 1, 8, 20, 60), NodePorts: ports / 20, LoadBalancerPorts: ports / 50, PortsWithoutEndpoints: ports / 30}
	f := Facts{
		Origin: FromCluster, Version: KnownFrom(version, "GET /version"), Load: KnownFrom(load, "EndpointSlices"),
		Services:       KnownFrom(ServiceCounts{Total: ports, Counted: ports, Ports: ports, UDPPorts: ports / 9}, "Services"),
		Endpoints:      KnownFrom(EndpointCounts{Total: load.Endpoints, Ready: load.Endpoints, Largest: 60}, "EndpointSlices"),
		Platform:       KnownFrom(pick(w, Kubeadm, EKS, UK8S, K3s, Platform("other")), "labels"),
		RolloutsPerDay: KnownFrom(float64(w.Intn(50)), "ReplicaSets"),
	}
	nodes := 0
	for range 1 + w.Intn(4) {
		g := NodeGroup{Nodes: 1 + w.Intn(40), OS: pick(w, "linux", "linux", "linux", "windows"), Kernel: w.kernel(), OSImage: pick(w, "Ubuntu 22.04.4 LTS", "CentOS Linux 7 (Core)", "")}
		if w.Intn(3) == 0 {
			g.Kubelet = w.version()
		}
		switch w.Intn(8) {
		case 0:
			g.Proxy.Implementation = KnownFrom(pick(w, Cilium, KubeRouter, CalicoEBPF), "DaemonSet")
		case 1: // nothing seen
		default:
			g.Proxy = proxyIn(pick(w, IPTables, IPTables, IPVS, NFTables, Userspace))
			g.Proxy.Defaulted = w.Intn(2) == 0
		}
		nodes += g.Nodes
		f.Groups = append(f.Groups, g)
	}
	f.Nodes = KnownFrom(nodes, "Nodes")
	return f
}

func (w world) habits() Habits {
	var h Habits
	answers := map[HabitID][]string{
		HabitConnections: {"long", "short", "keepalive", "mixed"}, HabitNewConnections: {"1", "20", "300"}, HabitBehindNAT: {"yes", "no"},
		HabitRolloutsPerDay: {"0", "14"}, HabitDraining: {"all", "some", "none"}, HabitMaySetSysctls: {"yes", "no"}, HabitExpectedServices: {"100", "3000", "20000"},
	}
	for _, q := range Questions() {
		if w.Intn(2) == 0 {
			h, _ = h.Set(q.ID, pick(w, answers[q.ID]...), "answered")
		}
	}
	return h
}

// hide makes facts unknown, at random.
func (w world) hide(f Facts) Facts {
	f.Groups = slices.Clone(f.Groups)
	if w.Intn(4) == 0 {
		f.Version = UnknownFor[string](TimedOut, "")
	}
	switch w.Intn(6) {
	case 0:
		f.Load, f.Endpoints = UnknownFor[Load](Forbidden, ""), UnknownFor[EndpointCounts](Forbidden, "")
	case 1:
		f.Load, f.Services, f.Endpoints = UnknownFor[Load](Forbidden, ""), UnknownFor[ServiceCounts](Forbidden, ""), UnknownFor[EndpointCounts](Forbidden, "")
	}
	switch w.Intn(6) {
	case 0:
		f.Groups, f.Nodes = nil, UnknownFor[int](Forbidden, "")
	case 1:
		for i := range f.Groups {
			f.Groups[i].Kernel = ""
		}
	case 2:
		for i := range f.Groups {
			f.Groups[i].Proxy.Mode = UnknownFor[Mode](Invisible, "")
			if w.Intn(2) == 0 {
				f.Groups[i].Proxy.Implementation = UnknownFor[Implementation](Invisible, "")
			}
		}
	}
	if w.Intn(2) == 0 {
		f.Platform, f.RolloutsPerDay = UnknownFor[Platform](Forbidden, ""), UnknownFor[float64](Forbidden, "")
	}
	return f
}

const trials = 600

func eachWorld(t *testing.T, check func(t *testing.T, w world, seed int64)) {
	t.Helper()
	n := int64(trials)
	if testing.Short() {
		n /= 10
	}
	for seed := range n {
		check(t, world{rand.New(rand.NewSource(seed))}, seed)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// TestNeverForbidden: what is recommended can run, on every node and version.
func TestNeverForbidden(t *testing.T) {
	eachWorld(t, func(t *testing.T, w world, _ int64) {
		f := w.facts()
		if w.Intn(2) == 0 {
			f = w.hide(f)
		}
		a := Decide(f, w.habits(), Measured{})
		s := newSituation(f, Habits{}, Measured{})
		for _, g := range s.proxied {
			v, k := g.version.Value, g.kernel.Value
			switch a.Recommended {
			case NFTables:
				if len(a.First) > 0 || a.Action == Keep && v.AtLeast(29) { // what must come first is said; alpha runs, unsupported
					continue
				}
				if !v.AtLeast(31) || g.kernel.IsKnown() && !k.AtLeast(5, 13, 0) {
					t.Errorf("nftables for %s on %s: %s", v, k.Release, a.Headline)
				}
			case IPVS:
				if v.AtLeast(43) || a.Action != Keep && v.AtLeast(31) {
					t.Errorf("IPVS for %s: %s", v, a.Headline)
				}
			case Userspace, Kernelspace:
				t.Errorf("recommends %s", a.Recommended)
			}
		}
		if a.Recommended != "" && !slices.Contains(Modes(), a.Recommended) {
			t.Errorf("recommends %q", a.Recommended)
		}
		if _, unseen := s.modes(); a.Recommended != "" && (a.Action == None || a.Action == CannotTell && !unseen) {
			t.Errorf("%s recommends %s", a.Action, a.Recommended)
		}
	})
}

// TestNeverFromUnknown: without the load, the version or (for more than keep)
// the kernels there is no verdict.
func TestNeverFromUnknown(t *testing.T) {
	eachWorld(t, func(t *testing.T, w world, _ int64) {
		f := w.hide(w.facts())
		a := Decide(f, w.habits(), Measured{})
		s := newSituation(f, Habits{}, Measured{})
		if a.Action == None {
			return
		}
		if (!s.load.known || !s.oldest.IsKnown()) && a.Action != CannotTell {
			t.Errorf("load known %t, version known %t: %s %q", s.load.known, s.oldest.IsKnown(), a.Action, a.Recommended)
		}
		if s.kernelsUnknown() && a.Action != CannotTell && a.Action != Keep {
			t.Errorf("kernels unknown: %s %q", a.Action, a.Recommended)
		}
		modes, unseen := s.modes()
		if s.load.known && s.oldest.IsKnown() && !s.kernelsUnknown() && a.Action == CannotTell && (!unseen || a.Recommended == "") {
			t.Errorf("all key facts known, and cannot tell: %s", a.Headline)
		}
		if len(modes) == 0 && a.Action == Keep {
			t.Errorf("keeps a mode that nobody saw: %s", a.Headline)
		}
		if a.Action == CannotTell && a.Recommended == "" && a.Confidence != Low {
			t.Errorf("cannot tell with confidence %s", a.Confidence)
		}
	})
}

// TestMoreCoverageKeepsTheVerdict: facts that were unknown and become known
// never turn a verdict into "cannot tell".
func TestMoreCoverageKeepsTheVerdict(t *testing.T) {
	eachWorld(t, func(t *testing.T, w world, _ int64) {
		all := w.facts()
		if w.Intn(3) == 0 {
			for i := range all.Groups { // so that small loads are met with unknown kernels
				all.Groups[i].Kernel = ""
			}
		}
		some := w.hide(all)
		h := w.habits()
		before := Decide(some, h, Measured{})
		if before.Action == CannotTell {
			return
		}
		for _, reveal := range []func(*Facts){
			func(f *Facts) { f.Load = all.Load },
			func(f *Facts) { f.Load, f.Services, f.Endpoints = all.Load, all.Services, all.Endpoints },
			func(f *Facts) { f.Endpoints = all.Endpoints },
			func(f *Facts) { f.Version = all.Version },
			func(f *Facts) { f.Groups, f.Nodes = all.Groups, all.Nodes },
			func(f *Facts) { f.Platform, f.RolloutsPerDay = all.Platform, all.RolloutsPerDay },
			func(f *Facts) { *f = all },
		} {
			more := cloneFacts(some)
			reveal(&more)
			if after := Decide(more, h, Measured{}); after.Action == CannotTell {
				t.Errorf("%s (%s) became: %s", before.Action, before.Headline, after.Headline)
			}
		}
	})
}

// TestSameFactsSameAdvice: byte for byte, in any order of the node groups.
func TestSameFactsSameAdvice(t *testing.T) {
	eachWorld(t, func(t *testing.T, w world, seed int64) {
		if seed%5 != 0 {
			return
		}
		f, h := w.hide(w.facts()), w.habits()
		first := mustJSON(t, Decide(f, h, Measured{}))
		shuffled := cloneFacts(f)
		w.Shuffle(len(shuffled.Groups), func(i, j int) {
			shuffled.Groups[i], shuffled.Groups[j] = shuffled.Groups[j], shuffled.Groups[i]
		})
		before := mustJSON(t, shuffled)
		if second := mustJSON(t, Decide(shuffled, h, Measured{})); second != first {
			t.Errorf("another order of the groups, another advice")
		}
		if after := mustJSON(t, shuffled); after != before {
			t.Errorf("Decide changed its input")
		}
	})
}

// TestForm: headlines fit, the ranking is complete, nothing is nil in JSON and
// the caveat is always there.
func TestForm(t *testing.T) {
	null := regexp.MustCompile(`[^\\]":null`) // outside strings
	eachWorld(t, func(t *testing.T, w world, _ int64) {
		f := w.facts()
		if w.Intn(2) == 0 {
			f = w.hide(f)
		}
		a := Decide(f, w.habits(), Measured{})
		if n := len(a.Headline); n == 0 || n > 160 || strings.HasSuffix(a.Headline, ".") {
			t.Errorf("headline of %d characters: %q", n, a.Headline)
		}
		if len(a.Ranking) != 3 || len(a.Estimates) != 3 || a.Caveat == "" || a.TwoMode == "" || a.TwoModeWhy == "" || len(a.Because) == 0 {
			t.Errorf("incomplete: %+v", a)
		}
		if a.Recommended != "" && a.Ranking[0].Mode != a.Recommended {
			t.Errorf("recommends %s, ranks %s first", a.Recommended, a.Ranking[0].Mode)
		}
		if text := mustJSON(t, a); null.MatchString(text) {
			t.Errorf("null in %s", text)
		}
		for _, r := range a.Reuse {
			if r.Exposure == reuse.StalePod && len(r.Remedy) == 0 || r.Why == "" {
				t.Errorf("row without a remedy or a reason: %+v", r)
			}
		}
		for _, r := range a.Because {
			if r.Text == "" || r.Source == "" {
				t.Errorf("reason without text or source: %+v", a.Because)
			}
		}
		if a.Action == Change && len(a.Runbook) < 4 {
			t.Errorf("change without a runbook: %+v", a.Runbook)
		}
	})
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// cloneFacts copies what the tests write to.
func cloneFacts(f Facts) Facts {
	f.Groups = slices.Clone(f.Groups)
	return f
}
