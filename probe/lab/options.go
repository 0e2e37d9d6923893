package lab

import (
	"errors"
	"fmt"
	"time"

	"kpadvisor/probe"
	"kpadvisor/probe/lab/rules"
)

// Where a lab runs.
type Where string

// Here is this machine's kernel; UML is a user-mode Linux booted for the lab,
// which has IPVS where this kernel has not.
const (
	Here Where = ""
	UML  Where = "uml"
)

// Options say what the lab builds and how long it measures.
type Options struct {
	In Where `json:"in,omitempty"`
	// UMLKernel is the path of the user-mode Linux to boot with UML; empty:
	// Debian's linux.uml, found on PATH. That one has no nftables for IPv4.
	UMLKernel string `json:"umlKernel,omitempty"`

	Modes []Mode      `json:"modes,omitempty"` // none: all that can run here
	Shape rules.Shape `json:"shape"`
	Sizes []int       `json:"sizes,omitempty"` // Services of each step of a Sweep; Run and Start use Shape.Services

	Builds int    `json:"builds,omitempty"` // of each mode and size, each with a new order of rules; 0: 3, for one size 6
	Rounds int    `json:"rounds,omitempty"` // blocks per build, position and load; 0: 8
	Block  int    `json:"block,omitempty"`  // connections per hot block; 0: 200, in user-mode Linux 100
	Cold   Pacing `json:"cold,omitzero"`

	// Position and Plan are for a Session: where among the Services its target
	// is, and how it is measured; Kind is what is done with a connection.
	Position rules.Position `json:"position,omitempty"` // empty: Random
	Plan     probe.Plan     `json:"plan"`
	Kind     probe.Kind     `json:"kind,omitempty"` // empty: probe.HTTP

	// MaxProgram bounds the time a mode may need to program one size; 0: 20 s, in
	// user-mode Linux a minute.
	// A mode that took longer at one size, or is expected to at the next, is
	// left out from there on, and the result says so.
	MaxProgram time.Duration `json:"maxProgram,omitempty"`

	Notes []string `json:"notes,omitempty"` // of the caller, for the Environment of the Result
}

// Quick is a sweep of three sizes, in about a minute (in user-mode Linux about
// six): a mode that would take most of it for itself is left out.
func (o Options) Quick() Options {
	o.Sizes, o.Rounds, o.MaxProgram = QuickSizes(), 5, 8*time.Second
	if o.In == UML {
		o.MaxProgram = 35 * time.Second
	}
	return o
}

// SweepSizes are the guide's six counts and 10,000.
func SweepSizes() []int { return []int{100, 500, 1000, 2000, 3000, 4000, 10_000} }

// QuickSizes are three of them.
func QuickSizes() []int { return []int{100, 1000, 4000} }

// withDefaults fills what was left zero.
func (o Options) withDefaults() Options {
	if len(o.Modes) == 0 {
		o.Modes = Modes()
	}
	if len(o.Sizes) == 0 {
		o.Sizes = []int{o.Shape.Services}
	}
	if o.Builds == 0 {
		o.Builds = 3
		if len(o.Sizes) == 1 { // which no other size helps to an interval
			o.Builds = 6
		}
	}
	if o.Rounds == 0 {
		o.Rounds = 8
	}
	o.Cold = o.Cold.withDefaults()
	block, limit := 200, 20*time.Second
	if o.In == UML { // where everything takes several times as long
		block, limit = 100, time.Minute
	}
	if o.Block == 0 {
		o.Block = block
	}
	if o.MaxProgram == 0 {
		o.MaxProgram = limit
	}
	if o.Shape.RulesPerPort == 0 {
		o.Shape.RulesPerPort = 1
	}
	if o.Position == "" {
		o.Position = rules.Random
	}
	if o.Kind == "" {
		o.Kind = probe.HTTP
	}
	return o
}

// Validate says in one sentence what cannot be built. Defaults count as given.
func (o Options) Validate() error {
	o = o.withDefaults()
	if o.In != Here && o.In != UML {
		return fmt.Errorf("%q is no place for the lab: it runs here or in uml", o.In)
	}
	if o.UMLKernel != "" && o.In != UML {
		return errors.New("a user-mode Linux kernel is named, and the lab is to run here")
	}
	for _, m := range o.Modes {
		if !known(m) {
			return fmt.Errorf("%q is no mode of the lab: it has %v", m, Modes())
		}
	}
	for _, n := range o.Sizes {
		shape := o.Shape
		shape.Services = n
		if err := shape.Validate(); err != nil {
			return err
		}
	}
	if o.Rounds < 2 || o.Rounds > 1000 || o.Block < 10 || o.Block > 5000 {
		return errors.New("the lab takes 2 to 1,000 rounds of 10 to 5,000 connections")
	}
	if o.Builds < 1 || o.Builds > MaxBuilds {
		return fmt.Errorf("%d builds of a size: the lab takes 1 to %d", o.Builds, MaxBuilds)
	}
	return o.Cold.Validate()
}
