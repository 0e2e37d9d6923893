package node

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"kpadvisor/advisor/cluster/clustertest"
)

// shells run the script; those that must be there are installed by make test-deps.
func shells(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for name, words := range map[string][]string{"dash": nil, "bash": {"--posix"}, "busybox": {"sh"}} {
		all[name] = append([]string{need(t, name)}, words...)
	}
	return all
}

// need is the path of a command. Without it the test is skipped, or fails where nothing
// may be skipped.
func need(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv(clustertest.RequireVariable) != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip(err)
	}
	return path
}

// printed runs the script in a shell with these variables alone.
func printed(t *testing.T, env []string, as *syscall.SysProcAttr, shell ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), shell[0], append(shell[1:], "-s")...)
	var errs bytes.Buffer
	cmd.Stdin, cmd.Env, cmd.Stderr, cmd.SysProcAttr, cmd.Dir = strings.NewReader(Script(false)), env, &errs, as, "/"
	out, err := cmd.Output()
	if err != nil || errs.Len() > 0 {
		t.Fatalf("%q: %v, stderr %q", shell, err, errs.String())
	}
	return out
}

// TestScriptIsShell: shellcheck finds nothing.
func TestScriptIsShell(t *testing.T) {
	for _, connections := range []bool{false, true} {
		cmd := exec.CommandContext(t.Context(), need(t, "shellcheck"), "-")
		cmd.Stdin = strings.NewReader(Script(connections))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v:\n%s", err, out)
		}
	}
	if strings.Count(Script(true), "\nconnections=yes\n") != 1 || strings.Contains(Script(false), "\nconnections=yes\n") {
		t.Error("--connections is not what was asked for")
	}
}

// TestScriptRuns: in every shell the report is whole and tells the same, also with no
// command at hand but the shell's own, as root and not.
func TestScriptRuns(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		t.Skip("only Linux has /proc: ", err)
	}
	path := []string{"PATH=" + os.Getenv("PATH")}
	for name, shell := range shells(t) {
		for how, c := range map[string]struct {
			env  []string
			as   *syscall.SysProcAttr
			cats bool
		}{
			"as it is":     {path, nil, true},
			"empty PATH":   {[]string{"PATH="}, nil, false},
			"no variables": {nil, nil, true},
			"not root":     {path, nobody(), true},
		} {
			text := printed(t, c.env, c.as, shell...)
			r := only(t, string(text))
			if !r.Whole || r.Node != hostName(host) || !strings.HasPrefix(r.Kernel.Value, strings.TrimSpace(string(release))) {
				t.Errorf("%s, %s: whole %t, node %q, kernel %q", name, how, r.Whole, r.Node, r.Kernel.Value)
			}
			if want := os.Geteuid() == 0 && c.as == nil; r.Root != want {
				t.Errorf("%s, %s: root %t", name, how, r.Root)
			}
			// Without cat most shells get the first digit of a number: that must not pass for it.
			ports := portsIn(t, text)
			if c.cats && ports == "" || ports != "" && !strings.Contains(ports, "\t") {
				t.Errorf("%s, %s: ports %q", name, how, ports)
			}
		}
	}
}

// portsIn is the range of local ports in a report.
func portsIn(t *testing.T, text []byte) string {
	t.Helper()
	raws, err := split(text)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raws[0].sections["sysctls"].out)) {
		if ports, is := strings.CutPrefix(line, "net.ipv4.ip_local_port_range = "); is {
			return strings.TrimSpace(ports)
		}
	}
	return ""
}

// nobody is another user, as far as one may become one.
func nobody() *syscall.SysProcAttr {
	if os.Geteuid() != 0 {
		return nil
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
}

// TestScriptArguments: what it does not know is refused.
func TestScriptArguments(t *testing.T) {
	for _, words := range []string{"--all", "--for", "--for 4", "--for 601", "--for 1000", "--for x", "--for 5 --all", "--for 5;id"} {
		cmd := exec.CommandContext(t.Context(), need(t, "dash"), append([]string{"-s", "--"}, strings.Fields(words)...)...)
		cmd.Stdin = strings.NewReader(Script(false))
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(string(out), "usage") {
			t.Errorf("%s: %v: %s", words, err, out)
		}
	}
	for over, fine := range map[time.Duration]bool{time.Second: false, 5 * time.Second: true, 10 * time.Minute: true, time.Hour: false} {
		text, err := ScriptFor(over)
		if (err == nil) != fine || fine && !strings.Contains(text, fmt.Sprintf("\nlasts=%.0f\n", over.Seconds())) {
			t.Errorf("for %s: %v", over, err)
		}
	}
}

// TestScriptCounts: every shell counts connections, with all commands and with none, as
// root and not.
func TestScriptCounts(t *testing.T) {
	text, err := ScriptFor(ShortestCount)
	if err != nil {
		t.Fatal(err)
	}
	path := "PATH=" + os.Getenv("PATH")
	for name, shell := range shells(t) {
		c := map[string]struct {
			env string
			as  *syscall.SysProcAttr
		}{"bash": {"PATH=", nil}, "dash": {path, nobody()}, "busybox": {path, nil}}[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), shell[0], append(shell[1:], "-s")...)
			var errs bytes.Buffer
			cmd.Stdin, cmd.Env, cmd.Stderr, cmd.SysProcAttr, cmd.Dir = strings.NewReader(text), []string{c.env}, &errs, c.as, "/"
			out, err := cmd.Output()
			if err != nil || errs.Len() > 0 {
				t.Fatalf("%v, stderr %q", err, errs.String())
			}
			if r := only(t, string(out)); !r.Whole {
				t.Error("it is not whole")
			}
		})
	}
}

// TestScriptFetch: the page of kube-proxy is fetched by curl and by wget of either kind,
// from loopback alone, whatever proxy is set.
func TestScriptFetch(t *testing.T) {
	for _, program := range []string{"curl", "wget", "busybox", ""} {
		dir := t.TempDir()
		for _, name := range []string{"cat", "head", program} {
			if name == "" {
				continue
			}
			link := name
			if name == "busybox" {
				link = "wget"
			}
			if err := os.Symlink(need(t, name), filepath.Join(dir, link)); err != nil {
				t.Fatal(err)
			}
		}
		address := answering(t)
		text := printed(t, []string{"PATH=" + dir, "KPADVISOR_METRICS=" + address, "http_proxy=http://192.0.2.1:1", "HTTP_PROXY=http://192.0.2.1:1"}, nil, need(t, "dash"))
		r := only(t, string(text))
		if r.Mode.IsKnown() != (program != "") {
			t.Errorf("%q: %+v", program, r.Mode)
		}
		if program == "" && r.Mode.Detail != "neither curl nor wget is here" {
			t.Errorf("%+v", r.Mode)
		}
		if r.Version.IsKnown() && program != "busybox" { // which cannot be told not to
			t.Errorf("%q followed a redirection", program)
		}
	}
}

// answering is the address of a server that tells a mode, and redirects whoever asks for
// its metrics.
func answering(t *testing.T) string {
	t.Helper()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, `kubernetes_build_info{git_version="v1.37.2"} 1`)
	}))
	t.Cleanup(other.Close)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/proxyMode":
			fmt.Fprint(w, "ipvs")
		case "/metrics":
			http.Redirect(w, r, other.URL, http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}
