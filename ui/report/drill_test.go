package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"kpadvisor/say"

	"kpadvisor/ui/page"

	"github.com/charmbracelet/x/ansi"

	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/ui/kit"
)

// drillRow plays a plan without a kernel: stale connections go to the dead pod
// one time in three, delayed ones wait for a second SYN.
func drillRow(p drill.Plan, c drill.Config, stale, delayed bool) drill.Row {
	t := drill.NewTally(p, c)
	steps := p.Steps(c.Sysctls != nil)
	at, n, gone := time.Duration(0), 0, time.Duration(0)
	left := 30
	for _, s := range steps {
		for ; at < s.At; at += time.Duration(float64(time.Second) / p.Rate) {
			n++
			conn := drill.Conn{Begun: at, Ended: at + 2*time.Millisecond, Connect: 800 * time.Microsecond}
			switch {
			case gone > 0 && stale && n%3 == 0:
				conn.ToOldPod, conn.Class = true, probe.Timeout
				if n%2 == 0 {
					conn.Class = probe.NoRoute
				}
			case delayed && n%4 == 0:
				conn.Connect, conn.Ended, conn.Resent = 1003*time.Millisecond, at+1004*time.Millisecond, true
			case gone == 0:
				conn.ToOldPod = n%2 == 0 && (stale || !reached(t, drill.Terminating))
			}
			t.Add(conn)
		}
		m := drill.Mark{Do: s.Do, At: s.At}
		switch s.Do {
		case drill.ListenerDown:
			gone = s.At
		case drill.Check:
			if !stale {
				if !reached(t, drill.ServerDeleted) {
					none := 0
					t.Mark(drill.Mark{Do: s.Do, At: s.At, Connections: &none})
					t.Mark(drill.Mark{Do: drill.ServerDeleted, At: s.At})
				}
				continue
			}
			m.Connections = &left
		case drill.End:
			t.Close(s.At)
			continue
		}
		t.Mark(m)
	}
	return t.Take(true)
}

func reached(t *drill.Tally, do drill.Action) bool { return t.Row().Reached(do) }

