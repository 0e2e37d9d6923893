package clustertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"kpadvisor/probe/incluster/image"
)

// images makes the archives that every node gets.
func (n *Nodes) images(ctx context.Context) error {
	root, err := ModuleRoot()
	if err != nil {
		return err
	}
	pause := filepath.Join(n.dir, "pause")
	build := exec.CommandContext(ctx, "go", "build", "-o", pause, "./advisor/cluster/clustertest/pause")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if _, err := output(build); err != nil {
		return fmt.Errorf("could not build pause: %w", err)
	}
	for _, i := range []struct{ name, program, path string }{
		{pauseImage, "pause", pause},
		{n.proxyImage(), "kube-proxy", n.Binaries.Path("kube-proxy")},
	} {
		if err := writeImage(filepath.Join(n.dir, i.program+".tar"), image.Image{Name: i.name, Program: i.program, Binaries: []image.Binary{{OS: "linux", Arch: "amd64", Path: i.path}}}); err != nil {
			return err
		}
	}
	return nil
}

const pauseImage = "registry.test/pause:1"

// proxyImage carries the version, as everywhere.
func (n *Nodes) proxyImage() string {
	v, err := n.Client.Discovery().ServerVersion()
	if err != nil {
		return "registry.test/kube-proxy:unknown"
	}
	return "registry.test/kube-proxy:" + v.GitVersion
}

func writeImage(path string, i image.Image) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("could not make an image: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return image.Write(context.Background(), f, i)
}

// Load puts an image archive on every node.
func (n *Nodes) Load(archive string) error {
	return atOnce(n.Nodes, func(node *Node) error { return node.load(archive) })
}
