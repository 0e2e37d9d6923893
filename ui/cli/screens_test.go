//go:build !race

// Not under the race detector: the library's terminal reader (ultraviolet) is not
// joined before its file is closed when a context ends. make test runs these apart.

package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// onScreen runs the program on a pseudo-terminal of 80x24, types keys once
// until is on it, and returns all that was written to it.
func onScreen(t *testing.T, ctx context.Context, until, keys string, args ...string) (code int, written string) {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", "")
	return onScreens(t, ctx, [][2]string{{until, keys}}, args...)
}

// onScreens does so step by step: what a step waits for was written after the keys of the
// one before.
func onScreens(t *testing.T, ctx context.Context, steps [][2]string, args ...string) (code int, written string) {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	t.Setenv("TERM", "xterm-256color")
	t.Setenv("LC_ALL", "C.UTF-8")
	t.Setenv("ACCESSIBLE", "")
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatalf("no pseudo-terminal here: %v", err)
	}
	defer master.Close()
	if err := pty.Setsize(slave, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	all := make(chan string)
	go func() {
		var b bytes.Buffer
		seen := 0
		for buf := make([]byte, 4096); ; {
			n, err := master.Read(buf)
			b.Write(buf[:n])
			if len(steps) > 0 && strings.Contains(b.String()[seen:], steps[0][0]) {
				fmt.Fprint(master, steps[0][1])
				steps, seen = steps[1:], b.Len()
			}
			if err != nil {
				all <- b.String()
				return
			}
		}
	}()
	code = Run(ctx, args, slave, slave, slave)
	slave.Close()
	return code, <-all
}

const (
	enter = "\x1b[?1049h" // the alternate screen
	leave = "\x1b[?1049l"
)

func TestScreensThenReport(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	code, written := onScreen(t, ctx, "kpadvisor", "q", "--demo", "mixed")
	if code != Fine {
		t.Errorf("code %d", code)
	}
	in, out := strings.Index(written, enter), strings.LastIndex(written, leave)
	if in < 0 || out < in {
		t.Fatalf("no alternate screen: %q", written)
	}
	if !strings.Contains(written[out:], "DEMO, not your cluster") {
		t.Errorf("no report after it: %q", written[out:])
	}
}

func TestScreensEndWithTheContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	code, written := onScreen(t, ctx, "nothing", "", "--demo", "mixed")
	if code != Interrupted || !strings.Contains(written, leave) {
		t.Errorf("code %d, %q", code, written)
	}
}

func TestScreensWithoutACluster(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	code, written := onScreen(t, ctx, "No kubeconfig", "q")
	if code != Failure || !strings.Contains(written[max(0, strings.LastIndex(written, leave)):], "No kubeconfig was found") {
		t.Errorf("code %d, %q", code, written)
	}
}

func TestSignInBeforeTheScreen(t *testing.T) {
	f := newFakeServer(t)
	plugin := script(t, `echo "Open https://login.example and type the code" >&2
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"`+token+`"}}'`)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	// The plugin writes to the stderr of the process, which is not the
	// pseudo-terminal here; what is shown is that it ran before the screen.
	code, written := onScreen(t, ctx, "v1.33.4", "q", "--kubeconfig", f.kubeconfig(t, execUser(plugin)))
	said, screen := strings.Index(written, "Signing in with "+plugin), strings.Index(written, enter)
	if code != Fine || said < 0 || screen < said {
		t.Errorf("code %d; said at %d, screen at %d: %q", code, said, screen, written)
	}
	if len(f.seen) == 0 || f.seen[0] != "GET /version" {
		t.Errorf("asked for %v", f.seen)
	}
}

func TestSignInCanBeInterrupted(t *testing.T) {
	f := newFakeServer(t)
	plugin := script(t, "exec sleep 3")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	code, written := onScreen(t, ctx, "nothing", "", "--kubeconfig", f.kubeconfig(t, execUser(plugin)))
	if code != Interrupted || strings.Contains(written, enter) || time.Since(start) > 2*time.Second {
		t.Errorf("code %d after %v: %q", code, time.Since(start), written)
	}
}

