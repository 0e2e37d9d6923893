package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// trick is a row of the table: what the server does, and what comes of it.
type trick struct {
	name  string
	at    string // where; empty is everywhere
	http1 bool
	serve http.HandlerFunc
	codes []int
	says  []string // one of them, on stderr or in the report
}

const (
	mostMemory = 128 << 20        // of the whole program, in bytes
	mostTime   = 40 * time.Second // of a run whose --timeout is less than a quarter of it
	hostileSet = "8s"             // that --timeout
)

// TestHostile: whatever an API server answers, the program takes no more memory than it
// may, ends, says why and lets nothing through that a terminal would obey.
func TestHostile(t *testing.T) {
	binary(t)
	for _, row := range tricks() {
		for _, form := range []string{"text", "json"} {
			t.Run(row.name+"/"+form, func(t *testing.T) {
				t.Parallel()
				h := newHostile(t, row)
				play(t, h, row, form)
			})
		}
	}
}

func play(t *testing.T, h *hostile, row trick, form string) {
	t.Helper()
	env := kubeconfigOf(t, h.config())
	began := time.Now()
	r, peak := weighed(t, env, "audit", "-o", form, "--timeout", hostileSet, "--request-timeout", "4s")
	took := time.Since(began)
	t.Logf("peak %d MiB, %v, exit code %d: %s", peak>>20, took.Round(time.Millisecond), r.code, r.stderr)
	if h.mu.Lock(); h.played == 0 {
		t.Error("the trick was not played")
	}
	h.mu.Unlock()
	if peak > mostMemory {
		t.Errorf("peak %d MiB, want at most %d", peak>>20, mostMemory>>20)
	}
	if took > mostTime {
		t.Errorf("it took %v", took)
	}
	if !slices.Contains(row.codes, r.code) {
		t.Errorf("exit code %d, want one of %d; stderr: %s", r.code, row.codes, r.stderr)
	}
	all := strings.Join(strings.Fields(r.stderr+" "+r.stdout), " ") // a report breaks lines
	if !slices.ContainsFunc(row.says, func(s string) bool { return strings.Contains(all, s) }) {
		t.Errorf("none of %q is said:\n%s\n%.3000s", row.says, r.stderr, r.stdout)
	}
	for name, text := range map[string]string{"stdout": r.stdout, "stderr": r.stderr} {
		for i, c := range []byte(text) {
			if c < 0x20 && c != '\n' || c == 0x7f {
				t.Errorf("%s holds byte %#x: %q", name, c, text[max(0, i-40):min(len(text), i+40)])
				break
			}
		}
		if strings.ContainsAny(text, "\u202e\u2066\u009b\u2028") {
			t.Errorf("%s holds a character that turns text around", name)
		}
		if strings.Contains(text, hostileToken) {
			t.Errorf("%s holds the token", name)
		}
	}
}

// TestHostileRedirect: no request, and so no token, follows a redirect to another server.
func TestHostileRedirect(t *testing.T) {
	binary(t)
	for _, scheme := range []string{"https", "http"} {
		for _, at := range []string{"/version", "/api/v1/nodes"} {
			t.Run(scheme+at, func(t *testing.T) {
				t.Parallel()
				var there atomic.Int64
				thief := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					there.Add(1)
					honest(w, r)
				}))
				if scheme == "https" {
					thief.StartTLS()
				} else {
					thief.Start()
				}
				t.Cleanup(thief.Close)
				row := trick{at: at, codes: []int{failure, partial}, says: []string{"redirects to", "redirect"}}
				row.serve = func(w http.ResponseWriter, r *http.Request) {
					http.Redirect(w, r, thief.URL+r.URL.Path, http.StatusTemporaryRedirect)
				}
				play(t, newHostile(t, row), row, "json")
				if n := there.Load(); n > 0 {
					t.Errorf("%d requests went to another server", n)
				}
			})
		}
	}
}

// weighVariable makes the test binary run a program and say what it took at most: what
// Linux says of a child includes its parent's memory from before it became the program,
// and that of a test server is not small.
const weighVariable = "KPADVISOR_TEST_WEIGH"

// weigh runs the program that the arguments name, writes its peak in KiB to descriptor 3
// and returns its exit code.
func weigh(args []string) int {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	err := cmd.Run()
	if cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, err)
		return 125
	}
	usage, _ := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if _, err := fmt.Fprint(os.NewFile(3, "peak"), usage.Maxrss); err != nil {
		return 125
	}
	return cmd.ProcessState.ExitCode()
}

// weighed runs kpadvisor to its end and returns its peak in bytes as well.
func weighed(t testing.TB, env []string, args ...string) (result, int64) {
	t.Helper()
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{binary(t)}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Env, cmd.ExtraFiles = append(env, weighVariable+"=1"), []*os.File{out}
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	var text [32]byte
	n, _ := in.Read(text[:])
	peak, err := strconv.ParseInt(string(text[:n]), 10, 64)
	if err != nil {
		t.Fatalf("no peak: %v; stderr: %s", err, &stderr)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}, peak << 10
}
