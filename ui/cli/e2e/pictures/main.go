//go:build unix

// Command pictures takes the pictures of README: of the real program in a real
// terminal, as SVG (make pictures). It needs tmux.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
)

// scene is a picture: how the program is started, what is pressed, and what shows that
// it has been drawn.
type scene struct {
	name          string
	width, height int
	light         bool
	args          []string
	keys          []string
	until         []string // one for the start, one for each key
}

// scenes are those that README shows.
func scenes() []scene {
	demo := []string{"--demo", "mixed"}
	return []scene{
		{name: "cluster", width: 100, height: 30, args: demo, until: []string{"kubeadm"}},
		{name: "habits", width: 80, height: 24, light: true, args: demo, keys: []string{"2", "Down"}, until: []string{"kubeadm", "of 7", "With this answer"}},
		{name: "advice", width: 120, height: 40, args: demo, keys: []string{"3"}, until: []string{"kubeadm", "break-even in the UK8S guide"}},
		{name: "advice-light", width: 80, height: 24, light: true, args: demo, keys: []string{"3"}, until: []string{"kubeadm", "confidence"}},
	}
}

func main() {
	to := flag.String("o", "docs/pictures", "folder for the pictures")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	if err := take(ctx, *to); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// take builds the program and takes every picture.
func take(ctx context.Context, to string) (err error) {
	dir, err := os.MkdirTemp("", "kpadvisor-pictures-")
	if err != nil {
		return fmt.Errorf("could not make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	binary := filepath.Join(dir, "kpadvisor")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, ".")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("could not build kpadvisor: %w", err)
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return fmt.Errorf("could not make a folder: %w", err)
	}
	for _, s := range scenes() {
		text, err := s.play(ctx, binary, filepath.Join(dir, s.name))
		if err != nil {
			return fmt.Errorf("picture %s: %w", s.name, err)
		}
		path := filepath.Join(to, s.name+".svg")
		if err := os.WriteFile(path, picture(text, s.width, s.height, s.light), 0o644); err != nil {
			return fmt.Errorf("picture %s: %w", s.name, err)
		}
		fmt.Println(path)
	}
	return nil
}
