//go:build !linux

package lab

import (
	"context"
	"runtime"

	"kpadvisor/plain"
)

// Main does nothing: only Linux has network namespaces.
func Main() {}

func unsupported() error {
	return plain.Fail("the lab needs Linux: "+runtime.GOOS+" has no network namespaces",
		"run it on a Linux machine or in a Linux VM; probing two addresses and probing in the cluster work from here", nil)
}

func run(context.Context, do, Options, func(Event)) error { return unsupported() }

// Session cannot be started here.
type Session struct{}

// Start says that this system has no lab.
func Start(context.Context, Options) (*Session, error) { return nil, unsupported() }

// State is never called: there is no Session.
func (*Session) State() State { return State{} }

// Resize is never called: there is no Session.
func (*Session) Resize(int) error { return unsupported() }

// Stop is never called: there is no Session.
func (*Session) Stop() error { return unsupported() }

// Wait is never called: there is no Session.
func (*Session) Wait(context.Context) State { return State{} }

// Close is never called: there is no Session.
func (*Session) Close() {}

// DrillSession cannot be started here.
type DrillSession struct{ ended chan struct{} }

// StartDrill says that this system has no lab.
func StartDrill(context.Context, DrillOptions) (*DrillSession, error) { return nil, unsupported() }

// State is never called: there is no DrillSession.
func (*DrillSession) State() DrillState { return DrillState{} }

// Wait is never called: there is no DrillSession.
func (*DrillSession) Wait(context.Context) {}

// Close is never called: there is no DrillSession.
func (*DrillSession) Close() {}
