//go:build unix

// Command bench measures kpadvisor beside kubectl on a cluster of 5,000 Services and
// 100,000 endpoints, and its screens on that and without a cluster (make bench). It judges nothing: it prints what it
// measured beside what is aimed at.
//
// It links next to nothing on purpose. A process starts its life with the peak
// memory of the one that started it, so this one must stay small: it leaves the
// API server, and all that seeding needs, to the command serve.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	rounds := flag.Int("rounds", 7, "runs of each command, in turn")
	without := flag.Bool("offline", false, "only what needs no cluster: the live screen, and keys on a large one")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	if err := bench(ctx, *rounds, *without); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, rounds int, without bool) (err error) {
	dir, err := os.MkdirTemp("", "kpadvisor-bench-")
	if err != nil {
		return fmt.Errorf("could not make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	kpadvisor, serve := filepath.Join(dir, "kpadvisor"), filepath.Join(dir, "serve")
	for binary, pkg := range map[string]string{kpadvisor: ".", serve: "./advisor/cluster/clustertest/serve"} {
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, pkg)
		build.Env, build.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("could not build %s: %w", pkg, err)
		}
	}
	if without {
		return offline(ctx, rounds, dir, kpadvisor)
	}
	fmt.Fprintln(os.Stderr, "starting the API server (the first time it is filled, which takes a minute)")
	cluster, err := start(ctx, serve)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cluster.stop()) }()

	env := append(os.Environ(), "KUBECONFIG="+cluster.kubeconfig, "HOME="+dir, "LANG=C.UTF-8")
	audit := command{"kpadvisor audit", env, []string{kpadvisor, "audit", "-o", "json", "--connections", "short"}}
	get := command{"kubectl get -o json", env, []string{
		filepath.Join(cluster.binaries, "kubectl"), "get", "services,endpointslices,nodes", "-A", "-o", "json",
	}}
	if err := compare(ctx, rounds, audit, get); err != nil {
		return err
	}
	fmt.Println()
	if err := screen(ctx, rounds, env, kpadvisor); err != nil {
		return err
	}
	return offline(ctx, rounds, dir, kpadvisor)
}

// offline is what needs no cluster.
func offline(ctx context.Context, rounds int, dir, kpadvisor string) error {
	env := append(os.Environ(), "KUBECONFIG=/dev/null", "HOME="+dir, "LANG=C.UTF-8")
	if err := live(ctx, rounds, env, kpadvisor); err != nil {
		return err
	}
	return keys(ctx, rounds, env, kpadvisor, dir)
}

// cluster is the command serve, running.
type cluster struct {
	kubeconfig, binaries string
	stop                 func() error
}

func start(ctx context.Context, serve string) (cluster, error) {
	cmd := exec.CommandContext(ctx, serve)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return cluster{}, fmt.Errorf("could not make a pipe: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return cluster{}, fmt.Errorf("could not make a pipe: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return cluster{}, fmt.Errorf("could not start the cluster: %w", err)
	}
	c := cluster{stop: func() error { return errors.Join(in.Close(), cmd.Wait()) }}
	lines := bufio.NewReader(out)
	for _, field := range []*string{&c.kubeconfig, &c.binaries} {
		line, err := lines.ReadString('\n')
		if err != nil {
			return c, fmt.Errorf("the cluster did not start: %w", errors.Join(err, c.stop()))
		}
		*field = strings.TrimSpace(line)
	}
	return c, nil
}
