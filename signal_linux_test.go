package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// built is this program, built as users have it.
func built(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "kpadvisor")
	if out, err := exec.Command("go", "build", "-o", file, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return file
}

// situation is what a signal finds the program in.
type situation struct {
	args  []string
	env   []string
	stdin bool   // a pipe that says nothing
	full  bool   // standard output is a full pipe
	ready string // a file that is there once it is
	busy  bool   // it works while it waits
}

// waiting returns once a process uses no more time.
func waiting(t *testing.T, pid int) {
	t.Helper()
	stat := fmt.Sprintf("/proc/%d/stat", pid)
	quiet := 0
	for deadline, last := time.Now().Add(30*time.Second), ""; quiet < 20; time.Sleep(10 * time.Millisecond) {
		b, err := os.ReadFile(stat)
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("it does not wait: %v", err)
		}
		f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+2:]))
		if used := f[11] + " " + f[12]; used == last && f[0] == "S" {
			quiet++
		} else {
			quiet, last = 0, used
		}
	}
}

// One signal ends it wherever it is, with the documented code, and nothing is left:
// no process, no file.
func TestSignalEnds(t *testing.T) {
	program := built(t)
	for name, make := range map[string]func(t *testing.T, dir string) situation{
		"opening a FIFO": func(t *testing.T, dir string) situation {
			return situation{args: []string{"audit", "--facts", fifo(t, dir)}}
		},
		"opening a FIFO as kubeconfig": func(t *testing.T, dir string) situation {
			return situation{args: []string{"audit", "--kubeconfig", fifo(t, dir)}}
		},
		"opening a FIFO of evidence": func(t *testing.T, dir string) situation {
			return situation{args: []string{"audit", "--demo", "mixed", "--measured", fifo(t, dir)}}
		},
		"reading a FIFO": func(t *testing.T, dir string) situation {
			name := fifo(t, dir)
			f, err := os.OpenFile(name, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { f.Close() })
			return situation{args: []string{"probe", "--from", name, "-o", "json"}}
		},
		"silent stdin": func(*testing.T, string) situation {
			return situation{args: []string{"audit", "--facts", "-"}, stdin: true}
		},
		"silent sysctls": func(*testing.T, string) situation {
			return situation{args: []string{"audit", "--demo", "mixed", "--sysctls", "-"}, stdin: true}
		},
		"a question": func(*testing.T, string) situation {
			return situation{args: []string{"--accessible", "--demo", "mixed"}, stdin: true}
		},
		"a full pipe": func(*testing.T, string) situation {
			return situation{args: []string{"audit", "--demo", "mixed", "-o", "json"}, full: true}
		},
		"writing to a FIFO": func(t *testing.T, dir string) situation {
			return situation{args: []string{"snapshot", "--demo", "mixed", "-o", fifo(t, dir)}}
		},
		"a credential plugin that hangs": func(t *testing.T, dir string) situation {
			return situation{args: []string{"audit", "--kubeconfig", plugin(t, dir)}, ready: filepath.Join(dir, "started")}
		},
		"a probe": func(t *testing.T, dir string) situation {
			l, err := newSilent(t, filepath.Join(dir, "accepted"))
			if err != nil {
				t.Fatal(err)
			}
			return situation{args: []string{"probe", "http://" + l + "/", "-n", "1000", "--timeout", "1m", "-O", filepath.Join(dir, "out.json"), "--raw", filepath.Join(dir, "raw.csv")}, ready: filepath.Join(dir, "accepted"), busy: true}
		},
	} {
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
			if sig != syscall.SIGINT && !strings.Contains(name, "plugin") && !strings.Contains(name, "opening a FIFO") {
				continue // one signal is enough: all three end the same context
			}
			t.Run(name+", "+sig.String(), func(t *testing.T) { signalled(t, program, make, sig) })
		}
	}
}

func signalled(t *testing.T, program string, make func(*testing.T, string) situation, sig syscall.Signal) {
	dir := t.TempDir()
	s := make(t, dir)
	cmd := exec.Command(program, s.args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), append(s.env, "HOME="+dir, "TERM=dumb")...)
	if !strings.Contains(strings.Join(s.args, " "), "kubeconfig") {
		cmd.Env = append(cmd.Env, "KUBECONFIG="+os.DevNull)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a group of its own, to see who is left in it
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if s.stdin {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		defer r.Close()
		cmd.Stdin = r
	}
	if s.full {
		cmd.Stdout = fullPipe(t)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }()
	for deadline := time.Now().Add(30 * time.Second); s.ready != ""; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(s.ready); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("it did not come so far")
		}
	}
	if !s.busy {
		waiting(t, cmd.Process.Pid)
	}
	before := entries(t, dir)
	begun := time.Now()
	if err := cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	ended := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	ended.Stop()
	took := time.Since(begun)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 130 {
		t.Errorf("%v: %s", err, stderr.String())
	}
	t.Logf("ended after %v", took.Round(time.Millisecond))
	if took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	if err := syscall.Kill(-cmd.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
		// What was killed may wait for init to be told.
		for deadline := time.Now().Add(10 * time.Second); !errors.Is(syscall.Kill(-cmd.Process.Pid, 0), syscall.ESRCH); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Error("processes of it are left")
				break
			}
		}
	}
	for _, name := range entries(t, dir) {
		if strings.Contains(name, ".kpadvisor") {
			t.Errorf("%s is left; before the signal there was %v", name, before)
		}
	}
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}

func fifo(t *testing.T, dir string) string {
	t.Helper()
	name := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// fullPipe is the end of a pipe that nobody reads.
func fullPipe(t *testing.T) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	fd := int(w.Fd())
	if err := syscall.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	for err = nil; err == nil; {
		_, err = syscall.Write(fd, make([]byte, 4096))
	}
	if err := syscall.SetNonblock(fd, false); err != nil {
		t.Fatal(err)
	}
	return w
}

// plugin is a kubeconfig whose credential plugin does not end when asked, nor does what
// it has started.
func plugin(t *testing.T, dir string) string {
	t.Helper()
	script := filepath.Join(dir, "plugin")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ntrap '' INT TERM HUP\nsleep 1000 &\ntouch '"+filepath.Join(dir, "started")+"'\nwhile :; do sleep 1000; done\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	config, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": "c",
		"contexts": []any{map[string]any{"name": "c", "context": map[string]any{"cluster": "c", "user": "u"}}},
		"clusters": []any{map[string]any{"name": "c", "cluster": map[string]any{"server": "https://127.0.0.1:1"}}},
		"users": []any{map[string]any{"name": "u", "user": map[string]any{"exec": map[string]any{
			"apiVersion": "client.authentication.k8s.io/v1", "command": script, "interactiveMode": "Never",
		}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "kubeconfig")
	if err := os.WriteFile(name, config, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// newSilent is the address of a server that takes connections, says nothing, and makes
// a file when it has taken the first one.
func newSilent(t *testing.T, accepted string) (string, error) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = os.WriteFile(accepted, nil, 0o600) // who waits for it says that it is not there
			go func() { _, _ = io.Copy(io.Discard, c) }()
		}
	}()
	return l.Addr().String(), nil
}
