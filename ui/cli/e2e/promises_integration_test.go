package e2e

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kpadvisor/advisor/cluster/clustertest"
)

// traced is what a run asked of the kernel.
type traced struct {
	result
	written   []string // paths that were created, changed or opened for writing
	opened    []string // the others that were opened
	connected []string // addresses of the internet and paths of sockets
}

// trace runs kpadvisor under strace in an empty folder.
func trace(t *testing.T, env []string, args ...string) traced {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		if os.Getenv("KPADVISOR_REQUIRE_ALL") != "" {
			t.Fatal(err)
		}
		t.Skip("strace is not installed")
	}
	file := filepath.Join(t.TempDir(), "trace")
	cmd := exec.CommandContext(t.Context(), "strace", append([]string{
		"-f", "--seccomp-bpf", "-qq", "-s", "4096", "-o", file,
		"-e", "trace=%file,connect,sendto,sendmsg,execve", "-e", "signal=none", binary(t),
	}, args...)...)
	var out, problems strings.Builder
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = env, t.TempDir(), &out, &problems
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := readTrace(string(text))
	r.result = result{out.String(), problems.String(), cmd.ProcessState.ExitCode()}
	if left, err := os.ReadDir(cmd.Dir); err != nil || len(left) > 0 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
	return r
}

var (
	opening    = regexp.MustCompile(`^\d+ +open(?:at|at2)?\((?:[^,"]+, )?"([^"]*)", ([A-Z_|]+)`)
	changing   = regexp.MustCompile(`^\d+ +(?:mkdir|unlink|rename|link|symlink|truncate|chmod|chown|mknod|utimensat|setxattr|fchmodat|fchownat|rmdir)[a-z0-9]*\((.*)`)
	toInternet = regexp.MustCompile(`sin6?_port=htons\((\d+)\).*?"([^"]*)"`)
	toSocket   = regexp.MustCompile(`connect\(.*sun_path=@?"([^"]*)"`)
)

func readTrace(text string) traced {
	var r traced
	for l := range strings.Lines(text) {
		if m := opening.FindStringSubmatch(l); m != nil {
			if strings.Contains(m[2], "O_WRONLY") || strings.Contains(m[2], "O_RDWR") || strings.Contains(m[2], "O_CREAT") {
				r.written = append(r.written, m[1])
			} else {
				r.opened = append(r.opened, m[1])
			}
		}
		if m := changing.FindStringSubmatch(l); m != nil {
			r.written = append(r.written, m[1])
		}
		if m := toInternet.FindStringSubmatch(l); m != nil {
			r.connected = append(r.connected, m[2]+":"+m[1])
		}
		if m := toSocket.FindStringSubmatch(l); m != nil {
			r.connected = append(r.connected, m[1])
		}
	}
	return r
}

// TestTouchesNothing: an audit connects to its API server alone, writes no file, and
// reads of the user's home what the kubeconfig is.
func TestTouchesNothing(t *testing.T) {
	c := shared.Small(t)
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".kube"), 0o700); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(home, ".kube", "config")
	if err := clustertest.WriteKubeconfig(config, "here", c.Admin); err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(c.Admin.Host)
	if err != nil {
		t.Fatal(err)
	}
	env := append(environment(t), "HOME="+home)

	r := trace(t, env, "audit", "-o", "json")
	parse(t, r.stdout)
	if !slices.Contains(r.connected, at.Host) {
		t.Errorf("the trace knows no connection to %s: %q", at.Host, r.connected)
	}
	for _, to := range r.connected {
		if to != at.Host {
			t.Errorf("it connected to %s", to)
		}
	}
	if !slices.Contains(r.opened, config) {
		t.Errorf("the trace knows no opening of the kubeconfig: %q", r.opened)
	}
	for _, path := range r.opened {
		if strings.HasPrefix(path, home) && path != config {
			t.Errorf("it read %s", path)
		}
	}
	for _, path := range r.written {
		if path != os.DevNull {
			t.Errorf("it wrote %s", path)
		}
	}

	r = trace(t, env, "audit", "--demo", "mixed", "-o", "json")
	if len(r.connected) > 0 {
		t.Errorf("a demo connected to %q", r.connected)
	}
}