// drilled is a drill whose stale rows are those with expire_nodest_conn=0 and
// conn_reuse_mode=0, or either if the pod is lost.
func drilled(lost bool) lab.DrillResult {
	p := drill.DefaultPlan()
	p.Lost = lost
	r := lab.DrillResult{Schema: lab.DrillSchema, Plan: p, Missing: []lab.Missing{{Mode: lab.NFTables, Reason: "this kernel has no nf_tables for IPv4 (CONFIG_NF_TABLES_IPV4)", Remedy: "run the lab on another kernel: make uml-kernel builds a user-mode Linux with every mode, for --in uml --uml-kernel PATH"}}}
	r.Environment = lab.DrillEnvironment{Kernel: "6.1.176", Where: "user-mode Linux", CPUs: 1, IPTables: "iptables v1.8.9 (nf_tables)", Started: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	for _, c := range p.Configs {
		if c.Mode != drill.NFTables {
			stale := c.Sysctls != nil && c.Sysctls.ExpireNodestConn == 0 && (lost || c.Sysctls.ConnReuseMode == 0)
			r.Rows = append(r.Rows, drillRow(p, c, stale, false))
		}
	}
	return r
}

func drillCases() map[string]page.Drill {
	matrix := page.Drill{Result: drilled(false), Version: "v0.1.0"}
	like := drilled(false)
	like.Rows = like.Rows[2:4]
	like.Environment.Notes = []string{"The configurations are those of the node groups of facts.json. Their kernels are not this one."}
	of := map[string][]string{like.Rows[1].Config.String(): {"IPVS, 5.4.0-96-generic, kube-proxy v1.33.4"}}
	// A kernel whose table says stale-pod for 0/1, and the drill does not; and a
	// delay where none is expected.
	against := drilled(false)
	against.Environment.Kernel = "5.4.100"
	against.Rows = []drill.Row{drillRow(against.Plan, drill.InIPVS(0, 1, 1), false, false), drillRow(against.Plan, drill.InIPVS(1, 1, 1), false, true)}
	partial := drilled(false)
	p := partial.Plan
	early := drill.NewTally(p, drill.InIPVS(0, 0, 1))
	early.Add(drill.Conn{Ended: time.Second})
	partial.Rows = []drill.Row{early.Take(true), drillRow(p, drill.Config{Mode: drill.IPTablesLegacy}, false, false)}
	partial.Rows[1].Problem = "iptables-restore failed: no such thing"
	slow := drilled(false)
	slow.Plan.Speed = 1
	return map[string]page.Drill{
		"matrix":  matrix,
		"lost":    {Result: drilled(true), Version: "v0.1.0"},
		"like":    {Result: like, Of: of, Version: "v0.1.0"},
		"against": {Result: against, Version: "v0.1.0"},
		"partial": {Result: partial, Version: "v0.1.0", Problem: &plain.Problem{Sentence: "Interrupted before the end of the drill.", Remedy: "Run it again and let it finish, or take more --speed."}},
		"slow":    {Result: slow, Version: "v0.1.0"},
		"refused": {Version: "v0.1.0", Problem: &plain.Problem{Sentence: "User-mode Linux (linux.uml) is not installed.", Remedy: "Install the package user-mode-linux, or build one with make uml-kernel and name it with --uml-kernel."}},
	}
}

type drillWriter func(io.Writer, page.Drill) error

func drillIn(s Style) drillWriter {
	return func(w io.Writer, d page.Drill) error { return Text(w, d.Page(), s) }
}

func drillWriters() map[string]drillWriter {
	return map[string]drillWriter{"80.txt": drillIn(Style{}), "80-ascii.txt": drillIn(Style{ASCII: true}), "md": Drills().markdown, "csv": DrillCSV, "json": DrillJSON}
}

func TestDrillGolden(t *testing.T) {
	for name, d := range drillCases() {
		for format, write := range drillWriters() {
			if format != "80.txt" && name != "matrix" {
				continue // the words are the same
			}
			t.Run(name+"."+format, func(t *testing.T) {
				var b bytes.Buffer
				if err := write(&b, d); err != nil {
					t.Fatal(err)
				}
				file := filepath.Join("testdata", "drill-"+name+"."+format)
				if *update {
					if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(b.Bytes(), want) {
					t.Errorf("%s differs (run with -update and read the diff):\n%s", file, b.String())
				}
			})
		}
	}
}

func TestNoDrillLineIsWiderThanThePage(t *testing.T) {
	for name, d := range drillCases() {
		for w := minWidth; w <= 130; w++ {
			var b bytes.Buffer
			if err := Text(&b, d.Page(), Style{Width: w, Color: w%2 == 0, ASCII: w%3 == 0}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				line = ansi.Strip(strings.TrimSuffix(line, "\n"))
				command := strings.Contains(line, "sysctl -w") || strings.Contains(line, "kube-proxy mode ")
				if ansi.StringWidth(line) > w && !command {
					t.Errorf("%s at %d columns: %d in %q", name, w, ansi.StringWidth(line), line)
				}
				if w%3 == 0 && strings.IndexFunc(line, func(r rune) bool { return r > unicode.MaxASCII }) >= 0 {
					t.Errorf("%s: not ASCII: %q", name, line)
				}
			}
		}
	}
}

func TestDrillFailingWriter(t *testing.T) {
	for format, write := range drillWriters() {
		if err := write(&failing{0}, drillCases()["matrix"]); !errors.Is(err, errFull) {
			t.Errorf("%s: the error is %v", format, err)
		}
	}
}

// A tool's own words and a snapshot's may be anything.
func TestDrillHostileStrings(t *testing.T) {
	d := drillCases()["like"]
	const evil = "\x1b]0;owned\x07\x1b[2Jshop\u009b31m\u202e\r\ncart|<b>`*[x](y)"
	d.Result.Missing[0].Reason, d.Result.Rows[0].Problem, d.Result.Environment.Kernel = evil, evil, evil
	d.Of = map[string][]string{d.Result.Rows[0].Config.String(): {evil}}
	for format, write := range drillWriters() {
		var b bytes.Buffer
		if err := write(&b, d); err != nil {
			t.Fatal(err)
		}
		if i := strings.IndexFunc(b.String(), func(r rune) bool {
			return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
		}); i >= 0 {
			t.Errorf("%s holds %q", format, b.String()[i:i+8])
		}
	}
}

// Every document fits the schema, every field is in it, and it is a drill again.
func TestDrillFitsTheSchema(t *testing.T) {
	schema := readJSON(t, filepath.Join("schema", "drill-v1.schema.json"))
	defs := schema["$defs"].(map[string]any)
	v := validator{defs}
	document := func(d page.Drill) ([]byte, map[string]any) {
		var b bytes.Buffer
		if err := DrillJSON(&b, d); err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		return b.Bytes(), doc
	}
	for name, d := range drillCases() {
		text, doc := document(d)
		if err := v.check(name, schema, doc); err != nil {
			t.Error(err)
		}
		documented(t, name, schema, doc, defs)
		again, err := lab.ReadDrill(bytes.NewReader(text))
		if err != nil {
			t.Errorf("%s cannot be read again: %v", name, err)
		}
		var a, b bytes.Buffer
		if err := errors.Join(DrillCSV(&a, d), DrillCSV(&b, page.Drill{Result: again})); err != nil || a.String() != b.String() {
			t.Errorf("%s is another drill when it is read again: %v", name, err)
		}
	}
	for name, spoil := range map[string]func(map[string]any){
		"another schema": func(d map[string]any) { d["schema"] = "kpadvisor.sweep/v1" },
		"a phase is gone": func(d map[string]any) {
			delete(d["rows"].([]any)[0].(map[string]any)["phases"].(map[string]any), "podGone")
		},
		"a third value": func(d map[string]any) {
			d["rows"].([]any)[2].(map[string]any)["sysctls"].(map[string]any)["net.ipv4.vs.conntrack"] = 2.0
		},
		"an unknown answer": func(d map[string]any) { d["rows"].([]any)[0].(map[string]any)["expected"] = "fine" },
		"no environment":    func(d map[string]any) { delete(d, "environment") },
	} {
		_, doc := document(drillCases()["matrix"])
		spoil(doc)
		if v.check("doc", schema, doc) == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// The verdicts of the matrix are those of the decision table; each failing row
// names a remedy that another row proves.
func TestJudgeDrill(t *testing.T) {
	for name, c := range map[string]struct {
		stale, contradicts int
	}{"matrix": {2, 0}, "lost": {4, 0}, "against": {0, 2}} {
		d := drillCases()[name]
		stale, contradicts := 0, 0
		for i, v := range page.JudgeDrill(say.Voice{}, d.Result) {
			if v.Contradicts() {
				contradicts++
			}
			if v.Seen != reuse.StalePod {
				continue
			}
			stale++
			if !slices.ContainsFunc(v.Remedy, func(s string) bool {
				return strings.HasPrefix(s, "sysctl -w") && strings.Contains(s, "net.ipv4.vs.expire_nodest_conn=1    # in this drill 0 of")
			}) {
				t.Errorf("%s: %s has the remedies %q", name, d.Result.Rows[i].Config, v.Remedy)
			}
		}
		if stale != c.stale || contradicts != c.contradicts {
			t.Errorf("%s: %d stale, %d contradict", name, stale, contradicts)
		}
	}
	// For want of a row that proves it the table is named.
	alone := drilled(false)
	alone.Rows = alone.Rows[2:3]
	if v := page.JudgeDrill(say.Voice{}, alone)[0]; !slices.ContainsFunc(v.Remedy, func(s string) bool { return strings.Contains(s, "safe by row R8") }) {
		t.Errorf("remedies %q", v.Remedy)
	}
}

func TestDrillSaysWhatItMust(t *testing.T) {
	for name, wants := range map[string][]string{
		"matrix":  {"2 of 10 configurations", "never deletes it", "c95c07836fa4", "expire_nodest_conn=0", "235 connections/s", "Speed 10", "CONFIG_NF_TABLES_IPV4", page.DrillScope},
		"lost":    {"4 of 10 configurations", "unheard of", "while it was dead and kube-proxy did not know"},
		"against": {"The table expects stale-pod, and the drill saw safe", "The table expects safe, and the drill saw syn-delay", "NO"},
		"partial": {"Interrupted before the end", "It ended before the old pod was dead", "iptables-restore failed"},
		"slow":    {"Speed 1", "as long as they do"},
		"like":    {"as on: IPVS, 5.4.0-96-generic"},
		"refused": {"Install the package user-mode-linux, or build one"},
	} {
		var b bytes.Buffer
		if err := Text(&b, drillCases()[name].Page(), Style{Width: 1000}); err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s lacks %q:\n%s", name, want, b.String())
			}
		}
	}
}

// A sparkline fits any number of columns, grows with the drill, and shows what
// was lost wherever it was.
func TestTracks(t *testing.T) {
	r := drilled(false)
	for i, row := range r.Rows {
		for columns := 1; columns <= 130; columns++ {
			tracks := Tracks(say.Voice{}, page.DrillStrip(say.Voice{}, r.Plan, r.Rows))
			all := tracks.Columns(tracks.Rows[i], columns)
			if len(all) != columns {
				t.Fatalf("%s: %d of %d columns at the end", row.Config, len(all), columns)
			}
			lost := slices.ContainsFunc(all, func(c kit.Column) bool { return c.Mark == kit.MarkNoReply })
			if lost != (row.Total().Failed > 0) {
				t.Errorf("%s in %d columns: lost %t", row.Config, columns, lost)
			}
			if len(tracks.Ruler(columns)) > columns {
				t.Errorf("the ruler of %d columns is wider", columns)
			}
		}
		half := row
		half.Intervals, half.Marks = row.Intervals[:len(row.Intervals)/2], nil
		tracks := Tracks(say.Voice{}, page.DrillStrip(say.Voice{}, r.Plan, []drill.Row{half}))
		if n := len(tracks.Columns(tracks.Rows[0], 100)); n < 45 || n > 55 {
			t.Errorf("half a drill is %d of 100 columns", n)
		}
	}
}
