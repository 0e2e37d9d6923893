//go:build !linux

package clustertest

import (
	"context"
	"net"
)

// place is here: only Linux has namespaces.
type place struct{}

func (*place) thread(fn func(enter error)) { go fn(nil) }

func (*place) dial(ctx context.Context, address string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "tcp", address)
}
