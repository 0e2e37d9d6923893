package advisor_test

import (
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
)

// inputs are what people can say of a cluster, as they would type it. What is
// not there nobody said.
type inputs map[string]string

// The inputs that can be unknown. The number of Services always is known.
const (
	inKernel    = "kernel"
	inPatch     = "patch" // of the version
	inMode      = "mode"
	inEndpoints = "endpoints"
	inReuse     = "conn_reuse_mode"
	inPattern   = "connections"
	inRate      = "new-connections"
	inNAT       = "behind-nat"
	inRollouts  = "rollouts-per-day"
)

// plausible draws a value of one input that fits the others.
type plausible struct{ *rand.Rand }

func (p plausible) of(values ...string) string { return values[p.Intn(len(values))] }

// complete gives every input that is not in `in` a plausible value.
func (p plausible) complete(in inputs) inputs {
	out := maps.Clone(in)
	draw := func(name string, value func() string) {
		if _, ok := out[name]; !ok {
			out[name] = value()
		}
	}
	minor, _ := strconv.Atoi(out["minor"])
	services, _ := strconv.Atoi(out["services"])
	draw(inKernel, func() string { return p.kernel(out, minor) })
	// The releases of a minor: none has had fewer than eight.
	draw(inPatch, func() string { return strconv.Itoa(p.Intn(9)) })
	draw(inMode, func() string { return p.mode(out, minor) })
	draw(inEndpoints, func() string { return strconv.Itoa(services * (1 + p.Intn(20))) })
	draw(inReuse, func() string { return p.of("0", "1") })
	draw(inPattern, func() string {
		if rate, err := strconv.ParseFloat(out[inRate], 64); err == nil && rate > 50 {
			return p.of("short", "mixed") // so many new connections are not kept alive
		}
		return p.of("long", "short", "keepalive", "mixed")
	})
	draw(inRate, func() string {
		if out[inPattern] == "long" || out[inPattern] == "keepalive" {
			return p.of("0.1", "1", "20")
		}
		return p.of("1", "20", "150", "300", "2000")
	})
	draw(inNAT, func() string { return p.of("yes", "no") })
	draw(inRollouts, func() string { return p.of("0", "1", "14", "60") })
	return out
}

func kernelsBefore513() []string {
	return []string{
		"3.10.0-1160.el7.x86_64", "4.14.256-197.484.amzn2.x86_64", "4.18.0-553.el8_10.x86_64",
		"4.19.0-18-amd64", "4.19.232", "5.4.0-98-generic", "5.4.0-150-generic", "5.4.156", "5.4.170",
		"5.4.119-19-0009.3", "5.10.0-182.0.0.95.r1941_123.hce2.x86_64", "5.10.70", "5.10.200",
		"5.10.245-241.978.amzn2.x86_64",
	}
}

func kernelsSince513() []string {
	return []string{
		"5.14.0-427.13.1.el9_4.x86_64", "5.15.0-105-generic", "6.1.144", "6.1.0-21-amd64", "6.6.31",
		"6.8.0-45-generic", "6.12.46", "6.12.0-55.9.1.el10_0.x86_64",
	}
}

// kernel is one that runs the mode in force.
func (p plausible) kernel(in inputs, minor int) string {
	if in[inMode] == "nftables" || minor >= 31 && p.Intn(2) == 0 {
		return p.of(kernelsSince513()...)
	}
	return p.of(slices.Concat(kernelsBefore513(), kernelsSince513())...)
}

// mode is one that runs on the version and the kernel.
func (p plausible) mode(in inputs, minor int) string {
	modes := []string{"iptables"}
	if minor < 43 {
		modes = append(modes, "ipvs")
	}
	if kernel := in[inKernel]; minor >= 31 && (kernel == "" || slices.Contains(kernelsSince513(), kernel)) {
		modes = append(modes, "nftables")
	}
	return p.of(modes...)
}

