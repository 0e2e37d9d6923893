//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// terminal is a tmux server of its own.
type terminal struct{ socket string }

// play starts the program in a terminal, presses the keys, and returns what is then on the
// screen, with its escape codes.
func (s scene) play(ctx context.Context, binary, socket string) (text string, err error) {
	t := terminal{socket}
	defer func() { _ = t.command(context.WithoutCancel(ctx), "kill-server").Run() }() // fails where it has ended
	ground := "15;0"                                                                  // what COLORFGBG says of a dark terminal
	if s.light {
		ground = "0;15"
	}
	start := []string{
		"start-server", ";", "set", "-g", "status", "off", ";", "set", "-g", "default-terminal", "tmux-256color", ";",
		"new-session", "-d", "-x", strconv.Itoa(s.width), "-y", strconv.Itoa(s.height),
		"env", "COLORTERM=truecolor", "COLORFGBG=" + ground, "LANG=C.UTF-8", "HOME=" + os.TempDir(), "KUBECONFIG=/dev/null", binary,
	}
	if _, err := t.run(ctx, append(start, s.args...)...); err != nil {
		return "", err
	}
	for i, sign := range s.until {
		if i > 0 {
			if _, err := t.run(ctx, "send-keys", "-t", ":", s.keys[i-1]); err != nil {
				return "", err
			}
		}
		if err := t.wait(ctx, sign); err != nil {
			return "", err
		}
	}
	return t.run(ctx, "capture-pane", "-p", "-e", "-t", ":")
}

func (t terminal) command(ctx context.Context, args ...string) *exec.Cmd {
	// -f: no configuration of the user; -u: UTF-8 whatever the locale.
	cmd := exec.CommandContext(ctx, "tmux", append([]string{"-S", t.socket, "-f", "/dev/null", "-u"}, args...)...)
	cmd.Env = append(os.Environ(), "TMUX=", "TERM=xterm-256color")
	return cmd
}

func (t terminal) run(ctx context.Context, args ...string) (string, error) {
	out, err := t.command(ctx, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("tmux %s: %w: %s", args[0], err, out)
	}
	return string(out), nil
}

// wait waits until the screen shows the sign and has stood still since the last look.
func (t terminal) wait(ctx context.Context, sign string) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	last := ""
	for began := time.Now(); ; {
		now, err := t.run(ctx, "capture-pane", "-p", "-t", ":")
		if err != nil {
			return err
		}
		if now == last && strings.Contains(now, sign) {
			return nil
		}
		if last = now; time.Since(began) > time.Minute {
			return fmt.Errorf("the screen does not show %q:\n%s", sign, now)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
