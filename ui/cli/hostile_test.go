package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/plain/plaintest"
	"kpadvisor/probe"
	"kpadvisor/say"
	"kpadvisor/ui/evidence/evidencetest"
)

// asFile is what of a hostile string may be the name of a file.
func asFile() string { return strings.NewReplacer("/", "", "\x00", "").Replace(plaintest.Hostile) }

// hostileRuns checks what runs write: as the program is, and without the guard of its
// outputs, which must have nothing to do in any language.
type hostileRuns struct{ listed *plaintest.Checker }

func (h hostileRuns) check(t *testing.T, ctx context.Context, stdin string, args ...string) {
	t.Helper()
	for _, unguarded := range append([]say.Language{""}, say.Languages()...) {
		var out, errOut bytes.Buffer
		if unguarded == "" {
			whole(ctx, args, strings.NewReader(stdin), &out, &errOut)
		} else {
			a := &app{
				program: "kpadvisor", args: args, env: os.Environ(), voice: say.In(unguarded),
				in: strings.NewReader(stdin), out: &out, err: &errOut, cursor: &errOut, screen: &out, ending: newEnding(),
			}
			a.finish(ctx, a.command(ctx))
		}
		said := out.String()
		if len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == "agent-node") { // a tab is its separator, and /proc's
			said = strings.ReplaceAll(said, "\t", "")
		}
		what := fmt.Sprintf("%.120q, unguarded %q", args, unguarded)
		h.listed.Check(t, what+": stdout", said)
		h.listed.Check(t, what+": stderr", errOut.String())
	}
}

// away keeps the runs of a test from the machine's cluster and files.
func away(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	t.Setenv("KUBERNETES_MASTER", "")
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	t.Setenv("ACCESSIBLE", "")
	t.Setenv("LC_ALL", "C.UTF-8")
}

// TestHostileFlags gives every flag of every command, and every command itself,
// hostile values. Runs that would begin are interrupted before.
func TestHostileFlags(t *testing.T) {
	away(t)
	h := hostileRuns{plaintest.NewChecker(t)}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	seen := map[string]bool{}
	var walk func(cmd *cobra.Command, path []string)
	walk = func(cmd *cobra.Command, path []string) {
		h.check(t, over, "", append(path, plaintest.Hostile)...)
		h.check(t, over, "", append(path, "--"+asFile())...)
		h.check(t, over, "", append(path, "-"+asFile())...)
		h.check(t, over, "", append(append([]string{cobra.ShellCompRequestCmd}, path...), asFile())...)
		cmd.InheritedFlags()
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if seen[f.Usage+f.Name] { // the same flag of another command
				return
			}
			seen[f.Usage+f.Name] = true
			for _, value := range []string{plaintest.Hostile, asFile()} {
				h.check(t, over, "", append(path, "--"+f.Name+"="+value)...)
			}
			h.check(t, over, "", append(append([]string{cobra.ShellCompRequestCmd}, path...), "--"+f.Name, asFile())...)
		})
		for _, sub := range cmd.Commands() {
			walk(sub, append(path[:len(path):len(path)], sub.Name()))
		}
	}
	a := &app{program: "kpadvisor", env: os.Environ()}
	walk(a.rootCommand(), nil)
	if len(seen) < 60 {
		t.Errorf("only %d flags were tried", len(seen))
	}
}

