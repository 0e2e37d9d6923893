// Package tui is the terminal interface: the screens Cluster, Habits, Advice and
// Probe over one set of facts and answers.
//
// The root model routes and the screens act: root alone holds the size, the
// active screen, the help overlay and what went wrong, and returns the
// [tea.View]; a screen returns a string. Facts are pulled from the survey, at
// most five times a second and only until it is done, and the probe's counters
// at most ten times a second and only while it runs, so that the interface can
// never slow either down, and a screen on which nothing moves writes nothing.
package tui

import (
	"context"
	"errors"
	"fmt"
	"io"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"kpadvisor/advisor"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/measure/tools"
)

// Options is what the interface runs on. Every interface may be nil: what it would do is
// then not offered.
type Options struct {
	Survey  Survey             // nil: there is no cluster
	Habits  advisor.Habits     // what was answered on the command line
	Command string             // gives the report on the same facts: "kpadvisor audit --context prod"
	Offline Offline            // what can be looked at where there is no cluster
	Engine  tools.Engine       // measures from this machine
	Lab     tools.LabBench     // of this machine
	Cluster tools.ClusterBench // what can be measured in the cluster
	Store   Store              // where reports and what was measured are saved
	// Measured is evidence from the command line.
	Measured advisor.Measured

	Style kit.Style
	// AskBackground: the terminal is asked whether its background is dark, and Style.Dark
	// holds until it answers, if it does.
	AskBackground bool

	In      io.Reader // the terminal
	Out     io.Writer
	Env     []string
	Version string // of this program
}

// Result is what the user leaves with.
type Result struct {
	Facts    advisor.Facts
	Habits   advisor.Habits
	Measured advisor.Measured // from the command line and from the Probe screen
	Advice   advisor.Advice
	Asked    bool             // at least one question was answered on the Habits screen
	Command  string           // gives the whole report on these facts and answers; empty where none does
	Drill    *lab.DrillResult // the last drill that saw anything; nil if there was none
	Probe    *probe.Result    // the last run that measured anything, partial if it was stopped; nil if there was none
}

// Run shows the interface until the user leaves it or ctx ends, and then
// restores the terminal; a run of the probe has ended when it returns. The
// result is valid also beside an error.
func Run(ctx context.Context, o Options) (Result, error) {
	m := newRoot(ctx, o)
	profile := colorprofile.Ascii
	switch {
	case o.Style.Color && o.Style.Rich:
		profile = colorprofile.TrueColor
	case o.Style.Color:
		profile = colorprofile.ANSI
	}
	g := &guard{model: m}
	program := tea.NewProgram(g,
		tea.WithContext(ctx), tea.WithInput(o.In), tea.WithOutput(o.Out), tea.WithEnvironment(o.Env),
		tea.WithColorProfile(profile), tea.WithFPS(30),
		tea.WithoutSignalHandler(), // signals end ctx
	)
	g.quit = program.Quit
	_, err := program.Run()
	result := m.session.result(o.Command)
	result.Probe, result.Drill = m.probe.Leave()
	switch {
	case g.defect != nil:
		return result, g.defect
	case ctx.Err() != nil:
		return result, context.Cause(ctx)
	case errors.Is(err, tea.ErrProgramPanic):
		return result, fmt.Errorf("the screen stopped because of a defect in kpadvisor: %w", err)
	case err != nil:
		return result, fmt.Errorf("could not show the screen: %w", err)
	}
	return result, nil
}

// tools are what the Probe screen measures with.
func (o Options) tools() tools.Tools {
	t := tools.Tools{Engine: o.Engine, Lab: o.Lab, Cluster: o.Cluster, Version: o.Version}
	if o.Store != nil { // an interface of nothing is not nothing
		t.Store = o.Store
	}
	return t
}
