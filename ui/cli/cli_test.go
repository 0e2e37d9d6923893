package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// outcome is what a run left behind.
type outcome struct {
	code        int
	out, errOut string
}

// at runs the program away from any cluster of the machine that tests it.
func at(t *testing.T, ctx context.Context, stdin string, args ...string) outcome {
	t.Helper()
	isolate(t)
	var out, errOut bytes.Buffer
	code := whole(ctx, args, strings.NewReader(stdin), &out, &errOut)
	return outcome{code, out.String(), errOut.String()}
}

// whole is Run to its very end: the next test must meet nothing of it.
func whole(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	code, join := begin(ctx, args, stdin, stdout, stderr)
	join()
	return code
}

// isolate hides any cluster of the machine that tests.
func isolate(t *testing.T) {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_STATE_HOME", "")
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	t.Setenv("KUBERNETES_MASTER", "")
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	t.Setenv("ACCESSIBLE", "")
	t.Setenv("LC_ALL", "C.UTF-8")
}

func run(t *testing.T, args ...string) outcome {
	t.Helper()
	return at(t, t.Context(), "", args...)
}

func (o outcome) wants(t *testing.T, code int, inOut, inErr string) {
	t.Helper()
	if oneSentence().MatchString(o.errOut) {
		o.isChineseToo(t)
	}
	if o.code != code || !strings.Contains(o.out, inOut) || !strings.Contains(o.errOut, inErr) {
		t.Errorf("code %d, want %d; want %q on stdout and %q on stderr:\n--- stdout\n%s--- stderr\n%s",
			o.code, code, inOut, inErr, o.out, o.errOut)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update and read the diff):\n%s", file, got)
	}
}

func TestHelp(t *testing.T) {
	for _, command := range []string{"", "audit", "report", "probe", "probe compare", "lab", "lab run", "lab sweep", "lab drill", "snapshot", "rbac", "node-script", "image", "clean", "agent", "keys", "version"} {
		for _, lang := range say.Languages() {
			o := run(t, append(strings.Fields(command), "--help", "--lang", string(lang))...)
			if o.code != Fine || o.errOut != "" {
				t.Errorf("%s --help: code %d, stderr %q", command, o.code, o.errOut)
			}
			name := strings.ReplaceAll(strings.TrimSuffix("help-"+command, "-"), " ", "-")
			if lang != say.English {
				name += "." + string(lang)
			}
			golden(t, name+".txt", o.out)
			for l := range strings.Lines(o.out) {
				if n := kit.Cells(strings.TrimSuffix(l, "\n")); n > 90 {
					t.Errorf("%s --help: %d columns in %q", command, n, l)
				}
			}
			columnsAlike(t, o.out)
		}
	}
}

// columnsAlike: in each group of flags the texts begin in one column, and end before
// that of the terminal does.
func columnsAlike(t *testing.T, help string) {
	t.Helper()
	for group := range strings.SplitSeq(help, "\n\n") {
		column := 0
		for l := range strings.SplitSeq(group, "\n") {
			named := flagColumn().FindString(l)
			switch {
			case named == "" && strings.TrimLeft(l, " ") != l && column > 0 && indent(l) != column && indent(l) != 16: // pflag has a column of its own where there is no room
				t.Errorf("not in column %d: %q", column, l)
			case named == "":
			case column == 0:
				column = len(named)
			case column != len(named) && len(named) < len(l):
				t.Errorf("not in column %d: %q", column, l)
			}
			if column > 0 && kit.Cells(l) > helpWidth {
				t.Errorf("wider than %d: %q", helpWidth, l)
			}
		}
	}
}

func TestPluginSpeaksAsKubectl(t *testing.T) {
	var out bytes.Buffer
	a := &app{program: "kubectl kpadvisor", args: []string{"audit", "--help"}, in: strings.NewReader(""), out: &out, err: &out, ending: newEnding()}
	if code := a.run(t.Context()); code != Fine || !strings.Contains(out.String(), "\n  kubectl kpadvisor audit [flags]\n") ||
		!strings.Contains(out.String(), "  kubectl kpadvisor audit --context prod") {
		t.Errorf("code %d:\n%s", code, out.String())
	}
}

