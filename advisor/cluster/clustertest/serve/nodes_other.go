//go:build !linux

package main

import (
	"context"
	"errors"

	"kpadvisor/advisor/cluster/clustertest"
)

func nodes(context.Context, clustertest.Binaries) (*clustertest.Cluster, func() error, error) {
	return nil, nil, errors.New("nodes run on Linux alone")
}
