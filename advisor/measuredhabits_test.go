package advisor

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor/reuse"
	"kpadvisor/say"
)

const ofTest = "report of the node"

// measuring is what one method measured in a minute; a negative figure is not known.
func measuring(by HabitMethod, rate, busiest, open float64, life time.Duration, reused float64) NodeHabits {
	h := NodeHabits{Method: by, Over: time.Minute}
	for _, c := range []struct {
		fact *Fact[float64]
		is   float64
	}{{&h.New, rate}, {&h.Busiest, busiest}, {&h.Reused, reused}} {
		if c.is >= 0 {
			*c.fact = KnownFrom(c.is, ofTest)
		}
	}
	if open >= 0 {
		h.Open = KnownFrom(int(open), ofTest)
	}
	if life >= 0 {
		h.Life = KnownFrom(life, ofTest)
	}
	return h
}

// nodeMeasuring is a report of a node of the cluster.
func nodeMeasuring(all ...NodeHabits) NodeReport {
	return NodeReport{Placed: true, Whole: true, Habits: all}
}

func factsMeasured(nodes int, reports ...NodeReport) Facts {
	f := typed(900, 7_200, "5.4.0-96-generic", "v1.20.4", IPVS)
	f.Origin, f.Groups[0].Nodes, f.NodeReports = FromCluster, nodes, reports
	f.Groups[0].OSImage, f.Groups[0].Kubelet, f.Groups[0].Proxy.Version = "Ubuntu 20.04.6 LTS", "v1.20.4", KnownFrom("v1.20.4", "image")
	f.Nodes = KnownFrom(nodes, "Nodes")
	return f
}

const notKnown = -1 // not known

// TestPattern has the loads of the tests with real nodes: each is its class with every
// method that can know it, and unknown with one that cannot.
func TestPattern(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		load string
		h    NodeHabits
		want Pattern // empty: unknown
		why  string
	}{
		{"short, 200/s", measuring(ByConntrack, 200, 200, 1, 4*ms, 0), Short, ""},
		{"short, reused", measuring(ByConntrack, 50, 50, 0, 4*ms, 1), Short, ""},
		{"short, reset", measuring(ByConntrack, 100, 100, 0, 2*ms, 0), Short, ""},
		{"short, behind NAT", measuring(ByConntrack, 80, 80, 1, 5*ms, 0.5), Short, ""},
		{"short beside a node's own few", measuring(ByConntrack, 200, 190, 50, 5*ms, 0), Short, ""},
		{"short, as processes count", measuring(ByProcesses, 200, 100, 2, notKnown, notKnown), Short, ""},
		{"two seconds long", measuring(ByConntrack, 50, 50, 100, 2002*ms, 0), Mixed, ""},
		{"two seconds long, as processes count", measuring(ByProcesses, 50, 50, 101, notKnown, notKnown), Mixed, ""},
		{"pooled, none begins", measuring(ByProcesses, 0, 0, 50, notKnown, notKnown), KeepAlive, ""},
		{"pooled, ten seconds of it", during(10*time.Second, measuring(ByProcesses, 0, 0, 50, notKnown, notKnown)), KeepAlive, ""},
		{"pooled, renewed each minute", measuring(ByConntrack, 0.8, 0.8, 50, 58*time.Second, 0), KeepAlive, ""},
		{"pooled, with probes of the kubelet", measuring(ByConntrack, 0.6, 0.2, 50, 3*ms, 0), KeepAlive, ""},
		{"some of each", measuring(ByConntrack, 8, 8, 80, 5*ms, 0), Mixed, ""},
		{"streams for hours", measuring(ByConntrack, 0.6, 0.1, 900, notKnown, 0), LongLived, ""},
		{"short, and what is open was not counted", measuring(ByConntrack, 20, 20, notKnown, 5*ms, 0), Short, ""},
		{"counters of IPVS alone", measuring(ByIPVS, 25, notKnown, notKnown, notKnown, 0.9), "", whyNoLife},
		{"nothing was counted", measuring(ByProcesses, notKnown, notKnown, 40, notKnown, notKnown), "", whyNoLife},
		{"a quiet node", measuring(ByConntrack, 0.2, 0.1, 2, 5*ms, 0), "", whyFew},
		{"an idle node", measuring(ByConntrack, 0, 0, 0, notKnown, notKnown), "", whyFew},
		{"one second of few", during(time.Second, measuring(ByProcesses, 3, 3, 10, notKnown, notKnown)), "", whyFew},
	} {
		got := c.h.Pattern()
		if p, known := got.Get(); p != c.want || known != (c.want != "") || !known && got.Detail != c.why {
			t.Errorf("%s: %q (%s), want %q", c.load, p, got.Detail, c.want)
		}
	}
}