func TestUsageErrors(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"audti"}, `There is no command "audti"; did you mean audit?`},
		{[]string{"frobnicate"}, `There is no command "frobnicate".`},
		{[]string{"audit", "extra"}, `"extra"`},
		{[]string{"audit", "--no-such-flag"}, "--no-such-flag"},
		{[]string{"audit", "-o", "yaml"}, "text, json, markdown, html"},
		{[]string{"audit", "--connections", "often"}, "often"},
		{[]string{"audit", "--new-connections", "many"}, "many"},
		{[]string{"audit", "--demo", "none-such"}, "none-such"},
		{[]string{"audit", "--services", "0"}, "--services 0 is of no cluster"},
		{[]string{"audit", "--services", "5", "--endpoints", "0"}, "--endpoints 0 is of no cluster"},
		{[]string{"audit", "--services", "5", "--nodes", "0"}, "--nodes 0 is of no cluster"},
		{[]string{"audit", "--kernel", "6.8.0"}, "--kernel completes what is read of a cluster, and no kubeconfig names one: give --services"},
		{[]string{"audit", "--endpoints", "9", "--nodes", "3"}, "--endpoints, --nodes complete what is read of a cluster"},
		{[]string{"--no-tui", "--proxy-mode", "ipvs"}, "--proxy-mode completes what is read"},
		{[]string{"audit", "--facts", "x", "--demo", "y"}, "exclude each other"},
		{[]string{"audit", "--services", "-3"}, "--services"},
		{[]string{"audit", "--services", "three"}, "three"},
		{[]string{"audit", "--services", "3", "--proxy-mode", "fast"}, "fast"},
		{[]string{"--theme", "pink"}, "pink"},
	} {
		o := run(t, c.args...)
		o.wants(t, Usage, "", c.want)
		o.isOneSentence(t)
	}
}

// isOneSentence holds the house rule on problems: a sentence and a remedy.
func (o outcome) isOneSentence(t *testing.T) {
	t.Helper()
	if !oneSentence().MatchString(o.errOut) {
		t.Errorf("not a sentence and a remedy:\n%s", o.errOut)
	}
	o.isChineseToo(t)
}

func oneSentence() *regexp.Regexp {
	return regexp.MustCompile(`\A([^\n]+[.?])\nRemedy: ([^\n]+)\n\z`)
}

func TestNoCluster(t *testing.T) {
	o := run(t, "audit")
	o.wants(t, Failure, "", "No kubeconfig was found")
	o.isOneSentence(t)
	if o.out != "" {
		t.Errorf("stdout of a failure: %q", o.out)
	}
	o = run(t, "snapshot")
	o.wants(t, Failure, "", "No kubeconfig was found")
	// Without a command the demo is shown, called one, and still a failure.
	run(t).wants(t, Failure, "DEMO, not your cluster", "No kubeconfig was found")
}

func TestOneJSONDocumentWhateverHappens(t *testing.T) {
	for _, args := range [][]string{
		{"audit", "-o", "json"},
		{"audit", "-ojson", "--no-such-flag"},
		{"audit", "--no-such-flag", "--output=json"},
		{"--context", "elsewhere", "audit", "-o", "json"},
		{"audit", "--output", "json", "--connections", "often"},
		{"audit", "-o", "json", "--kubeconfig", "/does/not/exist"},
		{"audit", "-o", "json", "--facts", "/does/not/exist"},
		{"audit", "-o", "json", "--server", "https://127.0.0.1:1"},
	} {
		o := run(t, args...)
		var doc struct {
			Schema, Action string
			Error          struct{ Sentence, Remedy string }
		}
		if err := json.Unmarshal([]byte(o.out), &doc); err != nil {
			t.Errorf("%q: %v in %q", args, err, o.out)
		}
		if doc.Schema != "kpadvisor.audit/v1" || doc.Action != "unknown" || doc.Error.Sentence == "" || doc.Error.Remedy == "" {
			t.Errorf("%q: %+v", args, doc)
		}
		if o.code != Failure && o.code != Usage {
			t.Errorf("%q: code %d", args, o.code)
		}
		o.isOneSentence(t)
	}
	run(t, "audit", "-o", "markdown").wants(t, Failure, "# No kubeconfig", "No kubeconfig")
	run(t, "audit", "-o", "html").wants(t, Failure, "<!DOCTYPE html>", "No kubeconfig")
}

