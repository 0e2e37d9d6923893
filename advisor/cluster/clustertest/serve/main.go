// Command serve starts the large cluster of the tests, for make bench or for a
// look at it by hand; "serve nodes" starts one of two real nodes, node-a with
// kube-proxy in iptables mode and node-b in nftables mode, and "serve nodes
// ARCHIVE" loads an image there. It prints the path of a kubeconfig and the folder of the
// Kubernetes binaries, and stops the cluster when its standard input ends.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"kpadvisor/advisor/cluster/clustertest"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	start := large
	if len(os.Args) > 1 && os.Args[1] == "nodes" {
		start = nodes
	}
	if err := serve(ctx, start); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// starter starts a cluster, and says how to stop it.
type starter func(context.Context, clustertest.Binaries) (c *clustertest.Cluster, stop func() error, err error)

func large(ctx context.Context, b clustertest.Binaries) (*clustertest.Cluster, func() error, error) {
	c, err := clustertest.NewLarge(ctx, b)
	if err != nil {
		return nil, nil, err
	}
	return c, c.Stop, nil
}

func serve(ctx context.Context, start starter) (err error) {
	binaries, err := clustertest.FindBinaries()
	if err != nil {
		return err
	}
	c, stop, err := start(ctx, binaries)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	dir, err := os.MkdirTemp("", "kpadvisor-serve-")
	if err != nil {
		return fmt.Errorf("could not make a folder for the kubeconfig: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	kubeconfig := filepath.Join(dir, "kubeconfig")
	if err := clustertest.WriteKubeconfig(kubeconfig, "test", c.Admin); err != nil {
		return err
	}
	fmt.Println(kubeconfig)
	fmt.Println(binaries)

	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, os.Stdin)
		ended <- err
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return nil
	}
}