func during(d time.Duration, h NodeHabits) NodeHabits {
	h.Over = d
	return h
}

func TestMeasuredHabits(t *testing.T) {
	busy := nodeMeasuring(
		measuring(ByProcesses, 260, 250, 8, notKnown, notKnown),
		measuring(ByConntrack, 200, 150, 4, 4*time.Millisecond, 0.3),
	)
	quiet := nodeMeasuring(during(30*time.Second, measuring(ByIPVS, 40, notKnown, 3, 20*time.Millisecond, 0)))
	f := factsMeasured(180, busy, quiet, NodeReport{Placed: true}, NodeReport{Habits: []NodeHabits{measuring(ByConntrack, 9_000, 9_000, 9, 1, 1)}})
	m := HabitsMeasuredAt(f)
	if m.Nodes != 2 || m.Of != 180 {
		t.Errorf("%d nodes of %d", m.Nodes, m.Of)
	}
	for name, c := range map[string][2]any{
		"new":     {m.New, KnownFrom(200.0, "measured on 2 nodes, 30-60 s, from conntrack events, counters of IPVS")},
		"busiest": {m.Busiest, KnownFrom(150.0, "measured on 1 node, 60 s, from conntrack events")},
		"open":    {m.Open, KnownFrom(4, "measured on 2 nodes, 30-60 s, from conntrack events, counters of IPVS")},
		"reused":  {m.Reused, KnownFrom(0.3, "measured on 2 nodes, 30-60 s, from conntrack events, counters of IPVS")},
		"pattern": {m.Pattern, KnownFrom(Short, "measured on 2 nodes, 30-60 s, from conntrack events, counters of IPVS")},
		"NAT":     {m.BehindNAT, UnknownFor[bool](NotAsked, whyAddresses)},
	} {
		if !reflect.DeepEqual(c[0], c[1]) {
			t.Errorf("%s: %+v, want %+v", name, c[0], c[1])
		}
	}
	if want := (12_000*4 + 1_200*20) * time.Millisecond / 13_200; m.Life.Value.Round(time.Microsecond) != want.Round(time.Microsecond) {
		t.Errorf("life %s, want %s", m.Life.Value, want)
	}
	if none := HabitsMeasuredAt(factsMeasured(3)); !reflect.DeepEqual(none, MeasuredHabits{}) {
		t.Errorf("measured nothing: %+v", none)
	}
	alone := HabitsMeasuredAt(factsMeasured(3, nodeMeasuring(NodeHabits{Method: ByIPVS, Busiest: UnknownFor[float64](Failed, "why")})))
	if alone.New.IsKnown() || alone.Pattern.Detail != whyNoLife || alone.Busiest.Detail != "why" || len(alone.seen) != 0 {
		t.Errorf("a method that could not be used: %+v", alone)
	}
	counted := NodeReport{Placed: true, NewConnections: KnownFrom(33.0, ofTest), Over: 10 * time.Second}
	if none := HabitsMeasuredAt(factsMeasured(3, counted)); none.Nodes != 0 {
		t.Errorf("what the script counts of IPVS alone is no habit: %+v", none)
	}
}

