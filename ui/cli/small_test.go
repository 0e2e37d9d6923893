package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/say"
	"kpadvisor/ui/page"
)

func TestVersion(t *testing.T) {
	platform := runtime.GOOS + "/" + runtime.GOARCH
	build := func(version string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: version}, Settings: settings}
	}
	rev := debug.BuildSetting{Key: "vcs.revision", Value: "0123456789abcdef0123"}
	for _, c := range []struct {
		info        *debug.BuildInfo
		short, line string
	}{
		{nil, "unknown", "unknown"},
		{build("v0.1.0"), "v0.1.0", "v0.1.0, go1.26.8, " + platform},
		{build("(devel)"), "devel", "devel, go1.26.8, " + platform},
		{build("(devel)", rev), "devel-0123456789ab", "devel-0123456789ab, commit 0123456789ab, go1.26.8, " + platform},
		{
			build("v0.1.0", rev, debug.BuildSetting{Key: "vcs.time", Value: "2026-11-23T16:00:00Z"}, debug.BuildSetting{Key: "vcs.modified", Value: "true"}),
			"v0.1.0", "v0.1.0, commit 0123456789ab of 2026-11-23 with local changes, go1.26.8, " + platform,
		},
	} {
		if got := shortVersion(c.info); got != c.short {
			t.Errorf("%q, want %q", got, c.short)
		}
		if got := versionLine(c.info); got != c.line {
			t.Errorf("%q, want %q", got, c.line)
		}
	}
}

func TestProgress(t *testing.T) {
	for want, r := range map[string]advisor.Reading{
		"":                           {},
		"reading Nodes":              {Stage: "Nodes"},
		"reading Nodes: 500":         {Stage: "Nodes", Read: 500},
		"reading Nodes: 500 of 2000": {Stage: "Nodes", Read: 500, Total: 2000},
		"reading Services: 5 of 20":  {Stage: "\x1b[2JServices", Read: 5, Total: 20},
	} {
		if got := progressLine(say.Voice{}, r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	reading := func() string { return progressLine(say.Voice{}, advisor.Reading{Stage: "Nodes", Read: 1}) }
	for _, c := range []struct {
		rewrite bool
		d       time.Duration
		want    string
	}{
		{true, 500 * time.Millisecond, strings.Repeat("\r\x1b[Kreading Nodes: 1", 2) + "\r\x1b[K"},
		{true, 100 * time.Millisecond, "\r\x1b[K"},
		{false, 11 * time.Second, strings.Repeat("reading Nodes: 1\n", 2)},
		{false, time.Second, ""}, // the log of a quick read stays empty
	} {
		synctest.Test(t, func(t *testing.T) {
			var b bytes.Buffer
			stop := showProgress(&b, c.rewrite, reading)
			time.Sleep(c.d)
			stop()
			if b.String() != c.want {
				t.Errorf("%+v: %q", c, b.String())
			}
		})
	}
}

func TestProgressSurvivesADefect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := showProgress(new(bytes.Buffer), true, func() string { panic("defect") })
		time.Sleep(time.Second)
		stop()
	})
}

// TestSavedLanguages: what is saved on the screens is in the language that they speak, but
// for what programs read.
func TestSavedLanguages(t *testing.T) {
	t.Chdir(t.TempDir())
	facts := cluster.Demos()[0]
	doc := func(v say.Voice) page.Audit {
		return page.Audit{Voice: v, Facts: facts, Advice: advisor.DecideIn(v, facts, advisor.Habits{}, advisor.Measured{})}
	}
	if _, err := (store{&app{voice: say.In(say.Chinese)}}).SaveReport(doc, "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := (store{&app{}}).SaveReport(doc, "b"); err != nil {
		t.Fatal(err)
	}
	for end, same := range map[string]bool{"md": false, "html": false, "json": true} {
		chinese, err := os.ReadFile("a." + end)
		english, err2 := os.ReadFile("b." + end)
		if err != nil || err2 != nil || (string(chinese) == string(english)) != same {
			t.Errorf("%s: %v, %v, the same is %t", end, err, err2, !same)
		}
	}
}

// TestSaveOnScreens: what is saved on the screens is there in every face, under one name
// that nothing had.
func TestSaveOnScreens(t *testing.T) {
	run := runOnScreen()
	kept := store{&app{}}
	for kind, save := range map[string]func(name string) (string, error){
		"report": func(name string) (string, error) {
			return kept.SaveReport(func(v say.Voice) page.Audit {
				return page.Audit{Voice: v, Version: kept.version(), Advice: advisor.Advice{Headline: "Keep it."}}
			}, name)
		},
		"run":   func(name string) (string, error) { return kept.SaveRun(run.Probes[0], name) },
		"drill": func(name string) (string, error) { return kept.SaveDrill(run.Drills[0], name) },
	} {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			if err := os.WriteFile("b-2.json", []byte("mine"), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, c := range [][2]string{{"a", "a"}, {"a.md", "a-2"}, {"b", "b"}, {"b", "b-3"}} {
				path, err := save(c[0])
				if want := filepath.Join(dir, c[1]+".{md,html,json}"); err != nil || path != want {
					t.Errorf("%q, %v; want %q", path, err, want)
				}
			}
			for end, start := range map[string]string{"md": "# ", "html": "<!DOCTYPE html>", "json": "{"} {
				if b, err := os.ReadFile("a." + end); err != nil || !strings.HasPrefix(string(b), start) || !strings.Contains(string(b), kept.version()) && end != "json" {
					t.Errorf("%s: %v, %q", end, err, b)
				}
			}
			if b, err := os.ReadFile("b-2.json"); string(b) != "mine" {
				t.Errorf("%q, %v: it was written over", b, err)
			}
			if path, err := save(filepath.Join("no", "such", "directory")); err == nil {
				t.Errorf("saved as %s in a directory that does not exist", path)
			}
			// What is in the way of one face is in the way of all.
			if _, err := save(strings.Repeat("x", 251)); err == nil { // .md fits, .html does not
				t.Error("half a set was saved")
			}
			left, err := os.ReadDir(".")
			if err != nil || len(left) != 13 {
				t.Errorf("%v, %v", left, err)
			}
		})
	}
}

