package cli

import (
	"fmt"
	"strings"
	"time"

	"kpadvisor/plain"
	"kpadvisor/probe/incluster"
)

// creation is what a run from pods makes.
func (a *app) creation(spec incluster.Spec) creation {
	return creation{
		describe: func() { a.describeRun(spec) }, objects: spec.Objects(), rights: spec.Rights(), heavy: spec.Heavy(),
		namespace: spec.Namespace, role: incluster.RoleCommand,
	}
}

// describeRun says on stderr what the run is about.
func (a *app) describeRun(spec incluster.Spec) {
	v := a.voice
	for _, g := range spec.Pair.Groups() {
		fmt.Fprintln(a.err, v.Sprintf("%s: %s, kube-proxy mode %s", g.Name, plain.Text(strings.Join(g.Names(), ", ")), v.Said(plain.Text(orUnknown(g.Mode)))))
	}
	fmt.Fprintln(a.err, v.Said(plain.Text(spec.Pair.Why)))
	for _, d := range spec.Pair.Differ {
		fmt.Fprintln(a.err, v.Sprintf("Warning: A and B differ in the %s", v.Said(plain.Text(d))))
	}
	fmt.Fprintln(a.err, v.Sprintf("Load: %s.", v.Said(plain.Text(spec.Cap()))))
	for _, cost := range spec.Costs() {
		fmt.Fprintln(a.err, v.Sprintf("Note: %s", v.Said(plain.Text(cost))))
	}
	fmt.Fprintln(a.err, v.Sprintf("About %v once the pods have started; without this program they end after %v at the latest.", spec.Lasts().Round(time.Second), spec.Deadline().Round(time.Second)))
}

func orUnknown(mode string) string {
	if mode == "" {
		return "not known"
	}
	return mode
}