// facts and habits are the inputs as the program takes them.
func (in inputs) facts(t *testing.T) (advisor.Facts, advisor.Habits) {
	t.Helper()
	version := "v1." + in["minor"]
	if patch, ok := in[inPatch]; ok {
		version += "." + patch
	}
	services, _ := strconv.Atoi(in["services"])
	endpoints, _ := strconv.Atoi(in[inEndpoints])
	f, err := cluster.Typed(cluster.TypedFacts{
		Services: services, Endpoints: endpoints, Nodes: 4,
		Kernel: in[inKernel], KubernetesVersion: version, ProxyMode: in[inMode],
	})
	if err != nil {
		t.Fatalf("%v: %v", in, err)
	}
	if v, ok := in[inReuse]; ok {
		reuse, _ := strconv.Atoi(v)
		for i := range f.Groups {
			f.Groups[i].Proxy.Sysctls = map[string]int{
				"net.ipv4.vs.conn_reuse_mode": reuse, "net.ipv4.vs.expire_nodest_conn": 1,
			}
			f.Groups[i].Proxy.SysctlNodes = f.Groups[i].Nodes
		}
	}
	var h advisor.Habits
	for _, id := range []advisor.HabitID{
		advisor.HabitConnections, advisor.HabitNewConnections, advisor.HabitBehindNAT, advisor.HabitRolloutsPerDay,
	} {
		if v, ok := in[string(id)]; ok {
			if h, err = h.Set(id, v, "answered"); err != nil {
				t.Fatalf("%v: %v", in, err)
			}
		}
	}
	return f, h
}

// String is the inputs in one line.
func (in inputs) String() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(in)) {
		parts = append(parts, name+" "+in[name])
	}
	return strings.Join(parts, ", ")
}

// hide takes one to four of the inputs away, and mostly the sysctl besides: it
// is in no API.
func (p plausible) hide(all inputs) inputs {
	out := maps.Clone(all)
	names := []string{inKernel, inPatch, inMode, inEndpoints, inPattern, inRate, inNAT, inRollouts}
	p.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for _, name := range names[:1+p.Intn(4)] {
		if name != inMode || p.Intn(3) == 0 { // without it there mostly is no verdict
			delete(out, name)
		}
	}
	if p.Intn(4) > 0 {
		delete(out, inReuse)
	}
	return out
}

// world is a whole cluster: what is true of it, known or not.
func (p plausible) world() inputs {
	return p.complete(inputs{
		"minor":    strconv.Itoa(19 + p.Intn(24)),
		"services": p.of("20", "300", "800", "994", "1000", "1500", "2500", "3001", "5000", "12000", "44125"),
	})
}

// TestHighStaysHigh: a verdict called high stays the verdict, whatever plausible
// values the inputs that are unknown turn out to have.
func TestHighStaysHigh(t *testing.T) {
	worlds, draws, shown := 400, 24, 12
	if testing.Short() {
		worlds = 60
	}
	high, broken := 0, 0
	for seed := range worlds {
		p := plausible{rand.New(rand.NewSource(int64(seed)))}
		some := p.hide(p.world())
		verdict := advisor.Decide(decided(some.facts(t)))
		if verdict.Confidence != advisor.High {
			continue
		}
		high++
		for range draws {
			all := p.complete(some)
			got := advisor.Decide(decided(all.facts(t)))
			if got.Recommended == verdict.Recommended && got.Action == verdict.Action {
				continue
			}
			if broken++; broken <= shown {
				t.Errorf("seed %d: high %q of %s; with %s it is %q", seed, headline(verdict), some, all.beyond(some), headline(got))
			}
			break
		}
	}
	if broken > shown {
		t.Errorf("and %d more", broken-shown)
	}
	// A program that is never sure would pass as well.
	if high < worlds/20 {
		t.Errorf("%d of %d verdicts are high: too few to say anything", high, worlds)
	}
	t.Logf("%d of %d verdicts are high, %d of them do not stay", high, worlds, broken)
}

func decided(f advisor.Facts, h advisor.Habits) (advisor.Facts, advisor.Habits, advisor.Measured) {
	return f, h, advisor.Measured{}
}

func headline(a advisor.Advice) string {
	return fmt.Sprintf("%s %s: %s", a.Action, a.Recommended, a.Headline)
}

// beyond is what is known here and not there.
func (in inputs) beyond(some inputs) inputs {
	out := inputs{}
	for name, value := range in {
		if _, ok := some[name]; !ok {
			out[name] = value
		}
	}
	return out
}