// TestPrefillMeasured: what nodes measured fills in what nobody answered, and nothing else.
func TestPrefillMeasured(t *testing.T) {
	f := factsMeasured(3, nodeMeasuring(measuring(ByConntrack, 200, 150.04, 4, 4*time.Millisecond, 0)))
	const source = "measured on 1 node, 60 s, from conntrack events"
	h := Prefill(f, Habits{})
	if h.Connections != KnownFrom(Short, source) || h.NewConnectionsPerSecond != KnownFrom(150.0, source) || h.BehindNAT != (Fact[bool]{}) {
		t.Errorf("%+v", h)
	}
	mine := habits("connections", "long", "new-connections", "2", "behind-nat", "no")
	if got := Prefill(f, mine); got != mine {
		t.Errorf("answers were overwritten: %+v", got)
	}
	if again := Prefill(f, h); again != h {
		t.Errorf("filled twice: %+v", again)
	}
	v := say.In(say.Chinese)
	for _, of := range []NodeHabits{
		measuring(ByConntrack, 200, 150, 4, 1, 0), measuring(ByIPVS, 200, 150, 4, 1, 0), measuring(ByProcesses, 200, 150, 4, 1, 0),
	} {
		source := HabitsMeasuredAt(factsMeasured(3, nodeMeasuring(of), nodeMeasuring(during(7*time.Second, of)))).Busiest.Source
		if said := v.Again(source); !WasMeasured(source) || strings.Contains(said, "measured") || strings.Contains(said, "from") || !strings.Contains(said, "2 个节点") {
			t.Errorf("%q: %q", source, said)
		}
	}
}

// TestMeasuredReuse: reuse that was measured is the risk, whatever the model makes of rates.
func TestMeasuredReuse(t *testing.T) {
	const ms = time.Millisecond
	node := func(rate, reused float64) NodeReport {
		return nodeMeasuring(measuring(ByConntrack, rate, rate, 1, 4*ms, reused))
	}
	for _, c := range []struct {
		name    string
		facts   Facts
		habits  Habits
		want    reuse.Likelihood
		says    string
		says2   string
		finding RuleID
	}{
		{"not measured, slow", factsMeasured(3, node(3, notKnown)), Habits{}, reuse.Unlikely, "answer --behind-nat", "", 0},
		{"not measured, fast", factsMeasured(3, node(300, notKnown)), Habits{}, reuse.Certain, "28,232 ports", "", KPA046},
		{"slow, and all of it reuse", factsMeasured(3, node(20, 1)), Habits{}, reuse.Certain, "100 % of new connections", "", KPA087},
		{"fast, and no reuse", factsMeasured(3, node(300, 0)), Habits{}, reuse.Unlikely, "0 % of new connections", "", 0},
		{"behind a NAT that is not known", factsMeasured(3, node(20, 0.04)), Habits{}, reuse.LikelyReuse, "4.0 % of new connections", "", KPA087},
		{"too few to tell, so the model", factsMeasured(3, node(2, 0)), Habits{}, reuse.Unlikely, "behind one NAT", "", 0},
		{"an answer that says worse", factsMeasured(3, node(20, 0)), habits("new-connections", "300"), reuse.Certain, "28,232 ports", "0 % of new connections", KPA046},
		{"an answer that says better", factsMeasured(3, node(20, 1)), habits("new-connections", "1"), reuse.Certain, "100 % of new connections", "", KPA087},
		{"no rollouts", factsMeasured(3, node(20, 1)), habits("rollouts-per-day", "0"), reuse.Unlikely, "No rollouts", "", 0},
	} {
		a := Decide(c.facts, Prefill(c.facts, c.habits), Measured{})
		row := a.Reuse[0]
		if row.Likelihood != c.want || !strings.Contains(row.Load, c.says) || !strings.Contains(row.Load, c.says2) {
			t.Errorf("%s: %s, %q", c.name, row.Likelihood, row.Load)
		}
		if row.Reused.IsKnown() != c.facts.NodeReports[0].Habits[0].Reused.IsKnown() {
			t.Errorf("%s: reused %+v", c.name, row.Reused)
		}
		for _, id := range []RuleID{KPA046, KPA087} {
			if got := slices.ContainsFunc(a.Findings, func(f Finding) bool { return f.Rule == id }); got != (id == c.finding) {
				t.Errorf("%s: %s found: %v", c.name, id, got)
			}
		}
	}
}