func TestTypedCounts(t *testing.T) {
	o := offline{app: &app{program: "kpadvisor"}}
	source, err := o.Typed(" 4,000 ", "40000", "", " 5.15.0", "1.33.4", "ipvs")
	if err != nil {
		t.Fatal(err)
	}
	f := source.Survey.Reading().Facts
	if f.Services.Value.Counted != 4000 || f.Endpoints.Value.Total != 40000 || f.Nodes.IsKnown() {
		t.Errorf("%+v", f)
	}
	if want := "kpadvisor audit --services 4000 --endpoints 40000 --kernel 5.15.0 --kubernetes-version 1.33.4 --proxy-mode ipvs"; source.Command != want {
		t.Errorf("%q, want %q", source.Command, want)
	}
	if source, err := o.Typed("", "40000", "", "", "", ""); err != nil || source.Command != "" {
		t.Errorf("a command without --services reads a cluster: %q, %v", source.Command, err)
	}
	for _, bad := range [][6]string{{"many"}, {"-1"}, {"1", "x"}, {"1", "1", "1.5"}, {"1", "", "", "", "", "fast"}} {
		if _, err := typedCounts(bad[0], bad[1], bad[2], bad[3], bad[4], bad[5]); err == nil {
			t.Errorf("%q passes", bad)
		}
	}
}

func TestLogFile(t *testing.T) {
	run(t, "audit", "--demo", "short", "--log", "/does/not/exist/log").wants(t, Fine, "", "")
	f := newFakeServer(t)
	o := run(t, "audit", "--kubeconfig", f.kubeconfig(t, tokenUser), "--log", "/does/not/exist/log")
	o.wants(t, Failure, "", "The log file cannot be written")
	o.isOneSentence(t)
}

func TestDependencies(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{join .Deps "\n"}}`, "kpadvisor/ui/cli").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for _, forbidden := range []struct{ pkg, because string }{
		{"charm.land/lipgloss/v2/compat", "importing it asks the terminal for its background"},
		{"k8s.io/client-go/kubernetes", "the typed clients of every API cost start-up time and megabytes"},
		{"k8s.io/kubectl", "only cli-runtime's flags are wanted"},
		{"testing", "a test helper got into the program"},
	} {
		for dep := range strings.FieldsSeq(string(out)) {
			if dep == forbidden.pkg {
				t.Errorf("depends on %s: %s", dep, forbidden.because)
			}
		}
	}
}

// drawn is what a terminal of that height shows after it was sent a text: it
// knows line feeds, carriage returns, cursor up and the end of a line.
func drawn(t *testing.T, sent string) []string {
	t.Helper()
	lines, row, column := []string{""}, 0, 0
	for len(sent) > 0 {
		var n int
		switch {
		case sent[0] == '\r':
			column = 0
		case sent[0] == '\n': // the terminal driver adds the carriage return
			row, column = row+1, 0
			for len(lines) <= row {
				lines = append(lines, "")
			}
		case strings.HasPrefix(sent, "\x1b[K"):
			lines[row] = lines[row][:min(column, len(lines[row]))]
			n = 2
		case sent[0] == '\x1b':
			end := strings.IndexByte(sent, 'A')
			up, err := strconv.Atoi(sent[2:end])
			if err != nil || up > row {
				t.Fatalf("up %d of %d lines", up, row)
			}
			row, n = row-up, end
		default:
			line := lines[row] + strings.Repeat(" ", max(0, column-len(lines[row])))
			lines[row] = line[:column] + sent[:1] + line[min(column+1, len(line)):]
			column++
		}
		sent = sent[n+1:]
	}
	return lines
}

// Whatever was shown, only the new lines are left; at the end nothing is, and
// the cursor is where it was.
func TestRepaint(t *testing.T) {
	texts := []string{"", "one", "one longer line", "a\nb", "aa\nbb\ncc\ndd", "x\n\nz", "last"}
	for _, a := range texts {
		for _, b := range texts {
			sent := repaint("", a) + repaint(a, b)
			if got := strings.TrimRight(strings.Join(drawn(t, sent), "\n"), "\n"); got != strings.TrimRight(b, "\n") {
				t.Errorf("%q after %q is drawn as %q", b, a, got)
			}
			if got := drawn(t, sent+repaint(b, "")+"report"); got[0] != "report" || strings.Join(got[1:], "") != "" {
				t.Errorf("after %q and %q the screen shows %q", a, b, got)
			}
		}
	}
}

// A line that is rewritten must not wrap; one of a log is whole.
func TestProgressFitsALine(t *testing.T) {
	long := strings.Repeat("long ", 40)
	for _, rewrite := range []bool{true, false} {
		var b bytes.Buffer
		synctest.Test(t, func(*testing.T) {
			stop := showProgress(&b, rewrite, func() string { return long })
			time.Sleep(6 * time.Second)
			stop()
		})
		want := "\r\x1b[K" + long[:79] + "\r"
		if !rewrite {
			want = long + "\n"
		}
		if !strings.HasPrefix(b.String(), want) {
			t.Errorf("rewritten %v: %.300q", rewrite, b.String())
		}
	}
}
