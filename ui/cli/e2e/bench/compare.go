//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// command is what is measured.
type command struct {
	name string
	env  []string
	argv []string
}

// run is one run of a command.
type run struct {
	wall time.Duration
	peak int64 // memory, bytes
}

// measure runs the command once with its output thrown away.
func (c command) measure(ctx context.Context) (run, error) {
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	cmd.Env = c.env
	began := time.Now()
	err := cmd.Run()
	wall := time.Since(began)
	var exit *exec.ExitError
	// kpadvisor's advice is its exit code: 1 and 2 alone mean that it did not get there.
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() < 3) {
		return run{}, fmt.Errorf("%s failed: %w", c.name, err)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return run{}, errors.New("this system does not tell the peak memory of a process")
	}
	peak := int64(usage.Maxrss) // KiB, but bytes on darwin
	if runtime.GOOS == "linux" {
		peak *= 1024
	}
	return run{wall, peak}, nil
}

// compare runs both commands in turn and prints medians, ranges and ratios.
func compare(ctx context.Context, rounds int, ours, theirs command) error {
	var runs [2][]run
	for round := range rounds + 1 {
		for i, c := range []command{ours, theirs} {
			r, err := c.measure(ctx)
			if err != nil {
				return err
			}
			if round > 0 { // the first of each warms the page cache and the server's
				runs[i] = append(runs[i], r)
			}
		}
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round, rounds)
	}
	wall := func(r run) float64 { return r.wall.Seconds() }
	peak := func(r run) float64 { return float64(r.peak) / (1 << 20) }

	fmt.Printf("%d runs of each in turn, %s, %s/%s, %d CPUs, load average %s; median (lowest to highest)\n\n",
		rounds, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), load())
	fmt.Printf("%-22s %-24s %-24s %-8s %s\n", "", ours.name, theirs.name, "ratio", "aim")
	row := func(what, unit string, value func(run) float64, aim string) {
		a, b := summary(runs[0], value), summary(runs[1], value)
		fmt.Printf("%-22s %-24s %-24s %-8s %s\n", what, a.text(unit), b.text(unit), fmt.Sprintf("1/%.1f", b.median/a.median), aim)
	}
	row("wall time", "s", wall, "1/5 or less")
	row("peak memory", "MiB", peak, "1/6 or less, and 64 MiB")
	return nil
}

// load is how busy the machine is besides, which no median takes out.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(b), " ")
	return one
}

type spread struct{ low, median, high float64 }

func summary[T any](all []T, value func(T) float64) spread {
	var v []float64
	for _, one := range all {
		v = append(v, value(one))
	}
	slices.Sort(v)
	return spread{v[0], (v[(len(v)-1)/2] + v[len(v)/2]) / 2, v[len(v)-1]}
}

func (s spread) text(unit string) string {
	return fmt.Sprintf("%.3g %s (%.3g to %.3g)", s.median, unit, s.low, s.high)
}
