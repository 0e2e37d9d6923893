package report

import (
	"io"
	"path/filepath"
	"testing"

	"kpadvisor/ui/page"

	"kpadvisor/probe"
)

func runsCases() map[string]page.Runs {
	spread := func(centre, reach, between, within float64, runs int) probe.Spread {
		s := probe.Spread{Runs: runs, CentreNs: centre, Bounded: runs > 1, BetweenNs: between, WithinNs: within, Confidence: 0.95, Method: probe.StudentT}
		if s.Bounded {
			s.LowNs, s.HighNs = centre-reach, centre+reach
		}
		if runs >= probe.MinBlocks {
			s.Method = probe.OrderStatistics
		}
		return s
	}
	second := []probe.Spread{spread(41_200, 900, 800, 200, 5), spread(31_100, 700, 500, 200, 5), spread(10_100, 800, 700, 300, 5)}
	one := probe.Runs{
		Schema: probe.RunsSchema, Phase: "handshake", A: []string{"a1.json", "a2.json", "a3.json", "a4.json", "a5.json", "a6.json"},
		Rows: []probe.RunsRow{
			{What: "A", A: spread(43_000, 1_500, 1_300, 200, 6)},
			{What: "B", A: spread(31_000, 600, 500, 200, 6)},
			{What: "A - B", Difference: true, Detected: true, A: spread(12_000, 1_900, 1_700, 300, 6)},
		},
		Warnings: []string{"a7.json is left out: its self-check failed"},
	}
	two := one
	two.B, two.Warnings = []string{"b1.json", "b2.json", "b3.json", "b4.json", "b5.json"}, nil
	two.Rows = nil
	for i, row := range one.Rows {
		row.B, row.DiffNs, row.P, row.Detected = &second[i], row.A.CentreNs-second[i].CentreNs, 0.0173, i != 1
		if i == 1 {
			row.P = 0.61
		}
		two.Rows = append(two.Rows, row)
	}
	single := probe.Runs{Schema: probe.RunsSchema, Phase: "connect", A: []string{"a1.json"}, Rows: []probe.RunsRow{{What: "A", A: spread(57_000, 0, 0, 900, 1)}}}
	none := one
	none.Rows = []probe.RunsRow{{What: "A - B", Difference: true, A: spread(200, 1_900, 1_700, 300, 6)}}
	return map[string]page.Runs{"one": {Runs: one, Version: "v0.1.0"}, "two": {Runs: two, Version: "v0.1.0"}, "single": {Runs: single, Version: "v0.1.0"}, "none": {Runs: none, Version: "v0.1.0"}}
}

func TestRunsGolden(t *testing.T) {
	compareGoldens(t, "runs-", runsCases(), goldenFormats(ManyRuns()))
}

func TestNoRunsLineIsWiderThanThePage(t *testing.T) {
	checkWidths(t, ManyRuns(), runsCases(), func(page.Runs, string) bool { return false })
}

func TestRunsFitTheSchema(t *testing.T) {
	const schema = "runs-v1.schema.json"
	docs := map[string]any{}
	for name := range runsCases() {
		docs[name] = readJSON(t, filepath.Join("testdata", "runs-"+name+".json"))
	}
	fitsSchema(t, schema, docs)
	schemaRefuses(t, schema, filepath.Join("testdata", "runs-two.json"), map[string]func(map[string]any){
		"another schema": func(d map[string]any) { d["schema"] = "kpadvisor.probe/v1" },
		"no rows":        func(d map[string]any) { delete(d, "rows") },
	})
}

func TestRunsHostileStrings(t *testing.T) {
	r := runsCases()["one"]
	r.Runs.A = []string{hostile}
	r.Runs.Warnings = []string{hostile}
	r.Runs.Rows[0].What = hostile
	checkHostile(t, map[string]func(io.Writer, page.Runs) error{"text": ManyRuns().in(Style{}), "md": ManyRuns().markdown}, r)
}