// TestMeasuredSettles: what was measured is no longer open; and where it was measured on a
// part of the nodes and the verdict rests on it, that costs the high confidence.
func TestMeasuredSettles(t *testing.T) {
	quiet := func(n int) Facts {
		f := factsMeasured(n, nodeMeasuring(measuring(ByConntrack, 50, 20, 1, 4*time.Millisecond, 0)))
		f.RolloutsPerDay = KnownFrom(5.0, "test")
		return f
	}
	asked := func(a Advice, id HabitID) string {
		for _, u := range a.Unanswered {
			if u.Habit == id {
				return u.Changes
			}
		}
		return ""
	}
	open := func(a Advice) string { return strings.Join(a.ConfidenceBecause, " ") }
	before := quiet(1)
	before.NodeReports = nil
	a := Decide(before, Prefill(before, Habits{}), Measured{})
	if asked(a, HabitConnections) == "" || asked(a, HabitNewConnections) == "" || !strings.Contains(open(a), "--new-connections") {
		t.Errorf("before: %v; %s", a.Unanswered, open(a))
	}
	one := quiet(1)
	a = Decide(one, Prefill(one, Habits{}), Measured{})
	if asked(a, HabitConnections) != "" || asked(a, HabitNewConnections) != "" || asked(a, HabitBehindNAT) != "nothing: the reuse of 5-tuples itself was measured" {
		t.Errorf("measured: %v", a.Unanswered)
	}
	for _, word := range []string{"--connections", "--new-connections", "--behind-nat", "was measured on"} {
		if strings.Contains(open(a), word) {
			t.Errorf("measured on every node, and still open: %s", open(a))
		}
	}
	part := quiet(180)
	a = Decide(part, Prefill(part, Habits{}), Measured{})
	const sample = "how clients connect was measured on 1 of 180 nodes"
	if !strings.Contains(open(a), sample) || a.Confidence == High {
		t.Errorf("measured on a part: %s, %s", a.Confidence, open(a))
	}
	if !slices.ContainsFunc(a.Unseen, func(r Reason) bool { return strings.Contains(strings.ToLower(r.Text), sample) }) {
		t.Errorf("unseen: %v", a.Unseen)
	}
	mine := habits("connections", "short", "new-connections", "20", "behind-nat", "no")
	a = Decide(before, Prefill(before, mine), Measured{})
	if strings.Contains(open(a), "was measured on") {
		t.Errorf("answered: %s", open(a))
	}
}

// TestHostileHabits: figures that no node can have are refused, and say nothing.
func TestHostileHabits(t *testing.T) {
	good := func() NodeHabits { return measuring(ByConntrack, 200, 150, 4, 4*time.Millisecond, 0.3) }
	if err := good().Check(); err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(*NodeHabits){
		"NaN":              func(h *NodeHabits) { h.New.Value = math.NaN() },
		"infinite":         func(h *NodeHabits) { h.Busiest.Value = math.Inf(1) },
		"minus infinite":   func(h *NodeHabits) { h.Busiest.Value = math.Inf(-1) },
		"negative":         func(h *NodeHabits) { h.New.Value = -1 },
		"1e300":            func(h *NodeHabits) { h.New.Value = 1e300 },
		"share above 1":    func(h *NodeHabits) { h.Reused.Value = 1.01 },
		"share NaN":        func(h *NodeHabits) { h.Reused.Value = math.NaN() },
		"negative share":   func(h *NodeHabits) { h.Reused.Value = -0.01 },
		"open":             func(h *NodeHabits) { h.Open.Value = 2_000_000_000 },
		"negative open":    func(h *NodeHabits) { h.Open.Value = -1 },
		"addresses":        func(h *NodeHabits) { h.Addresses = KnownFrom(math.MaxInt, "") },
		"life":             func(h *NodeHabits) { h.Life.Value = math.MaxInt64 },
		"negative life":    func(h *NodeHabits) { h.Life.Value = -1 },
		"no time":          func(h *NodeHabits) { h.Over = 0 },
		"negative time":    func(h *NodeHabits) { h.Over = -time.Second },
		"a week":           func(h *NodeHabits) { h.Over = 7 * 24 * time.Hour },
		"no method":        func(h *NodeHabits) { h.Method = "" },
		"an odd method":    func(h *NodeHabits) { h.Method = "guess\x1b[2J" },
		"unknown and wild": func(h *NodeHabits) { h.New = Fact[float64]{Value: math.NaN()} },
	} {
		h := good()
		edit(&h)
		err := h.Check()
		if err == nil || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%s: %v", name, err)
		}
		if m := HabitsMeasuredAt(factsMeasured(3, nodeMeasuring(h))); m.Nodes != 0 {
			t.Errorf("%s: %+v", name, m)
		}
	}
	if m := HabitsMeasuredAt(factsMeasured(3, nodeMeasuring(good(), good()))); m.Nodes != 0 {
		t.Errorf("twice the same method: %+v", m)
	}
}

