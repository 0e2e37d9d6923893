// Command serve starts the large cluster of the tests, for make bench or for a
// look at it by hand. It prints the path of a kubeconfig and the folder of the
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
	if err := serve(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(ctx context.Context) (err error) {
	binaries, err := clustertest.FindBinaries()
	if err != nil {
		return err
	}
	c, err := clustertest.NewLarge(ctx, binaries)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Stop()) }()
	dir, err := os.MkdirTemp("", "kpadvisor-serve-")
	if err != nil {
		return fmt.Errorf("could not make a folder for the kubeconfig: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	kubeconfig := filepath.Join(dir, "kubeconfig")
	if err := clustertest.WriteKubeconfig(kubeconfig, "large", c.Admin); err != nil {
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
