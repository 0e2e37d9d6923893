package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kpadvisor/advisor/cluster/clustertest"
)

var (
	shared clustertest.Shared // the clusters of this package's tests
	built  builder
)

func TestMain(m *testing.M) {
	if os.Getenv(weighVariable) != "" {
		os.Exit(weigh(os.Args[1:]))
	}
	code := m.Run()
	if err := errors.Join(shared.Stop(), built.remove()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// builder builds the binary when the first test needs it.
type builder struct {
	once sync.Once
	dir  string
	err  error
}

// binary returns the path of a kpadvisor as users get it: static, not raced.
func binary(t testing.TB) string {
	t.Helper()
	built.once.Do(built.build)
	if built.err != nil {
		t.Fatal(built.err)
	}
	return filepath.Join(built.dir, "kpadvisor")
}

func (b *builder) build() {
	root, err := clustertest.ModuleRoot()
	if err != nil {
		b.err = err
		return
	}
	if b.dir, b.err = os.MkdirTemp("", "kpadvisor-e2e-"); b.err != nil {
		return
	}
	cmd := exec.Command("go", "build", "-o", b.dir, ".")
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.err = fmt.Errorf("could not build kpadvisor: %w\n%s", err, out)
	}
}

func (b *builder) remove() error {
	if b.dir == "" {
		return nil
	}
	return os.RemoveAll(b.dir)
}

// environment is a user's, with nothing of this machine in it: home is an empty
// folder, and there is no kubeconfig unless the pairs name one.
func environment(t testing.TB, pairs ...string) []string {
	t.Helper()
	return append([]string{
		"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TERM=xterm-256color",
	}, pairs...)
}

// result is what a headless run left.
type result struct {
	stdout, stderr string
	code           int
}

// run runs kpadvisor to its end with streams that are no terminal.
func run(t testing.TB, env []string, args ...string) result {
	t.Helper()
	program := binary(t) // building it takes its own time
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	var stdout, stderr bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = env, &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Fatalf("kpadvisor %s did not end; stderr: %s", strings.Join(args, " "), &stderr)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// expect fails the test if the run did not end with that code.
func (r result) expect(t testing.TB, code int) result {
	t.Helper()
	if r.code != code {
		t.Fatalf("exit code %d, want %d\nstderr:\n%s\nstdout:\n%.1000s", r.code, code, r.stderr, r.stdout)
	}
	return r
}

// contains fails the test for each part that text lacks.
func contains(t testing.TB, what, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%s does not contain %q:\n%s", what, p, text)
		}
	}
}
