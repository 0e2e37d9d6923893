package main

import (
	"context"
	"errors"
	"os"

	"kpadvisor/advisor/cluster/clustertest"
)

func nodes(ctx context.Context, b clustertest.Binaries) (*clustertest.Cluster, func() error, error) {
	n, err := clustertest.StartNodes(ctx, b, "iptables", "nftables")
	if err != nil {
		return nil, nil, err
	}
	if len(os.Args) > 2 {
		if err := n.Load(os.Args[2]); err != nil {
			return nil, nil, errors.Join(err, n.Stop())
		}
	}
	return n.Cluster, n.Stop, nil
}
