package e2e

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// recording is kpadvisor on a pseudo-terminal that keeps every byte it is sent.
type recording struct {
	t        testing.TB
	cmd      *exec.Cmd
	terminal *os.File

	mu    sync.Mutex
	bytes bytes.Buffer
	ended chan struct{}
}

func record(t testing.TB, env []string, args ...string) *recording {
	t.Helper()
	r := &recording{t: t, cmd: exec.Command(binary(t), args...), ended: make(chan struct{})}
	r.cmd.Env = env
	terminal, err := pty.StartWithSize(r.cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	r.terminal = terminal
	go func() {
		defer close(r.ended)
		b := make([]byte, 32<<10)
		for {
			n, err := terminal.Read(b)
			r.mu.Lock()
			r.bytes.Write(b[:n])
			r.mu.Unlock()
			if err != nil {
				return // EIO: kpadvisor has closed its side
			}
		}
	}()
	t.Cleanup(func() {
		_ = r.cmd.Process.Kill() // fails if it has ended, as it should have
		<-r.ended
		_ = r.cmd.Wait() // its error is that of a test that failed before wait
		_ = terminal.Close()
	})
	return r
}

func (r *recording) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.bytes.String()
}

// await waits until the terminal has received the text.
func (r *recording) await(text string) {
	r.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(r.text(), text); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("the terminal did not receive %q within 20 s:\n%q", text, r.text())
		}
	}
}

func (r *recording) press(keys string) {
	r.t.Helper()
	if _, err := r.terminal.WriteString(keys); err != nil {
		r.t.Fatal(err)
	}
}

// wait returns all the terminal has received, and the exit code.
func (r *recording) wait() (string, int) {
	r.t.Helper()
	select {
	case <-r.ended:
	case <-time.After(20 * time.Second):
		r.t.Fatalf("kpadvisor did not end:\n%q", r.text())
	}
	err := r.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		r.t.Fatal(err)
	}
	return r.text(), r.cmd.ProcessState.ExitCode()
}

// walk shows every screen and leaves; it returns the bytes and the exit code.
func walk(t *testing.T, env []string) (string, int) {
	t.Helper()
	r := record(t, env)
	r.await("98,000")
	r.press("\t")
	r.await("How do clients")
	r.press("\t")
	r.await("81775")
	r.press("\t")
	r.await("Probe")
	r.press("?")
	r.await("closes this help")
	r.press("q") // closes the help
	r.press("q")
	return r.wait()
}

// colours are the SGR sequences that set a colour: 30-49 but for 39 and 49,
// which take one back, and 90-107.
var colours = regexp.MustCompile(`\x1b\[(?:[0-9;:]*[;:])?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[0-9;:]*m`)

func TestColourByDefault(t *testing.T) {
	out, _ := walk(t, kubeconfig(t, shared.Large(t)))
	restored(t, out)
	if !colours.MatchString(out) {
		t.Error("there is no colour on a terminal that has some")
	}
}

// TestNoColor sets NO_COLOR to what is not a number: any value but none counts.
func TestNoColor(t *testing.T) {
	out, _ := walk(t, append(kubeconfig(t, shared.Large(t)), "NO_COLOR=yes"))
	if c := colours.FindString(out); c != "" {
		t.Errorf("a colour in spite of NO_COLOR: %q", c)
	}
}

// TestASCII speaks to a terminal whose locale has no other characters.
func TestASCII(t *testing.T) {
	out, _ := walk(t, append(kubeconfig(t, shared.Large(t)), "LANG=C"))
	for i, b := range []byte(out) {
		if b >= 0x80 {
			t.Fatalf("byte %#x in the locale C: %q", b, out[max(0, i-20):min(len(out), i+20)])
		}
	}
}

// TestDumb prints the report at once where no screen can be drawn.
func TestDumb(t *testing.T) {
	out, code := record(t, append(kubeconfig(t, shared.Large(t)), "TERM=dumb")).wait()
	if code != exposed {
		t.Errorf("exit code %d, want %d as of audit", code, exposed)
	}
	contains(t, "the report", out, "98,000", "81775")
	if i := strings.IndexByte(out, '\x1b'); i >= 0 {
		t.Errorf("a control sequence on a dumb terminal: %q", out[i:min(len(out), i+20)])
	}
}

// restored fails the test if the bytes end with anything of the screen's still
// on: the alternate screen, a hidden cursor, bracketed paste.
func restored(t testing.TB, out string) {
	t.Helper()
	for on, off := range map[string]string{"\x1b[?1049h": "\x1b[?1049l", "\x1b[?25l": "\x1b[?25h", "\x1b[?2004h": "\x1b[?2004l"} {
		if strings.LastIndex(out, on) > strings.LastIndex(out, off) {
			t.Errorf("%q is never undone by %q", on, off)
		}
	}
}

// TestTerminated gives the terminal back when the session ends.
func TestTerminated(t *testing.T) {
	r := record(t, kubeconfig(t, shared.Large(t)))
	r.await("\x1b[?1049h") // the alternate screen
	r.await("Cluster")
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	out, code := r.wait()
	if code != interrupted {
		t.Errorf("exit code %d, want %d", code, interrupted)
	}
	restored(t, out)
}

// TestInterrupted is ctrl-C, in the middle of the read.
func TestInterrupted(t *testing.T) {
	r := record(t, kubeconfig(t, shared.Large(t)))
	r.await("Cluster")
	r.press("\x03")
	out, _ := r.wait()
	restored(t, out)
}
