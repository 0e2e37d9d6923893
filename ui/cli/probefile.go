package cli

import (
	"bytes"
	"context"

	"kpadvisor/probe"
)

// readResult reads what --save wrote.
func (a *app) readResult(ctx context.Context, file string) (probe.Result, error) {
	var r probe.Result
	text, err := a.input(ctx, file)
	if err == nil {
		r, err = probe.Read(bytes.NewReader(text))
	}
	if err != nil {
		err = unwrapAll(err)
	}
	return r, unread(ctx, err, "The result %s cannot be used: %s.", file, "Write one with \"kpadvisor probe A B --save FILE\".")
}
