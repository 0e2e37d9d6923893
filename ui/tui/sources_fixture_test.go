package tui

import (
	"context"
	"errors"

	"kpadvisor/advisor"
	"kpadvisor/say"
	"kpadvisor/ui/kit/form"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/measure/measuretest"
)

// fakeSurvey reads what a test says.
type fakeSurvey func() advisor.Reading

func (f fakeSurvey) Reading() advisor.Reading { return f() }

func (fakeSurvey) Explain(error) (string, string) {
	return "The API server at https://10.0.0.1:6443 does not answer in time.", "Check the VPN, proxy and firewall between here and the server, and the server address of the context."
}

func (fakeSurvey) Stop() {}

// surveyed are options with that survey.
func surveyed(reading func() advisor.Reading) Options {
	return Options{Source: Source{Survey: fakeSurvey(reading), Command: "kpadvisor audit"}}
}

// fakeOffline has one demo, takes counts that have Services, and knows one file.
type fakeOffline struct{}

func (fakeOffline) Demos() []Source {
	demo := mixedFacts()
	demo.Origin, demo.Name = advisor.FromDemo, "mixed"
	return []Source{{Survey: Fixed(demo), Command: "kpadvisor audit --demo mixed"}}
}

func (fakeOffline) Typed(services, _, _, _, _, _ string) (Source, error) {
	if services == "" {
		return Source{}, form.FieldError{Err: errors.New(`the number of Services "" is not a whole number`)}
	}
	f := mixedFacts()
	f.Origin, f.Name = advisor.FromTyped, ""
	return Source{Survey: Fixed(f)}, nil
}

func (fakeOffline) Open(_ context.Context, path string) (Source, error) {
	if path != "facts.json" {
		return Source{}, errors.New("no such file: " + path)
	}
	f := mixedFacts()
	f.Origin, f.Name = advisor.FromSnapshot, ""
	return Source{Survey: Fixed(f), Command: "kpadvisor audit --facts " + path}, nil
}

// fakeStore has room for everything.
type fakeStore struct{ measuretest.Store }

func (fakeStore) SaveReport(_ func(say.Voice) page.Audit, name string) (string, error) {
	return "/tmp/" + name, nil
}

// noted is a store that shows a test what it keeps.
type noted struct {
	fakeStore
	report func(doc page.Audit, name string) (string, error)
}

func (n noted) SaveReport(doc func(say.Voice) page.Audit, name string) (string, error) {
	return n.report(doc(say.Voice{}), name)
}
