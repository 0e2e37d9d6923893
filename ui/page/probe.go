package page

import (
	"time"

	"kpadvisor/say"

	"kpadvisor/ui/evidence"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/probe"
)

// Probe is the report on one run of the measuring engine.
type Probe struct {
	Result  probe.Result
	Basis   probe.Phase    // the phase that the headline is about, see Basis
	Command string         // makes the same run again; empty if not known
	Problem *plain.Problem // why there is no result, or only a part of it; nil when all went well
	Voice   say.Voice      // what the report is said in
	Version string         // of this program; that of the program which measured is in the result
}

// Basis is the phase by which targets are compared unless the user wants another.
func Basis(r probe.Result) probe.Phase { return probe.Between(r.Series...) }

// Page lays out the report on a run, most important first.
func (p Probe) Page() Document {
	d := Document{Voice: p.Voice, About: p.about(), Problem: saidAgain(p.Voice, p.Problem)}
	if p.Empty() {
		return d
	}
	d.Title, d.Tone = p.headline()
	d.Sections = sections(p.Voice,
		p.targets(), p.times(), p.difference(), p.nodes(), p.control(), p.failures(), p.windows(), p.causes(), p.selfCheck(), p.ports(),
		p.notes(), p.environment(), p.again(),
	)
	return d
}

// Empty reports whether there is nothing to tell but the problem.
func (p Probe) Empty() bool { return len(p.Result.Series) == 0 }

// Mode is what the user said target i runs, as people write it; empty if
// nothing was said.
func (p Probe) Mode(i int) string {
	label := p.Result.Labels[[]string{evidence.LabelModeA, evidence.LabelModeB}[min(i, 1)]]
	if len(p.Result.Series) != 2 || label == "" {
		return ""
	}
	return Mode(p.Voice, advisor.Mode(label))
}

func (p Probe) about() []string {
	out := append(program(p.Version), p.Voice.Text("probe"))
	if p.Empty() {
		return out
	}
	return append(out, Moment(p.Result.Started), p.Result.Elapsed.Round(time.Millisecond).String())
}
