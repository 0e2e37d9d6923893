//go:build !linux

package agent

import (
	"context"
	"errors"
	"io"
)

// Write fails: a node with kube-proxy runs Linux.
func Write(context.Context, io.Writer, Options) error {
	return errors.New("only a node that runs Linux can be read")
}
