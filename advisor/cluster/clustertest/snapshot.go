package clustertest

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// largeSource is part of the name of the large cluster's saved data: data made
// by another large.go is never used.
//
//go:embed large.go
var largeSource []byte

// NewLarge starts the cluster of SeedLarge; the caller stops it. Seeding takes about a minute, so etcd's
// data is kept beside the binaries and copied from there the next time.
func NewLarge(ctx context.Context, b Binaries) (*Cluster, error) {
	hash := sha256.Sum256(largeSource)
	data := fmt.Sprintf("%s-large-%s", b, hex.EncodeToString(hash[:8]))
	if err := keepLarge(ctx, b, data); err != nil {
		return nil, fmt.Errorf("could not make the large cluster: %w", err)
	}
	return newCluster(ctx, b, data)
}

// keepLarge makes the saved data where it is missing, in one process at a time.
func keepLarge(ctx context.Context, b Binaries, data string) (err error) {
	lock, err := os.Create(data + ".lock")
	if err != nil {
		return fmt.Errorf("could not make the lock: %w", err)
	}
	defer func() { _ = lock.Close() }() // closing gives the lock back
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("could not take the lock: %w", err)
	}
	if _, err := os.Stat(data); err == nil {
		return nil
	}
	c, err := newCluster(ctx, b, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Stop()) }()
	if err := SeedLarge(ctx, c.Admin); err != nil {
		return err
	}
	c.api.stop()
	c.etcd.stop() // etcd's files are whole once it has ended
	half := data + ".half"
	if err := os.RemoveAll(half); err != nil {
		return fmt.Errorf("could not remove an earlier attempt: %w", err)
	}
	if err := copyTree(half, filepath.Join(c.dir, "data")); err != nil {
		return fmt.Errorf("could not keep etcd's data: %w", err)
	}
	return os.Rename(half, data)
}

// copyTree copies the files of folder from into the new folder to.
func copyTree(to, from string) error {
	return os.CopyFS(to, os.DirFS(from))
}
