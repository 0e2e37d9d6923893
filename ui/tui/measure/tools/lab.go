package tools

import (
	"context"

	"kpadvisor/probe/lab"
)

// LabBench is where kube-proxy's modes are measured on this machine.
type LabBench interface {
	// Check says which modes cannot run here; an error means none can.
	Check(ctx context.Context, o lab.Options) (lab.Environment, []lab.Missing, error)
	// Start starts a lab, which ends with ctx or by Close.
	Start(ctx context.Context, o lab.Options) (Lab, error)
	// Drill starts a drill of issue 81775, which ends by itself, with ctx or by Close.
	Drill(ctx context.Context, o lab.DrillOptions) (Drill, error)
}

// Lab is a lab that was started; [*lab.Session] is the real one.
type Lab interface {
	State() lab.State                   // at once, any time
	Resize(services int) error          // measures anew at another size; what is there stays
	Stop() error                        // ends what is being measured; the State's Result is what there is of it
	Wait(ctx context.Context) lab.State // until it is measured, or has failed, or was stopped
	Close()                             // nothing is left when it returns
}

// Drill is a drill that was started; [*lab.DrillSession] is the real one.
type Drill interface {
	State() lab.DrillState    // at once, any time, also after Close
	Wait(ctx context.Context) // until it is over
	Close()                   // nothing is left when it returns
}
