package cluster

import (
	"context"
	"fmt"
	"sync/atomic"

	"kpadvisor/apiserver"
)

// list is a collection to read.
type list struct {
	what string // "Services", for the progress line and the coverage
	apiserver.List
}

// resource returns the list of a resource in one namespace, or in all if
// namespace is empty.
func resource(what, group, version, namespace, kind string) list {
	l := list{what: what}
	l.Resource = apiserver.Resource{Group: group, Version: version, Namespace: namespace, Kind: kind}
	return l
}

// progress is how far a list has come. A screen reads it while the list is read.
type progress struct {
	read  atomic.Int64
	total atomic.Int64 // objects there are, 0 if the server does not say
}

// readAll lists l and hands every object to each, in the same T each time: each must
// copy what it keeps. p counts what was read, also when the end is an error.
func readAll[T any](ctx context.Context, c *Client, l list, p *progress, each func(*T)) error {
	_, err := apiserver.Walk(ctx, c.api, l.List, func(o *T) {
		p.read.Add(1)
		each(o)
	}, func(left int64) {
		if left >= 0 {
			p.total.Store(p.read.Load() + left)
		}
	})
	if err != nil {
		return fmt.Errorf("listing %s: %w", l.what, err)
	}
	return nil
}
