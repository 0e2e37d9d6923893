package cli

import (
	"bytes"
	"context"
	"encoding/json"

	"kpadvisor/advisor"
	"kpadvisor/files"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/ui/evidence"
)

// readMeasured turns saved results of probes, sweeps and drills into evidence.
func readMeasured(ctx context.Context, names []string) (advisor.Measured, error) {
	return readEvidence(ctx, names, true)
}

// readEvidence is readMeasured that can leave out the names of what was measured.
func readEvidence(ctx context.Context, names []string, named bool) (advisor.Measured, error) {
	var m advisor.Measured
	for _, name := range names {
		text, err := files.Read(ctx, name, maxInput)
		if err == nil {
			err = addMeasured(&m, text, named)
		} else {
			err = unwrapAll(err)
		}
		if err != nil {
			return m, unread(ctx, err, "The result %s is no evidence: %s.", name,
				"Save one with \"kpadvisor lab sweep --save FILE\", with \"kpadvisor lab drill --save FILE\", or with \"kpadvisor probe A B --rate 100 --mode-a MODE --mode-b MODE --services N --save FILE\"; --from takes the place of A and B for a run that was made already.")
		}
	}
	return m, nil
}

// addMeasured adds one document, a sweep's or a drill's if it says so and a probe's
// otherwise.
func addMeasured(m *advisor.Measured, text []byte, named bool) error {
	var head struct {
		Schema string `json:"schema"`
	}
	_ = json.Unmarshal(text, &head) // what is wrong with it is said below
	switch head.Schema {
	case lab.Schema:
		r, err := lab.Read(bytes.NewReader(text))
		if err != nil {
			return unwrapAll(err)
		}
		if !named {
			r = evidence.UnnamedSweep(r)
		}
		found, err := evidence.OfSweep(r)
		m.BreakEvens = append(m.BreakEvens, found...)
		return err
	case lab.DrillSchema:
		r, err := lab.ReadDrill(bytes.NewReader(text))
		if err != nil {
			return unwrapAll(err)
		}
		if !named {
			r = evidence.UnnamedDrill(r)
		}
		found, err := evidence.OfDrill(r)
		m.Drills = append(m.Drills, found)
		return err
	}
	r, err := probe.Read(bytes.NewReader(text))
	if err != nil {
		return unwrapAll(err)
	}
	if !named {
		r = evidence.Unnamed(r)
	}
	found, err := evidence.OfRun(r)
	m.Comparisons = append(m.Comparisons, found...)
	return err
}
