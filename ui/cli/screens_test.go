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
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_STATE_HOME", "")
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
		typed := false
		for buf := make([]byte, 4096); ; {
			n, err := master.Read(buf)
			b.Write(buf[:n])
			if !typed && strings.Contains(b.String(), until) {
				typed = true
				fmt.Fprint(master, keys)
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

func execUser(command string) string {
	return "{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: " + command + "}}"
}

func script(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plugin")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return file
}