func TestConnectionProblems(t *testing.T) {
	f := newFakeServer(t)
	web := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(web, []byte("apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: \"http://x\"}}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(broken, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := f.kubeconfig(t, tokenUser)
	for name, args := range map[string][]string{
		"no such file":       {"--kubeconfig", "/does/not/exist"},
		"malformed":          {"--kubeconfig", broken},
		"no current context": {"--kubeconfig", web},
		"wrong context":      {"--kubeconfig", good, "--context", "elsewhere"},
		"wrong token":        {"--kubeconfig", f.kubeconfig(t, "{token: wrong}")},
		"unreachable":        {"--kubeconfig", good, "--server", "https://127.0.0.1:1"},
	} {
		o := run(t, append([]string{"audit"}, args...)...)
		if o.code != Failure || o.out != "" {
			t.Errorf("%s: code %d, stdout %q", name, o.code, o.out)
		}
		o.isOneSentence(t)
		t.Logf("%s: %s", name, strings.SplitN(o.errOut, "\n", 2)[0])
	}
}

func TestAuditOfACluster(t *testing.T) {
	f := newFakeServer(t)
	config := f.kubeconfig(t, tokenUser)
	saved := filepath.Join(t.TempDir(), "facts.json")
	o := run(t, "audit", "--kubeconfig", config, "-o", "json", "--connections", "short", "--save-facts", saved)
	var doc struct {
		Schema   string
		Coverage struct{ Complete bool }
		Facts    advisor.Facts
		Habits   advisor.Habits
	}
	if err := json.Unmarshal([]byte(o.out), &doc); err != nil {
		t.Fatalf("%v in %s%s", err, o.out, o.errOut)
	}
	services, _ := doc.Facts.Services.Get()
	endpoints, _ := doc.Facts.Endpoints.Get()
	if services.Counted != 2 || endpoints.Ready != 2 || doc.Facts.Nodes.Or(0) != 3 || doc.Facts.Name != "test" {
		t.Errorf("facts: %+v", doc.Facts)
	}
	if doc.Habits.Connections.Value != advisor.Short || doc.Habits.Connections.Source != "--connections" {
		t.Errorf("habits: %+v", doc.Habits)
	}
	if o.errOut != "" {
		t.Errorf("stderr of a quick read: %q", o.errOut)
	}
	for _, r := range f.seen {
		if !strings.HasPrefix(r, "GET ") || strings.Contains(r, "secrets") {
			t.Errorf("the audit asked for %s", r)
		}
	}

	// What was saved gives the same advice, and names nothing.
	b, err := os.ReadFile(saved)
	if err != nil || bytes.Contains(b, []byte("shop")) {
		t.Errorf("saved facts: %v, %s", err, b)
	}
	again := run(t, "audit", "--facts", saved, "--connections", "short")
	again.wants(t, o.code, "From a snapshot file", "")
	piped := at(t, t.Context(), string(b), "audit", "--facts", "-", "--connections", "short")
	piped.wants(t, o.code, again.out, "")
	// Without a command and without a terminal, the same report.
	run(t, "--facts", saved, "--connections", "short").wants(t, o.code, again.out, "")
}

func TestSnapshot(t *testing.T) {
	f := newFakeServer(t)
	config := f.kubeconfig(t, tokenUser)
	file := filepath.Join(t.TempDir(), "facts.json")
	run(t, "snapshot", "--kubeconfig", config, "-o", file).wants(t, Fine, "", "")
	run(t, "snapshot", "--kubeconfig", config, "--with-names").wants(t, Fine, `"test"`, "")
	f.forbidden["/apis/apps/v1/deployments"] = true
	run(t, "snapshot", "--kubeconfig", config).wants(t, Partial, "forbidden", "")
	run(t, "snapshot", "--kubeconfig", config, "-o", "/does/not/exist/x").wants(t, Failure, "", "The snapshot was not written")
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".kpadvisor-*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestForbiddenIsSaid(t *testing.T) {
	f := newFakeServer(t)
	f.forbidden["/apis/discovery.k8s.io/v1/endpointslices"] = true
	o := run(t, "audit", "--kubeconfig", f.kubeconfig(t, tokenUser))
	if !regexp.MustCompile(`(?m)^  - EndpointSlices: forbidden`).MatchString(o.out) {
		t.Errorf("the report does not say what was forbidden:\n%s%s", o.out, o.errOut)
	}
}

func TestInterrupt(t *testing.T) {
	f := newFakeServer(t)
	f.hang["/apis/discovery.k8s.io/v1/endpointslices"] = true
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond) // as ctrl-C would end it
	defer cancel()
	start := time.Now()
	o := at(t, ctx, "", "audit", "-o", "json", "--kubeconfig", f.kubeconfig(t, tokenUser))
	o.wants(t, Interrupted, `"sentence": "Interrupted`, "")
	if !json.Valid([]byte(o.out)) {
		t.Errorf("not one document: %s", o.out)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("it took %v to stop", d)
	}
}

func TestDemosEverywhere(t *testing.T) {
	if len(cluster.Demos()) == 0 {
		t.Fatal("no demo")
	}
	for _, f := range cluster.Demos() {
		o := run(t, "audit", "--demo", demoName(f.Name))
		o.wants(t, o.code, "DEMO, not your cluster", "")
		if o.code == Failure || o.code == Usage {
			t.Errorf("demo %s: code %d", f.Name, o.code)
		}
		run(t, "snapshot", "--demo", f.Name).wants(t, o.snapshotCode(f), "kpadvisor.snapshot/v1", "")
	}
}

func (outcome) snapshotCode(f advisor.Facts) int {
	if f.Coverage.Complete() {
		return Fine
	}
	return Partial
}

func TestTyped(t *testing.T) {
	o := run(t, "audit", "--services", "4000", "--endpoints", "40000", "--kernel", "5.15.0", "--kubernetes-version", "1.33",
		"--proxy-mode", "iptables", "--nodes", "20", "--connections", "short")
	o.wants(t, o.code, "4,000", "")
	if o.code == Failure || o.code == Usage {
		t.Errorf("code %d", o.code)
	}
}

func TestSmallCommands(t *testing.T) {
	for flag, want := range map[string]string{"--behind-nat": "yes", "--behind-nat=no": "no", "--behind-nat=false": "no"} {
		o := run(t, "audit", "--demo", "short", "-o", "markdown", flag)
		o.wants(t, Fine, "(NAT)? "+want+" (--behind-nat)", "")
	}
	run(t, "version").wants(t, Fine, "kpadvisor ", "")
	run(t, "version", "--licenses").wants(t, Fine, "Apache License", "")
	run(t, "rbac").wants(t, Fine, "kind: ClusterRole", "")
	run(t, "keys").wants(t, Fine, "quit", "")
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		run(t, "completion", shell).wants(t, Fine, "kpadvisor", "")
	}
	run(t, "__complete", "audit", "--output", "").wants(t, Fine, "markdown\nhtml", "")
	run(t, "__complete", "audit", "--connections", "").wants(t, Fine, "keepalive", "")
	run(t, "__complete", "audit", "--demo", "").wants(t, Fine, demoNames()[0], "")
}
