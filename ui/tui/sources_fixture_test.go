package tui

import (
	"context"
	"errors"

	"kpadvisor/advisor"
	"kpadvisor/say"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/measure/measuretest"
)

// fakeSurvey reads what a test says.
type fakeSurvey func() advisor.Reading

func (f fakeSurvey) Reading() advisor.Reading { return f() }

func (fakeSurvey) Explain(error) (string, string) {
	return "The API server at https://10.0.0.1:6443 does not answer.", "Check that the VPN is up, or name another context with --context."
}

// surveyed are options with that survey.
func surveyed(reading func() advisor.Reading) Options { return Options{Survey: fakeSurvey(reading)} }

// fakeOffline has one demo, takes counts that have Services, and knows one file.
type fakeOffline struct{}

func (fakeOffline) Demos() []advisor.Facts {
	demo := mixedFacts()
	demo.Origin, demo.Name = advisor.FromDemo, "mixed"
	return []advisor.Facts{demo}
}

func (fakeOffline) Typed(services, _, _, _, _, _ string) (advisor.Facts, error) {
	if services == "" {
		return advisor.Facts{}, errors.New("the number of Services is missing")
	}
	f := mixedFacts()
	f.Origin, f.Name = advisor.FromTyped, ""
	return f, nil
}

func (fakeOffline) Open(_ context.Context, path string) (advisor.Facts, error) {
	if path != "facts.json" {
		return advisor.Facts{}, errors.New("no such file: " + path)
	}
	f := mixedFacts()
	f.Origin, f.Name = advisor.FromSnapshot, ""
	return f, nil
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
