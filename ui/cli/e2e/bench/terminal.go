//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/creack/pty"
)

// size is that of a terminal, in cells.
type size struct{ columns, rows uint16 }

func (s size) String() string { return fmt.Sprintf("%dx%d", s.columns, s.rows) }

// session is the program on a pseudo-terminal.
type session struct {
	terminal *os.File
	command  *exec.Cmd
	output   *output
	began    time.Time
}

// begin starts it as over SSH.
func begin(ctx context.Context, env []string, s size, argv ...string) (*session, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = append(env, "TERM=xterm-256color", "SSH_TTY=/dev/pts/0") // no query of the terminal
	began := time.Now()
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: s.rows, Cols: s.columns})
	if err != nil {
		return nil, err
	}
	return &session{f, cmd, listen(f), began}, nil
}

// end leaves the program and waits for it.
func (s *session) end() error {
	_, typed := s.terminal.WriteString("q")
	<-s.output.ended
	_ = s.command.Wait() // its exit code is the advice
	return errors.Join(typed, s.terminal.Close())
}

// step types keys and waits for a text that was not there before.
type step struct{ keys, until string }

func (s *session) walk(ctx context.Context, steps ...step) error {
	for _, st := range steps {
		before := s.output.size()
		if st.keys == "" { // what the program shows by itself may be there already
			before = 0
		}
		if _, err := s.terminal.WriteString(st.keys); err != nil {
			return err
		}
		if _, err := s.output.await(ctx, time.Now(), before, st.until); err != nil {
			return err
		}
	}
	return nil
}

// quiet waits until nothing has been written for a while.
func (s *session) quiet(ctx context.Context, d time.Duration) error {
	for last := s.output.size(); ; {
		if err := sleep(ctx, d); err != nil {
			return err
		}
		now := s.output.size()
		if now == last {
			return nil
		}
		last = now
	}
}

// answer waits until something has been written after so many pieces, and then nothing for
// a while, and returns the redraws.
func (s *session) answer(ctx context.Context, from int, still time.Duration) ([]redraw, error) {
	for s.output.count() == from {
		select {
		case <-s.output.more:
		case <-s.output.ended:
			return nil, errors.New("the program ended")
		case <-ctx.Done():
			return nil, fmt.Errorf("no answer to a key: %w", ctx.Err())
		}
	}
	if err := s.quiet(ctx, still); err != nil {
		return nil, err
	}
	return redraws(s.output.since(from)), nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// piece is what arrived at once.
type piece struct {
	at    time.Time
	bytes int
}

// apart is how much time lies between two redraws at least, and not within one.
const apart = 25 * time.Millisecond

// redraw is pieces that arrived together.
type redraw struct {
	from, to time.Time
	bytes    int
}

// redraws puts pieces together.
func redraws(all []piece) []redraw {
	var out []redraw
	for _, p := range all {
		if n := len(out); n > 0 && p.at.Sub(out[n-1].to) < apart {
			out[n-1].to, out[n-1].bytes = p.at, out[n-1].bytes+p.bytes
			continue
		}
		out = append(out, redraw{p.at, p.at, p.bytes})
	}
	return out
}

// output is what a terminal received so far.
type output struct {
	mu     sync.Mutex
	text   strings.Builder
	pieces []piece
	more   chan struct{} // capacity 1: something was written since it was last read
	ended  chan struct{}
}

func listen(f *os.File) *output {
	o := &output{more: make(chan struct{}, 1), ended: make(chan struct{})}
	go func() {
		defer close(o.ended)
		b := make([]byte, 32<<10)
		for {
			n, err := f.Read(b)
			o.mu.Lock()
			o.text.Write(b[:n])
			if n > 0 {
				o.pieces = append(o.pieces, piece{time.Now(), n})
			}
			o.mu.Unlock()
			select {
			case o.more <- struct{}{}:
			default:
			}
			if err != nil {
				return // EIO: the program has closed its side
			}
		}
	}()
	return o
}

func (o *output) size() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Len()
}

// count is how many pieces there are, and since are those after so many.
func (o *output) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.pieces)
}

func (o *output) since(n int) []piece {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]piece{}, o.pieces[n:]...)
}

// await returns the time from began until the terminal has received the text after the
// first so many bytes.
func (o *output) await(ctx context.Context, began time.Time, after int, text string) (time.Duration, error) {
	for {
		o.mu.Lock()
		found := strings.Contains(o.text.String()[after:], text)
		o.mu.Unlock()
		now := time.Since(began)
		if found {
			return now, nil
		}
		select {
		case <-o.more:
		case <-o.ended:
			return 0, fmt.Errorf("the program ended before it showed %q", text)
		case <-ctx.Done():
			return 0, fmt.Errorf("%q was not shown: %w", text, ctx.Err())
		}
	}
}
