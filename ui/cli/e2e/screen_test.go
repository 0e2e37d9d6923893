package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor/cluster/clustertest"
)

// screen is kpadvisor in a tmux session of its own: what a user would see, cell
// by cell, as a real terminal emulator draws it.
type screen struct {
	t      testing.TB
	socket string
}

// open starts kpadvisor on a screen of that size.
func open(t testing.TB, width, height int, env []string, args ...string) *screen {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv(clustertest.RequireVariable) != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	s := &screen{t: t, socket: filepath.Join(t.TempDir(), "tmux")}
	if len(s.socket) > 100 { // the kernel's limit for a socket's path is 107
		t.Fatalf("the path of the socket is too long: %s", s.socket)
	}
	t.Cleanup(func() { _ = s.command("kill-server").Run() }) // fails if it has ended already
	start := []string{
		"start-server", ";", "set", "-g", "status", "off", ";",
		"new-session", "-d", "-x", strconv.Itoa(width), "-y", strconv.Itoa(height), "env", "-i",
	}
	start = append(start, env...)
	start = append(start, "sh", "-c", stay, binary(t))
	s.run(append(start, args...)...)
	return s
}

// stay runs a program and keeps its terminal when it has ended, be it by ctrl-C,
// which the shell gets as well.
const stay = `trap : INT; "$0" "$@"; echo "ended with $?"; exec sleep 600`

func (s *screen) command(args ...string) *exec.Cmd {
	// -f: no configuration of the user; -u: UTF-8 whatever the locale of the test.
	cmd := exec.Command("tmux", append([]string{"-S", s.socket, "-f", "/dev/null", "-u"}, args...)...)
	cmd.Env = append(os.Environ(), "TMUX=", "TERM=xterm-256color")
	return cmd
}

func (s *screen) run(args ...string) string {
	s.t.Helper()
	out, err := s.command(args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("tmux %s: %v: %s", args[0], err, out)
	}
	return string(out)
}

// text is what the screen shows now.
func (s *screen) text() string { return s.run("capture-pane", "-p", "-t", ":") }

// all is what the screen shows and what has scrolled out of it.
func (s *screen) all() string { return s.run("capture-pane", "-p", "-J", "-S", "-", "-t", ":") }

// press sends keys by their tmux names: "Tab", "Enter", "q".
func (s *screen) press(keys ...string) {
	s.t.Helper()
	for _, k := range keys {
		s.run("send-keys", "-t", ":", k)
	}
}

// escape leaves what shows the text. A key pressed at once would make a
// different key of the two: ESC 4 is alt+4.
func (s *screen) escape(text string) {
	s.t.Helper()
	s.press("Escape")
	s.until("esc closes "+text, func(now string) bool { return !strings.Contains(now, text) })
}

func (s *screen) resize(width, height int) {
	s.t.Helper()
	s.run("resize-window", "-t", ":", "-x", strconv.Itoa(width), "-y", strconv.Itoa(height))
}

// wait returns the screen once it shows every part, and fails the test if it
// does not within minutes: a busy machine is slow.
func (s *screen) wait(parts ...string) string {
	s.t.Helper()
	return s.until(fmt.Sprintf("the screen shows %q", parts), func(text string) bool {
		for _, p := range parts {
			if !strings.Contains(text, p) {
				return false
			}
		}
		return true
	})
}

func (s *screen) until(what string, ok func(text string) bool) string {
	s.t.Helper()
	const most = 3 * time.Minute
	deadline := time.Now().Add(most)
	for {
		text := s.text()
		if ok(text) {
			return text
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("not within %v: %s\n%s", most, what, text)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// state returns what tmux knows of the terminal, in its own format language.
func (s *screen) state(format string) string {
	return strings.TrimSpace(s.run("display-message", "-p", "-t", ":", format))
}

// exit waits until the program has ended and returns its exit code.
func (s *screen) exit() int {
	s.t.Helper()
	text := s.wait("\nended with ")
	_, code, _ := strings.Cut(text, "\nended with ")
	n, err := strconv.Atoi(strings.Fields(code)[0])
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}