func TestAuditSignsIn(t *testing.T) {
	f := newFakeServer(t)
	o := run(t, "audit", "--kubeconfig", f.kubeconfig(t, execUser(script(t, "exit 3"))))
	if o.code != Failure || o.out != "" {
		t.Errorf("code %d, stdout %q", o.code, o.out)
	}
	o.isOneSentence(t)

	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	o = at(t, ctx, "", "audit", "-o", "json", "--kubeconfig", f.kubeconfig(t, execUser(script(t, "exec sleep 3"))))
	o.wants(t, Interrupted, `"sentence": "Interrupted."`, "Interrupted.")
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("it took %v to stop", d)
	}
}

// TestOtherContextsAreLeftAlone: nothing is sent to the server of another context and its
// plugin does not run, whatever is looked at, until it is opened; then the plugin has the
// terminal, and the report that is left behind is on that context.
func TestOtherContextsAreLeftAlone(t *testing.T) {
	first, second := newFakeServer(t), newFakeServer(t)
	mark := filepath.Join(t.TempDir(), "mark")
	config := twoContexts(t, first, second, mark)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	code, written := onScreens(t, ctx, [][2]string{{"3 nodes", "j"}, {"which may ask questions", "3"}, {"iptables", "Cq"}}, "--kubeconfig", config)
	if _, err := os.Stat(mark); code != Fine || err == nil || len(second.seen) != 0 {
		t.Errorf("code %d; the plugin ran: %v; the second was asked for %q: %q", code, err == nil, second.seen, written)
	}
	code, written = onScreens(t, ctx, [][2]string{{"3 nodes", "j"}, {"which may ask questions", "\r"}, {"2 ready", "q"}}, "--kubeconfig", config)
	asks := strings.Index(written, "Signing in to second with ")
	if ran, _ := os.ReadFile(mark); code != Fine || string(ran) != "ran\n" || asks < 0 || !strings.Contains(written[asks:], enter) {
		t.Errorf("code %d; the plugin left %q: %q", code, ran, written)
	}
	if before := written[:max(asks, 0)]; strings.Count(before, leave) != strings.Count(before, enter) {
		t.Errorf("the plugin asks on the screen: %q", before)
	}
	if out := written[strings.LastIndex(written, leave):]; !strings.Contains(out, "--context second") {
		t.Errorf("the report is on another: %q", out)
	}
}

// TestKeepsAnswers: what is answered on the screens is kept for its owner alone, and with
// --no-state nothing is.
func TestKeepsAnswers(t *testing.T) {
	f := newFakeServer(t)
	config := f.kubeconfig(t, tokenUser)
	for _, flag := range []string{"--no-state", "--theme=dark"} {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		state := t.TempDir()
		t.Setenv("XDG_STATE_HOME", state)
		code, written := onScreens(t, ctx, [][2]string{{"v1.33.4", "2j\r"}, {"Question 2", "\tq"}}, "--kubeconfig", config, flag)
		if code != Fine {
			t.Fatalf("%s: code %d: %q", flag, code, written)
		}
		files, _ := filepath.Glob(filepath.Join(state, "kpadvisor", "*.json"))
		if kept := len(files) == 1; kept == (flag == "--no-state") {
			t.Errorf("%s: kept in %q", flag, files)
		}
		for _, file := range files {
			info, err := os.Stat(file)
			folder, ferr := os.Stat(filepath.Dir(file))
			if err != nil || ferr != nil || info.Mode() != 0o600 || folder.Mode().Perm() != 0o700 {
				t.Errorf("%v in %v; %v, %v", info.Mode(), folder.Mode(), err, ferr)
			}
		}
		// A script gets what it says and nothing else.
		if o := at(t, ctx, "", "audit", "--kubeconfig", config); strings.Contains(o.out, "as you said on") {
			t.Errorf("audit knows what was kept:\n%s", o.out)
		}
	}
}