// TestHostileFiles lets each flag that reads a file read hostile ones, by a hostile
// name, and writes files of such a name.
func TestHostileFiles(t *testing.T) {
	away(t)
	h := hostileRuns{plaintest.NewChecker(t)}
	facts := advisor.Facts{}
	plaintest.Fill(&facts, plaintest.Hostile)
	var run bytes.Buffer
	r := evidencetest.Run()
	plaintest.Fill(&r.Labels, plaintest.Hostile)
	r.Notes, r.Stopped, r.Environment.Kernel = []string{plaintest.Hostile}, plaintest.Hostile, plaintest.Hostile
	for i := range r.Series {
		r.Series[i].Target.Name, r.Series[i].OtherError, r.Series[i].Resolved = fmt.Sprint(plaintest.Hostile, i), plaintest.Hostile, plaintest.Hostile
	}
	if err := probe.Write(&run, r); err != nil {
		t.Fatal(err)
	}
	snapshot := func(facts any) string {
		text, err := json.Marshal(map[string]any{"schema": "kpadvisor.snapshot/v1", "names": true, "facts": facts})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	texts := []string{
		plaintest.Hostile, snapshot(facts), snapshot(map[string]any{plaintest.Hostile: 1, "services": plaintest.Hostile}),
		`{"schema":` + string(must(json.Marshal(plaintest.Hostile))) + `}`, run.String(),
		"kernel.osrelease = " + plaintest.Hostile + "\nnet.ipv4.vs.conn_reuse_mode = " + plaintest.Hostile + "\nnet.ipv4.vs." + plaintest.Hostile + " = 1\n",
		"# node " + strings.ReplaceAll(plaintest.Hostile, "\n", "") + "\nkernel.osrelease = 5.15.0\nnet.ipv4.vs.conn_reuse_mode = 1\n",
	}
	for i, text := range texts {
		file := fmt.Sprint(asFile(), i)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, format := range []string{"text", "json", "markdown", "html", "csv"} {
			for _, args := range [][]string{
				{"audit", "--facts", file},
				{"audit", "--facts", file, "--to", "nftables"},
				{"audit", "--demo", "short", "--measured", file},
				{"audit", "--demo", "short", "--sysctls", file},
				{"audit", "--demo", "short", "--sysctls", asFile() + "=" + file},
				{"probe", "--from", file},
				{"probe", "compare", file, file},
			} {
				h.check(t, t.Context(), "", append(args, "-o", format)...)
			}
		}
		for _, args := range [][]string{
			{"--no-tui", "--facts", file},
			{"--accessible", "--facts", file},
			{"audit", "--facts", "-"},
			{"snapshot", "--facts", file, "--with-names"},
			{"report", "--facts", file, "--with-names"},
			{"report", "--demo", "mixed", "--measured", file, "--to", "nftables"},
			{"report", "--verify", file},
			{"snapshot", "--facts", file},
			{"audit", "--kubeconfig", file},
			{"lab", "run", "--like-cluster", file},
			{"probe", "--from", file, "--save", asFile() + ".json"},
		} {
			h.check(t, t.Context(), text, args...)
		}
	}
	h.check(t, t.Context(), "", "audit", "--demo", "short", "--save-facts", filepath.Join(asFile(), "x"))
	h.check(t, t.Context(), plaintest.Hostile+"\n"+plaintest.Hostile+"\n", "--accessible", "--demo", "short")
}

func must(b []byte, _ error) []byte { return b }

// TestHostileCluster reads a kubeconfig and an API server that are hostile in every
// name and message.
func TestHostileCluster(t *testing.T) {
	away(t)
	h := hostileRuns{plaintest.NewChecker(t)}
	f := newFakeServer(t)
	quoted := string(must(json.Marshal(plaintest.Hostile)))
	for path, objects := range f.lists {
		text := string(must(json.Marshal(objects)))
		for _, name := range []string{`"n1"`, `"shop"`, `"cart"`, `"5.15.0-105-generic"`, `"Ubuntu 22.04.5 LTS"`, `"v1.33.4"`, `"amd64"`, `"http"`, `"registry.k8s.io/kube-proxy:v1.33.4"`} {
			text = strings.ReplaceAll(text, name, quoted)
		}
		var back []any
		if err := json.Unmarshal([]byte(text), &back); err != nil {
			t.Fatal(err)
		}
		f.lists[path] = back
	}
	left := map[string]any{"metadata": map[string]any{
		"namespace": plaintest.Hostile, "name": plaintest.Hostile, "creationTimestamp": "2026-11-01T00:00:00Z",
		"labels": map[string]string{"app.kubernetes.io/instance": plaintest.Hostile}, "annotations": map[string]string{"kpadvisor/until": plaintest.Hostile, "kpadvisor/by": plaintest.Hostile},
	}}
	f.lists["/apis/batch/v1/jobs"], f.lists["/api/v1/namespaces"] = []any{left}, []any{left}
	config := f.kubeconfig(t, tokenUser)
	for _, args := range [][]string{
		{"audit", "-o", "text"},
		{"audit", "-o", "json"},
		{"audit", "-o", "markdown"},
		{"audit", "-o", "html"},
		{"snapshot", "--with-names"},
		{"report", "--with-names", "--to", "nftables"},
		{"--no-tui"},
		{"clean", "-A", "--list"},
		{"clean", "-A", "--yes"},
		{"clean", "-n", plaintest.Hostile},
		{"probe", "--in-cluster", "--node-a", plaintest.Hostile, "--node-b", "n2", "--image", "x", "--yes"},
		{"probe", "--in-cluster", "--node-a", "n2", "--node-b", "n3", "--image", "x", "--dry-run=client"},
		{"probe", "--in-cluster", "http://" + asFile() + "/x:80/", "--image", "x", "--yes"},
	} {
		h.check(t, t.Context(), "", append(args, "--kubeconfig", config)...)
	}
	refusing := newFakeServer(t)
	refusing.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Warning", `299 - "`+strings.NewReplacer("\n", "", "\r", "", "\x00", "", `"`, "").Replace(plaintest.Hostile)+`"`)
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":%s,"details":{"name":%s}}`, quoted, quoted)
	})
	for _, args := range [][]string{{"audit"}, {"audit", "-o", "json"}, {"clean"}, {"clean", "-A", "--list"}} {
		h.check(t, t.Context(), "", append(args, "--kubeconfig", refusing.kubeconfig(t, tokenUser))...)
	}
	for _, user := range []string{"{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: " + quoted + ", args: [" + quoted + "], installHint: " + quoted + "}}", "{tokenFile: " + quoted + "}", "{client-certificate: " + quoted + "}"} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		h.check(t, ctx, "", "audit", "--kubeconfig", f.kubeconfig(t, user))
		cancel()
	}
	for _, old := range []string{"name: x", "current-context: x", "cluster: c", "user: u", `"https://127.0.0.1:1"`, "token: t"} {
		key, _, _ := strings.Cut(old, ": ")
		hostile := key + ": " + quoted
		if key == old {
			hostile = quoted
		}
		file := filepath.Join(t.TempDir(), "config")
		if err := os.WriteFile(file, []byte(strings.Replace(validKubeconfig, old, hostile, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		h.check(t, t.Context(), "", "audit", "--kubeconfig", file)
	}
}

// TestGuard: what nobody cleaned does not get out either, but for colours.
func TestGuard(t *testing.T) {
	listed := plaintest.NewChecker(t)
	var out, errOut bytes.Buffer
	a := &app{env: []string{"CLICOLOR_FORCE=1", "TERM=xterm"}}
	a.guard(&out, &errOut)
	a.complain(failure{plain.Problem{Sentence: plaintest.Hostile, Remedy: plaintest.Hostile}, Failure})
	for _, w := range []*plain.Writer{a.out.(*plain.Writer), a.err.(*plain.Writer)} {
		if _, err := fmt.Fprintln(w, "\x1b[1mbold\x1b[0m"+strings.ReplaceAll(plaintest.Hostile, "\t", "")); err != nil {
			t.Fatal(err)
		}
	}
	listed.Check(t, "stdout", plaintest.Unstyled(out.String()))
	listed.Check(t, "stderr", errOut.String())
	if !strings.Contains(out.String(), "\x1b[1mbold\x1b[0m") {
		t.Errorf("our own colours are lost: %q", out.String())
	}
}
