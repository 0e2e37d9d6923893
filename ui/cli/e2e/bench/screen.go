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

// idle is how long a screen that has nothing to say is listened to.
const idle = 5 * time.Second

// shown is one run of the terminal interface.
type shown struct {
	frame  time.Duration // from start to the first frame
	totals time.Duration // from start to the totals on screen
	idle   float64       // bytes in a second, when the read is over and nobody types
}

// screen runs the terminal interface on a pseudo-terminal and prints how fast it
// is there and how quiet it is.
func screen(ctx context.Context, rounds int, env []string, kpadvisor string) error {
	var all []shown
	for range rounds {
		s, err := show(ctx, env, kpadvisor)
		if err != nil {
			return fmt.Errorf("could not measure the screen: %w", err)
		}
		all = append(all, s)
	}
	ms := func(f func(shown) time.Duration) func(shown) float64 {
		return func(s shown) float64 { return f(s).Seconds() * 1000 }
	}
	row := func(what, unit string, value func(shown) float64, aim string) {
		fmt.Printf("%-22s %-58s %s\n", what, summary(all, value).text(unit), aim)
	}
	row("first frame", "ms", ms(func(s shown) time.Duration { return s.frame }), "100 ms from the start of the process")
	row("totals on screen", "ms", ms(func(s shown) time.Duration { return s.totals }), "300 ms from a ready connection (measured from the start as well)")
	row("idle output", "B/s", func(s shown) float64 { return s.idle }, "1024 B/s")
	return nil
}

// show runs it once, to the end of the read and through a quiet time.
func show(ctx context.Context, env []string, kpadvisor string) (s shown, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, kpadvisor)
	cmd.Env = append(env, "TERM=xterm-256color", "SSH_TTY=/dev/pts/0") // no query of the terminal
	began := time.Now()
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		return s, err
	}
	out := listen(f)
	defer func() {
		_, typed := f.WriteString("q")
		<-out.ended
		_ = cmd.Wait() // its exit code is the advice
		err = errors.Join(err, typed, f.Close())
	}()
	if s.frame, err = out.await(ctx, began, "Cluster"); err != nil {
		return s, err
	}
	if s.totals, err = out.await(ctx, began, "5,001"); err != nil {
		return s, err
	}
	// The read is over when nothing has been written for a while.
	for quiet := out.size(); ; {
		if err := sleep(ctx, 2*time.Second); err != nil {
			return s, err
		}
		now := out.size()
		if now-quiet < 64 {
			break
		}
		quiet = now
	}
	before := out.size()
	if err := sleep(ctx, idle); err != nil {
		return s, err
	}
	s.idle = float64(out.size()-before) / idle.Seconds()
	return s, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// output is what a terminal received so far.
type output struct {
	mu    sync.Mutex
	text  strings.Builder
	more  chan struct{} // capacity 1: something was written since it was last read
	ended chan struct{}
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

// await returns the time from began until the terminal has received the text.
func (o *output) await(ctx context.Context, began time.Time, text string) (time.Duration, error) {
	for {
		o.mu.Lock()
		found := strings.Contains(o.text.String(), text)
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
