package pack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/advisor/habitstest"
	"kpadvisor/arrows"
	"kpadvisor/plain/plaintest"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/say"
	"kpadvisor/ui/evidence"
	"kpadvisor/ui/evidence/evidencetest"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report/html"
)

// TestDependencies keeps the arrows.
func TestDependencies(t *testing.T) {
	arrows.Forbid(t, map[string]string{
		"kpadvisor/ui/tui":     "a request is read, not walked through",
		"kpadvisor/ui/cli":     "the commands use it",
		"charm.land/bubbletea": "a document has no terminal",
	})
}

// measured is evidence of each kind.
func measured(t testing.TB) advisor.Measured {
	t.Helper()
	var m advisor.Measured
	var err error
	if m.Comparisons, err = evidence.OfRun(evidencetest.Run()); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(evidencetest.Sweep())
	if err != nil {
		t.Fatal(err)
	}
	sweep, err := lab.Read(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if m.BreakEvens, err = evidence.OfSweep(sweep); err != nil {
		t.Fatal(err)
	}
	for _, o := range []drill.Outcome{drill.StalePod, drill.Safe} {
		d, err := evidence.OfDrill(evidencetest.Drill("5.4.0-150-generic", o))
		if err != nil {
			t.Fatal(err)
		}
		m.Drills = append(m.Drills, d)
	}
	return m
}

func answered(t testing.TB, id advisor.HabitID, value string) advisor.Habits {
	t.Helper()
	h, err := advisor.Habits{}.Set(id, value, "--"+string(id))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func asCluster(f advisor.Facts) advisor.Facts {
	f.Origin, f.Name = advisor.FromCluster, "odd-context"
	return f
}

// requests are of every kind of source, with and without evidence, for every mode.
func requests(t testing.TB) map[string]Request {
	t.Helper()
	typed, err := cluster.Typed(cluster.TypedFacts{Services: 4000, Kernel: "5.15.0", KubernetesVersion: "1.33", ProxyMode: "iptables"})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]Request{"typed": {Facts: typed}, "nothing": {}}
	for _, f := range cluster.Demos() {
		all[f.Name] = Request{Facts: f}
		all[f.Name+" measured"] = Request{Facts: f, Measured: measured(t), Habits: answered(t, advisor.HabitConnections, "short")}
		all[f.Name+" cluster"] = Request{Facts: asCluster(f), Habits: answered(t, advisor.HabitNewConnections, "118.5")}
		all[f.Name+" habits measured"] = Request{Facts: asCluster(habitstest.On(f)), Habits: answered(t, advisor.HabitRolloutsPerDay, "3")}
		all[f.Name+" habits measured, answered otherwise"] = Request{Facts: asCluster(habitstest.On(f)), Habits: answered(t, advisor.HabitConnections, "long"), Language: say.Chinese}
		all[f.Name+" named"] = Request{Facts: asCluster(f), Named: true}
		all[f.Name+" in Chinese"] = Request{Facts: f, To: advisor.NFTables, Measured: measured(t), Language: say.Chinese}
		for _, m := range advisor.Modes() {
			all[f.Name+" to "+string(m)] = Request{Facts: f, To: m, Measured: measured(t)}
		}
	}
	for name, r := range all {
		r.Version = "v1.2.3"
		all[name] = r
	}
	return all
}

func made(t testing.TB, r Request) (page.Document, string) {
	t.Helper()
	d, err := Make(r)
	if err != nil {
		t.Fatal(err)
	}
	return d, html.Page(d)
}

// TestSame: a document is the same each time that it is made, and is made again from the
// data in it.
func TestSame(t *testing.T) {
	for name, r := range requests(t) {
		_, file := made(t, r)
		if _, again := made(t, r); again != file {
			t.Errorf("%s: made twice, it differs", name)
		}
		if v, err := Verify([]byte(file), r.Version); err != nil || !v.Same || v.MadeBy != r.Version {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
}

// TestSections: what a request is about stands in it.
func TestSections(t *testing.T) {
	ids := func(d page.Document) (all []string) {
		for _, s := range d.Sections {
			all = append(all, s.ID)
		}
		return all
	}
	wants := func(name string, d page.Document, want ...string) {
		t.Helper()
		if got := " " + strings.Join(ids(d), " ") + " "; len(want) > 0 {
			for _, id := range want {
				if not, ok := strings.CutPrefix(id, "!"); strings.Contains(got, " "+not+" ") == ok {
					t.Errorf("%s: sections%s, want %s", name, got, id)
				}
			}
		}
	}
	all := requests(t)
	for name, r := range all {
		d, file := made(t, r)
		for _, s := range d.Sections {
			for _, b := range s.Blocks {
				if b == nil {
					t.Errorf("%s: an empty block in %s", name, s.ID)
				}
			}
		}
		if r.Facts.Origin == advisor.FromDemo && r.Language == "" && !strings.Contains(file, "DEMO, not your cluster") {
			t.Errorf("%s: the demo does not say so", name)
		}
		if r.Facts.Origin == advisor.FromCluster && strings.Contains(file, "From a snapshot file") {
			t.Errorf("%s: a cluster became a snapshot", name)
		}
		if r.To != "" && r.Language == "" && d.Title != "Change request: move to "+page.Mode(say.Voice{}, r.To) {
			t.Errorf("%s: %s", name, d.Title)
		}
	}
	d, _ := made(t, all["demo-mixed to nftables"])
	wants("to nftables", d, "verdict", "blocks", "rehearsal", "measured", "break-evens", "runbook", "thresholds", "rollback", "groups", "proxies", "sources", "check")
	d, file := made(t, all["demo-mixed to ipvs"])
	wants("to ipvs", d, "differs", "blocks", "rollback")
	if !strings.Contains(file, "The change itself was not rehearsed") {
		t.Error("a drill stands for a rehearsal of the change")
	}
	d, file = made(t, all["demo-short"])
	wants("keep", d, "verdict", "!runbook", "!rollback", "!thresholds", "!blocks", "!rehearsal", "!measured")
	if !strings.Contains(file, "No change is asked for: keep iptables") {
		t.Errorf("keep: %s", d.Title)
	}
	_, file = made(t, all["demo-mixed"])
	for _, want := range []string{"Nothing was rehearsed", "Nothing was measured", "lab drill", "lab sweep"} {
		if !strings.Contains(file, want) {
			t.Errorf("nothing measured: no %q", want)
		}
	}
	d, _ = made(t, all["demo-short"])
	for i, s := range d.Sections {
		if s.ID == "" || s.Title == "" || len(s.Blocks) == 0 {
			t.Errorf("section %d: %+v", i, s)
		}
	}
}

// TestInChinese: the language of a document is in its data, and it is made again in it,
// whatever is spoken where it is verified.
func TestInChinese(t *testing.T) {
	r := requests(t)["demo-mixed in Chinese"]
	_, file := made(t, r)
	for _, want := range []string{`<html lang="zh-Hans">`, "变更申请：改用 nftables", "回退", "继续：", "生成本文档所用的数据", "&#34;language&#34;: &#34;zh&#34;"} {
		if !strings.Contains(file, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, english := range []string{"Go on", "Rollback", "What stands", "founded on", "Change request", "not rehearsed", "Measured", "The data"} {
		if strings.Contains(file, english) {
			t.Errorf("%q in a Chinese document", english)
		}
	}
	changed := strings.Replace(file, "回退", "前进", 1)
	if v, err := Verify([]byte(changed), r.Version); err != nil || v.Same || !strings.Contains(v.Differ.Wants, "回退") {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestRollbackOnce: the step back stands in its own section alone.
func TestRollbackOnce(t *testing.T) {
	d, _ := made(t, requests(t)["demo-mixed to nftables"])
	found := 0
	for _, s := range d.Sections {
		for _, b := range s.Blocks {
			steps, _ := b.(page.Steps)
			for _, st := range steps {
				if st.Title == "To go back" {
					if found++; s.ID != "rollback" {
						t.Errorf("it is in %s", s.ID)
					}
				}
			}
		}
	}
	if found != 1 {
		t.Errorf("%d times", found)
	}
}

// TestNames: without names there is none, in the document and in its data; with them the
// document names nodes.
func TestNames(t *testing.T) {
	f := requests(t)["demo-mixed"].Facts
	f = asCluster(f)
	f.Endpoints.Value.LargestName = "odd-namespace/odd-service"
	for i := range f.Groups {
		f.Groups[i].NodeNames = []string{fmt.Sprint("odd-node-", i)}
		f.Groups[i].Spared = "its taint odd-taint=odd:NoSchedule"
		f.Groups[i].Proxy.Evidence = append(f.Groups[i].Proxy.Evidence, advisor.Evidence{Source: "argument --master=198.51.100.7:6443", Says: "198.51.100.7"})
	}
	f.Workloads = advisor.UnknownFor[advisor.Workloads](advisor.Failed, "Get https://198.51.100.7: odd-host")
	for _, named := range []bool{false, true} {
		_, file := made(t, Request{Facts: f, Named: named, Version: "v1", To: advisor.NFTables})
		for _, name := range []string{"odd-", "198.51.100"} {
			if got := strings.Contains(file, name); got != named {
				t.Errorf("with names %v: %q is in it: %v", named, name, got)
			}
		}
		if v, err := Verify([]byte(file), "v1"); err != nil || !v.Same {
			t.Errorf("with names %v: %+v, %v", named, v, err)
		}
		if shown := strings.Contains(file, "For example odd-node-0."); shown != named {
			t.Errorf("with names %v: a node is named: %v", named, shown)
		}
	}
}

// TestHostile: whatever names there are, the document is what its data make, and holds
// nothing that a reader cannot see.
func TestHostile(t *testing.T) {
	listed := plaintest.NewChecker(t)
	for _, text := range []string{plaintest.Hostile, "</pre></footer><script>alert(1)</script>", `<pre class="data">{}</pre>`, "&lt;&#39;", "\u2800\u0300\u0300\u0300\u0300\u0300\u0300x", "  x  "} {
		f := cluster.Demos()[1]
		groups := f.Groups
		plaintest.Fill(&f.Groups, text)
		f.Endpoints.Value.LargestName = text
		for i := range groups {
			f.Groups[i].OS = "linux"
		}
		f = asCluster(f)
		f.Name = text
		m := measured(t)
		m.Comparisons[0].Where, m.Comparisons[0].Kernel, m.Drills[0].Where = text, text, text
		_, file := made(t, Request{Facts: f, Named: true, Measured: m, Version: "v1", To: advisor.IPVS})
		listed.Check(t, text, file)
		if strings.Contains(file, "<script") || strings.Count(file, "</footer>") != 1 {
			t.Errorf("%q became an element", text)
		}
		if v, err := Verify([]byte(file), "v1"); err != nil || !v.Same {
			t.Errorf("%q: %+v, %v", text, v, err)
		}
	}
}
