package report

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
	"kpadvisor/plain/plaintest"
	"kpadvisor/ui/page"
)

// changeCases are a request as advised, with evidence of each kind, one against the
// advice with none, and one that asks for nothing.
func changeCases(t *testing.T) map[string]page.Change {
	t.Helper()
	advised, against := large(t), large(t)
	advised.Measured = cases(t)["measured"].Measured
	advised.Measured.Drills = []advisor.Drill{{Kernel: "5.4.0-96-generic", Where: "drill in user-mode Linux, 2026-11-23", Rows: []advisor.DrillRow{{Config: reuse.Config{Mode: "ipvs", ExpireNodestConn: 1, Conntrack: 1}, Seen: reuse.StalePod, After: 659, Failed: 159, ToOldPod: 159}}}}
	back := advisor.Step{Title: "To go back", Text: "Write what ran before back.", Commands: []string{"kubectl apply -f kube-proxy-before.yaml"}}
	advised.Move = &advisor.Move{
		To: advisor.NFTables, Can: release.CanNo, Advised: true, Runbook: append(slices.Clone(advised.Advice.Runbook), back),
		Thresholds: []advisor.Threshold{
			{Watch: "Syncs that failed", Command: "curl -s 127.0.0.1:10249/metrics | grep failures_total", GoOn: "their number does not grow", Stop: "it has grown", Back: "it goes on growing", Source: "KEP-3866"},
			{Watch: "The first sync", Command: "curl -s 127.0.0.1:10249/metrics", GoOn: "it takes about 2 s (estimate)", Source: "measured"},
		},
	}
	against.Move = moving().Move
	against.Move.Thresholds = advised.Move.Thresholds[:1]
	return map[string]page.Change{
		"advised": {Audit: advised, Data: "{\n  \"schema\": \"kpadvisor.change/v1\"\n}"}, "against": {Audit: against, Named: true, Data: "{}"}, "none": {Audit: bare()},
	}
}

func changeFormats() map[string]func(io.Writer, page.Change) error {
	all := Writers[page.Change]{}
	return map[string]func(io.Writer, page.Change) error{"80.txt": all.in(Style{}), "120.txt": all.in(Style{Width: 120}), "md": all.markdown}
}

func TestChangeGolden(t *testing.T) { compareGoldens(t, "change-", changeCases(t), changeFormats()) }

func TestChangeWidths(t *testing.T) {
	checkWidths(t, Writers[page.Change]{}, changeCases(t), func(c page.Change, line string) bool {
		var all []string
		for _, s := range c.Page().Sections {
			for _, b := range s.Blocks {
				switch b := b.(type) {
				case page.Steps:
					for _, st := range b {
						all = append(all, st.Commands...)
					}
				case page.List:
					for _, it := range b {
						all = append(all, it.Commands...)
					}
				}
			}
		}
		return slices.ContainsFunc(all, func(command string) bool {
			return slices.ContainsFunc(plain.Lines(command), func(l string) bool { return strings.TrimSpace(l) == strings.TrimSpace(line) })
		})
	})
}

// TestChangeHostile: no string of a request gets out of its place.
func TestChangeHostile(t *testing.T) {
	listed := plaintest.NewChecker(t)
	for name, c := range changeCases(t) {
		c = hostileOf(c)
		for face, write := range map[string]func(io.Writer, page.Document) error{
			"text": func(w io.Writer, d page.Document) error { return Text(w, d, Style{}) }, "Markdown": Markdown, "HTML": HTML,
		} {
			var b bytes.Buffer
			if err := write(&b, c.Page()); err != nil {
				t.Fatal(err)
			}
			listed.Check(t, name+" as "+face, b.String())
			if !strings.Contains(b.String(), plaintest.Word) {
				t.Errorf("%s as %s: nothing hostile got into it", name, face)
			}
			if found := tags(b.String()); face == "HTML" && (slices.Contains(found, "b") || slices.Contains(found, "script")) {
				t.Errorf("%s: an element came of a string", name)
			}
		}
	}
}
