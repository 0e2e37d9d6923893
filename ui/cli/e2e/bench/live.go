//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// The live screen is watched for so long, once it has drawn for a while.
const (
	settling = 2 * time.Second
	watching = 5 * time.Second
)

// watched is one look at the live screen.
type watched struct {
	size
	bytes  []float64 // of each redraw
	perSec float64   // redraws
	most   int       // bytes a redraw may have
}

// live measures two servers on loopback on the Probe screen, in two sizes in turn, and
// prints what a redraw costs.
func live(ctx context.Context, rounds int, env []string, kpadvisor string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(rounds)*2*time.Minute)
	defer cancel()
	targets := []string{"127.77.0.1:18080", "127.77.0.2:18080"} // of loopback, and nobody else's
	for _, at := range targets {
		echo := exec.CommandContext(ctx, kpadvisor, "agent", "echo", "--listen", at)
		if err := echo.Start(); err != nil {
			return fmt.Errorf("could not start a server to measure: %w", err)
		}
		defer func() {
			_ = echo.Process.Kill() // it ends in no other way
			_ = echo.Wait()
		}()
	}
	all := map[uint16][]watched{}
	sizes := []watched{{size: size{80, 24}, most: 1024}, {size: size{120, 40}, most: 4096}}
	for range rounds {
		for _, w := range sizes {
			if err := w.watch(ctx, env, targets, kpadvisor); err != nil {
				return fmt.Errorf("could not measure the live screen at %v: %w", w.size, err)
			}
			all[w.columns] = append(all[w.columns], w)
		}
	}
	for _, w := range sizes {
		var each []float64
		for _, one := range all[w.columns] {
			each = append(each, one.bytes...)
		}
		row(fmt.Sprintf("live screen, %v", w.size), "B a redraw", each, func(b float64) float64 { return b }, fmt.Sprintf("%d B", w.most))
		row("", "redraws/s", all[w.columns], func(w watched) float64 { return w.perSec }, "10, and no more")
	}
	return nil
}

// watch opens the live screen once.
func (w *watched) watch(ctx context.Context, env, targets []string, kpadvisor string) (err error) {
	s, err := begin(ctx, env, w.size, kpadvisor, "--demo", "mixed")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.end()) }()
	const empty = "\x15" // ctrl+u
	steps := []step{
		{"", "4,312"},
		{"4", "What to measure"},
		{"j\r", "Target A"},
		{targets[0] + "\r" + targets[1] + "\r\r" + empty + "60s\r" + empty + "200\r\r\r\r\r", "enough"},
		{"\r", "measuring"},
	}
	if err := s.walk(ctx, steps...); err != nil {
		return err
	}
	if err := sleep(ctx, settling); err != nil {
		return err
	}
	from := s.output.count()
	if err := sleep(ctx, watching); err != nil {
		return err
	}
	for _, r := range redraws(s.output.since(from)) {
		w.bytes = append(w.bytes, float64(r.bytes))
	}
	if len(w.bytes) == 0 {
		return errors.New("nothing was drawn")
	}
	w.perSec = float64(len(w.bytes)) / watching.Seconds()
	return nil
}