// TestMeasuredHabitsProperties: the order of nodes and of methods does not matter; another
// node never makes less of a risk that one shows, nor of a pattern that is mixed; and no
// figure is more than any node has.
func TestMeasuredHabitsProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(14, 1))
	pick := func(all ...float64) float64 { return all[r.IntN(len(all))] }
	draw := func() NodeReport {
		methods := HabitMethods()
		r.Shuffle(len(methods), func(i, j int) { methods[i], methods[j] = methods[j], methods[i] })
		var all []NodeHabits
		for _, by := range methods[:1+r.IntN(3)] {
			h := measuring(by, pick(notKnown, 0, 0.2, 20, 4_000), pick(notKnown, 0, 17, 300), pick(notKnown, 0, 5, 70, 9_000), time.Duration(pick(notKnown, 3e6, 2e9, 7e11)), pick(notKnown, 0, 0.004, 0.04, 1))
			all = append(all, during(time.Duration(1+r.IntN(90))*time.Second, h))
		}
		return nodeMeasuring(all...)
	}
	for range 3_000 {
		nodes := []NodeReport{draw(), draw(), draw()}
		f := factsMeasured(5, nodes...)
		m := HabitsMeasuredAt(f)
		other := slices.Clone(nodes)
		r.Shuffle(3, func(i, j int) { other[i], other[j] = other[j], other[i] })
		for i := range other {
			other[i].Habits = slices.Clone(other[i].Habits)
			slices.Reverse(other[i].Habits)
		}
		if again := HabitsMeasuredAt(factsMeasured(5, other...)); !reflect.DeepEqual(m, again) {
			t.Fatalf("in another order:\n%+v\n%+v", m, again)
		}
		more := HabitsMeasuredAt(factsMeasured(5, append(nodes, draw())...))
		before, _ := reuse.LikelySeen(m.seen, nil, nil)
		after, _ := reuse.LikelySeen(more.seen, nil, nil)
		if likelyReused(before) && before.Worse(after) {
			t.Fatalf("%s, and with another node %s", before, after)
		}
		if m.Pattern.Value == Mixed && more.Pattern.Value != Mixed {
			t.Fatalf("mixed, and with another node %s", more.Pattern.Value)
		}
		if more.Busiest.Value < m.Busiest.Value || more.Reused.Value < m.Reused.Value || more.New.Value < m.New.Value {
			t.Fatalf("less with another node:\n%+v\n%+v", m, more)
		}
		data, err := json.Marshal(f)
		var back Facts
		if err == nil {
			err = json.Unmarshal(data, &back)
		}
		if again := HabitsMeasuredAt(back); err != nil || !reflect.DeepEqual(m, again) {
			t.Fatalf("from JSON: %v\n%+v\n%+v", err, m, again)
		}
	}
}
