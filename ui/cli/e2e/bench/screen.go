//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// idle is how long a screen that has nothing to say is listened to.
const idle = 5 * time.Second

// shown is one run of the terminal interface.
type shown struct {
	frame  time.Duration // from start to the first frame
	totals time.Duration // from start to the totals on screen
	idle   float64       // bytes in a second, when the read is over and nobody types
}

// row prints what was measured beside what is aimed at.
func row[T any](what, unit string, all []T, value func(T) float64, aim string) {
	fmt.Printf("%-30s %-42s %s\n", what, summary(all, value).text(unit), aim)
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }

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
	row("first frame", "ms", all, func(s shown) float64 { return milliseconds(s.frame) }, "60 ms from the start of the process")
	row("totals on screen", "ms", all, func(s shown) float64 { return milliseconds(s.totals) }, "300 ms from a ready connection (measured from the start as well)")
	row("idle output", "B/s", all, func(s shown) float64 { return s.idle }, "0 B/s")
	return nil
}

// show runs it once, to the end of the read and through a quiet time.
func show(ctx context.Context, env []string, kpadvisor string) (out shown, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	s, err := begin(ctx, env, size{80, 24}, kpadvisor)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, s.end()) }()
	if out.frame, err = s.output.await(ctx, s.began, 0, "Cluster"); err != nil {
		return out, err
	}
	if out.totals, err = s.output.await(ctx, s.began, 0, "5,001"); err != nil {
		return out, err
	}
	if err := s.quiet(ctx, 2*time.Second); err != nil { // the read is over then
		return out, err
	}
	before := s.output.size()
	if err := sleep(ctx, idle); err != nil {
		return out, err
	}
	out.idle = float64(s.output.size()-before) / idle.Seconds()
	return out, nil
}
