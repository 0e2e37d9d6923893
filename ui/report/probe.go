package report

import (
	"io"
	"strings"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/ui/words"
)

// The labels of a probe's result that tell what ran behind its targets. The
// measuring engine keeps them and knows nothing of them.
const (
	LabelModeA    = "modeA"    // an advisor.Mode
	LabelModeB    = "modeB"    // an advisor.Mode
	LabelServices = "services" // programmed while measuring, in decimal
	LabelLab      = "lab"      // of which lab the targets are, in words; they are called as its modes then
	// LabelModesFrom tells who says so: ModesFromCluster, or without it the user.
	LabelModesFrom   = "modesFrom"
	ModesFromCluster = "cluster"
)

// Probe is the report on one run of the measuring engine.
type Probe struct {
	Result  probe.Result
	Basis   probe.Phase    // the phase that the headline is about, see Basis
	Command string         // makes the same run again; empty if not known
	Problem *plain.Problem // why there is no result, or only a part of it; nil when all went well
	Version string         // of this program; that of the program which measured is in the result
}

// Basis is the phase by which targets are compared unless the user wants another.
func Basis(r probe.Result) probe.Phase { return probe.Between(r.Series...) }

// ProbeText writes the result for a person, under the rules of [Text]. From 105
// columns on the times of two targets stand side by side.
func ProbeText(w io.Writer, p Probe, style Style) error {
	t := newText(style)
	t.paragraph(0, muted, strings.Join(p.about(), " · "))
	t.problem(p.Problem)
	if !p.empty() {
		t.b.WriteByte('\n')
		head, tone := p.headline()
		t.paragraph(0, tone, head)
		for _, s := range p.card(t.Width >= sideBySide) {
			t.section(s)
		}
	}
	return written(w, t.b.String())
}

// ProbeMarkdown writes the result for a ticket or a wiki page.
func ProbeMarkdown(w io.Writer, p Probe) error {
	m := &markdown{}
	head := "No result"
	if !p.empty() {
		head, _ = p.headline()
	}
	m.line("# %s\n", escape(head))
	m.line("%s", escape(strings.Join(p.about(), " · ")))
	m.problem(p.Problem)
	if !p.empty() {
		for _, s := range p.card(false) {
			m.section(s)
		}
	}
	return written(w, m.String())
}

// ProbeJSON writes the document of schema kpadvisor.probe/v1 (see the file in
// schema/), as probe.Write does: the file that shows the run again. Without a
// result it is a valid document that holds the problem.
func ProbeJSON(w io.Writer, p Probe) error {
	if !p.empty() {
		return probe.Write(w, p.Result)
	}
	return document(w, struct {
		Schema  string         `json:"schema"`
		Version string         `json:"version,omitempty"`
		Error   *plain.Problem `json:"error"`
	}{probe.Schema, p.Version, p.Problem})
}

// empty reports whether there is nothing to tell but the problem.
func (p Probe) empty() bool { return len(p.Result.Series) == 0 }

// mode is what the user said target i runs, as people write it; empty if
// nothing was said.
func (p Probe) mode(i int) string {
	label := p.Result.Labels[[]string{LabelModeA, LabelModeB}[min(i, 1)]]
	if len(p.Result.Series) != 2 || label == "" {
		return ""
	}
	return words.Mode(advisor.Mode(label))
}

func (p Probe) about() []string {
	out := []string{strings.TrimSpace("kpadvisor " + p.Version), "probe"}
	if p.empty() {
		return out
	}
	return append(out, p.Result.Started.UTC().Format(time.DateOnly+" 15:04 MST"), p.Result.Elapsed.Round(time.Millisecond).String())
}

// card lays out the report on a run, most important first.
func (p Probe) card(wide bool) []section {
	all := []section{p.targets()}
	all = append(all, p.times(wide)...)
	all = append(all, p.difference(), p.nodes(), p.control(), p.failures(), p.windows(), p.causes(), p.selfCheck(), p.ports(),
		p.notes(), p.environment(), p.again())
	var out []section
	for _, s := range all {
		if s.Title != "" {
			out = append(out, s)
		}
	}
	return out
}
