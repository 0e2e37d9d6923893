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
	"kpadvisor/ui/state"
	"kpadvisor/ui/tui/measure/tools"
)

// Options is what the interface runs on. Every interface may be nil: what it would do is
// then not offered.
type Options struct {
	Source                  // what is looked at first
	Contexts Contexts       // what else there is to read, and that again; nil: nothing
	Offline  Offline        // what can be looked at where there is no cluster
	Habits   advisor.Habits // what was answered on the command line, for what is looked at first or without a cluster
	Lab      tools.LabBench // of this machine
	Store    Store          // where reports and what was measured are saved
	State    state.Store    // where answers are kept from one run to the next
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

	deciders // advisor's own
}

// Result is what the user leaves with.
type Result struct {
	Facts    advisor.Facts
	Habits   advisor.Habits
	Measured advisor.Measured // from the command line and from the Probe screen
	Advice   advisor.Advice
	Asked    bool                 // at least one question was answered on the Habits screen
	Earlier  bool                 // habits are among those that were answered in an earlier run
	Command  string               // gives the whole report on these facts and answers; empty where none does
	NotKept  error                // why answers could not be kept; nil if nothing is wrong
	Reports  []advisor.NodeReport // what nodes said that were asked on the screens; in the facts
	Survey   Survey               // that brought the facts, which has ended; nil if there was none
	Drills   []lab.DrillResult    // of each cluster that was looked at the last drill that saw anything
	Probes   []probe.Result       // and the last run that measured anything, partial if it was stopped
}

// Run shows the interface until the user leaves it or ctx ends, and then
// restores the terminal; a run of the probe has ended when it returns. The
// result is valid also beside an error.
func Run(ctx context.Context, o Options) (Result, error) {
	whole, cancel := context.WithCancel(ctx)
	defer cancel()
	m := newRoot(whole, o)
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
	result := m.leave(cancel)
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
func (o Options) tools(of Source) tools.Tools {
	t := tools.Tools{Engine: of.Engine, Lab: o.Lab, Cluster: of.Cluster, Version: o.Version}
	if o.Store != nil { // an interface of nothing is not nothing
		t.Store = o.Store
	}
	return t
}
