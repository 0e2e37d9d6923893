//go:build unix && !race

// Not under the race detector: the library's terminal reader (ultraviolet) is not
// joined before its file is closed when a context ends. make test runs these apart.

package tui

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"kpadvisor/advisor"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/screen"
)

// terminal is a pseudo-terminal that keeps what was written to it.
type terminal struct {
	control, screen *os.File
	mu              sync.Mutex
	text            strings.Builder
	wrote           chan struct{} // signalled, never blocking, after each read
	drained         chan struct{}
}

func openTerminal(t *testing.T) *terminal {
	t.Helper()
	control, screen, err := pty.Open()
	if err != nil {
		t.Fatalf("no pseudo-terminal: %v", err)
	}
	if err := pty.Setsize(control, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	s := &terminal{control: control, screen: screen, wrote: make(chan struct{}, 1), drained: make(chan struct{})}
	go s.drain()
	t.Cleanup(func() {
		screen.Close()
		control.Close()
		<-s.drained
	})
	return s
}

// size makes it another size than 80 by 24.
func (s *terminal) size(t *testing.T, w, h int) {
	t.Helper()
	if err := pty.Setsize(s.control, &pty.Winsize{Rows: uint16(h), Cols: uint16(w)}); err != nil {
		t.Fatal(err)
	}
}

func (s *terminal) drain() {
	defer close(s.drained)
	buf := make([]byte, 4096)
	for {
		n, err := s.control.Read(buf)
		s.mu.Lock()
		s.text.Write(buf[:n])
		s.mu.Unlock()
		select {
		case s.wrote <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

func (s *terminal) all() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// waitFor blocks until the terminal was sent the text.
func (s *terminal) waitFor(t *testing.T, text string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for !strings.Contains(s.all(), text) {
		select {
		case <-s.wrote:
		case <-deadline:
			t.Fatalf("%q never came; the terminal got %q", text, s.all())
		}
	}
}

// outcome is how Run ended.
type outcome struct {
	result Result
	err    error
}

func (s *terminal) run(ctx context.Context, o Options) <-chan outcome {
	o.In, o.Out, o.Env = s.screen, s.screen, []string{"TERM=xterm-256color", "SSH_TTY=/dev/pts/0"}
	ended := make(chan outcome, 1)
	go func() {
		r, err := Run(ctx, o)
		ended <- outcome{r, err}
	}()
	return ended
}

const (
	enterAltScreen = "\x1b[?1049h"
	leaveAltScreen = "\x1b[?1049l"
	showCursor     = "\x1b[?25h"
)

func (s *terminal) restored(t *testing.T) {
	t.Helper()
	s.waitFor(t, leaveAltScreen)
	got := s.all()
	if strings.LastIndex(got, leaveAltScreen) < strings.LastIndex(got, enterAltScreen) || !strings.Contains(got, showCursor) {
		t.Errorf("the terminal was not restored: %q", got[max(len(got)-200, 0):])
	}
}

func TestInATerminal(t *testing.T) {
	s := openTerminal(t)
	began := time.Now()
	ended := s.run(t.Context(), done(mixedFacts()))
	s.waitFor(t, "kpadvisor")
	t.Logf("first frame after %v", time.Since(began).Round(time.Millisecond))
	s.waitFor(t, "4,312")
	write := func(keys string) {
		if _, err := io.WriteString(s.control, keys); err != nil {
			t.Fatal(err)
		}
	}
	write("2")
	s.waitFor(t, "Question")

	// Nothing moves now, so nothing may be written; a second of real time is the measurement.
	time.Sleep(200 * time.Millisecond)
	before := len(s.all())
	time.Sleep(time.Second)
	idle := len(s.all()) - before
	t.Logf("%d bytes in an idle second", idle)
	if idle > 1024 {
		t.Errorf("%d bytes in an idle second, want at most 1024", idle)
	}

	write("q")
	if o := <-ended; o.err != nil || o.result.Facts.Name != "prod-eu" {
		t.Errorf("ended with %+v", o)
	}
	s.restored(t)
}

// TestAsksTheTerminal: what a terminal says of its background when it is asked decides the
// colours, its window gets a title, and a terminal that need not be asked is not.
func TestAsksTheTerminal(t *testing.T) {
	const question, lightAccent, darkAccent = "\x1b]11;?", "38;2;5;80;174", "38;2;124;199;255"
	for _, ask := range []bool{true, false} {
		s := openTerminal(t)
		o := done(mixedFacts())
		o.Style, o.AskBackground = kit.Style{Color: true, Rich: true, Dark: true}, ask
		ended := s.run(t.Context(), o)
		s.waitFor(t, darkAccent)
		s.waitFor(t, "\x1b]2;kpadvisor prod-eu")
		if ask {
			s.waitFor(t, question)
			if _, err := io.WriteString(s.control, "\x1b]11;rgb:ffff/ffff/ffff\x1b\\"); err != nil {
				t.Fatal(err)
			}
			s.waitFor(t, lightAccent)
		}
		if _, err := io.WriteString(s.control, "q"); err != nil {
			t.Fatal(err)
		}
		if o := <-ended; o.err != nil {
			t.Error(o.err)
		}
		s.restored(t)
		if !ask && strings.Contains(s.all(), question) {
			t.Error("a terminal was asked that need not be")
		}
	}
}

func TestAPanicRestoresTheTerminal(t *testing.T) {
	s := openTerminal(t)
	ended := s.run(t.Context(), surveyed(func() advisor.Reading { panic("a defect") }))
	o := <-ended
	var d *screen.Defect
	if !errors.As(o.err, &d) || strings.Contains(o.err.Error(), "\n") {
		t.Errorf("ended with %v", o.err)
	}
	s.restored(t)
	if strings.Contains(s.all(), "goroutine") {
		t.Error("a stack trace went to the terminal")
	}
}

// TestTheContextEndsIt: a signal ends the context, and that ends the screen.
func TestTheContextEndsIt(t *testing.T) {
	s := openTerminal(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("terminated")
	ended := s.run(ctx, done(mixedFacts()))
	s.waitFor(t, "4,312")
	cancel(why)
	if o := <-ended; !errors.Is(o.err, why) || o.result.Facts.Name != "prod-eu" {
		t.Errorf("ended with %+v", o)
	}
	s.restored(t)
}
