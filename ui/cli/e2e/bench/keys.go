//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// manyGroups is how many node groups, no two alike, a key is answered with.
const manyGroups = 2000

// presses is how often each screen is asked, in turn with the others.
const presses = 20

// settled is how long nothing is written once all that a key changes stands on the screen:
// what takes longer than a decision on that many groups is not waited for.
const settled = 500 * time.Millisecond

// keys prints how long a key takes until all that it changes is on the screen, on screens
// that list node groups.
func keys(ctx context.Context, rounds int, env []string, kpadvisor, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(rounds)*time.Minute)
	defer cancel()
	facts, err := manyFacts(ctx, kpadvisor, dir)
	if err != nil {
		return fmt.Errorf("could not make up a large cluster: %w", err)
	}
	screens := []struct{ name, open string }{{"Cluster", "1"}, {"Advice", "3"}, {"Explain", "3e"}}
	took := map[string][]time.Duration{}
	for range rounds {
		s, err := begin(ctx, env, size{80, 24}, kpadvisor, "--facts", facts)
		if err != nil {
			return err
		}
		for _, on := range screens {
			if err == nil {
				var all []time.Duration
				all, err = s.press(ctx, on.open)
				took[on.name] = append(took[on.name], all...)
			}
		}
		if err := errors.Join(err, s.end()); err != nil {
			return fmt.Errorf("could not measure a key: %w", err)
		}
	}
	for _, on := range screens {
		row(fmt.Sprintf("a key on %s, %d groups", on.name, manyGroups), "ms", took[on.name], milliseconds, "50 ms")
	}
	return nil
}

// press opens a screen and moves down and up on it: each time until what was drawn stands
// still.
func (s *session) press(ctx context.Context, open string) ([]time.Duration, error) {
	if _, err := s.output.await(ctx, s.began, 0, "Cluster"); err != nil {
		return nil, err
	}
	for _, key := range open {
		if _, err := s.terminal.WriteString(string(key)); err != nil {
			return nil, err
		}
		if err := s.quiet(ctx, settled); err != nil {
			return nil, err
		}
	}
	var all []time.Duration
	for i := range presses {
		from, pressed := s.output.count(), time.Now()
		if _, err := s.terminal.WriteString(string("jjk"[i%3])); err != nil {
			return nil, err
		}
		answered, err := s.answer(ctx, from, settled)
		if err != nil {
			return nil, err
		}
		all = append(all, answered[len(answered)-1].to.Sub(pressed))
	}
	return all, nil
}

// manyFacts are the node groups of a demo over and over, each with a kernel of its own.
func manyFacts(ctx context.Context, kpadvisor, dir string) (string, error) {
	text, err := exec.CommandContext(ctx, kpadvisor, "snapshot", "--demo", "mixed").Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) { // it was not read in full, which the exit code says
		return "", err
	}
	var snapshot struct {
		Schema string         `json:"schema"`
		Names  bool           `json:"names"`
		Facts  map[string]any `json:"facts"`
	}
	if err := json.Unmarshal(text, &snapshot); err != nil {
		return "", err
	}
	from, _ := snapshot.Facts["nodeGroups"].([]any)
	if len(from) == 0 {
		return "", errors.New("the demo has no node groups")
	}
	var groups []any
	for i := range manyGroups {
		g := map[string]any{}
		of, _ := from[i%len(from)].(map[string]any)
		for name, value := range of {
			g[name] = value
		}
		g["kernel"], g["nodes"] = fmt.Sprintf("5.%d.%d-%d-generic", 4+i%12, i%200, i), 1+i%7
		groups = append(groups, g)
	}
	snapshot.Facts["nodeGroups"] = groups
	out, err := json.Marshal(snapshot)
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "many.json")
	return file, os.WriteFile(file, out, 0o600)
}
