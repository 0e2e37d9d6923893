package page

import (
	"slices"
	"time"

	"kpadvisor/say"

	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
	"kpadvisor/probe/lab"
)

// DrillScope stands in every report on a drill.
const DrillScope = "A drill holds for this kernel: nodes with another one keep the answer of the decision table."

// Drill is the report on a drill of issue 81775.
type Drill struct {
	Result  lab.DrillResult
	Of      map[string][]string // by configuration, in words: whose it is in the cluster that the drill was made like
	Problem *plain.Problem      // why there is no result, or only a part of it; nil when all went well
	Voice   say.Voice           // what the report is said in
	Version string              // of this program
}

// Page lays out the report, most important first.
func (d Drill) Page() Document {
	return Document{
		Voice: d.Voice, Title: d.headline(), Tone: Strong, About: d.about(), Problem: saidAgain(d.Voice, d.Problem),
		Sections: sections(d.Voice, d.phases(), d.oldPod(), d.verdicts(), d.reasons(), d.curves(), d.timeline(), d.missing(), d.method(), d.compression()),
	}
}

func (d Drill) about() []string {
	e := d.Result.Environment
	out := append(program(d.Version), d.Voice.Text("drill of issue 81775"))
	if e.Kernel == "" {
		return out
	}
	return append(out, machine(d.Voice, e.Where, e.Kernel, e.CPUs, e.Started)...)
}

// machine is where something was measured, and when.
func machine(v say.Voice, where, kernel string, cpus int, started time.Time) []string {
	return []string{v.Again(where), v.Sprintf("kernel %s", kernel), v.Count(cpus, "CPU"), Moment(started)}
}

// headline is what the drill came to, in one sentence.
func (d Drill) headline() string {
	v := d.Voice
	var stale, delayed, told int
	for _, verdict := range JudgeDrill(v, d.Result) {
		switch verdict.Seen {
		case reuse.StalePod:
			stale++
		case reuse.SynDelay:
			delayed++
		case reuse.UnknownReuse:
			continue
		}
		told++
	}
	of := v.Sprintf("of %s on kernel %s", v.Count(told, "configuration"), d.Result.Environment.Kernel)
	var untried []string
	if slices.ContainsFunc(d.Result.Missing, func(m lab.Missing) bool { return m.Mode == lab.IPVS }) {
		untried = []string{v.Text("IPVS, the mode with the issue, could not be tried.")}
	}
	said := v.Sprintf("None %s sent a connection to the dead pod.", of)
	switch {
	case told == 0:
		said = v.Text("No configuration was seen to its end.")
	case stale > 0 && delayed > 0:
		said = v.Sprintf("%d %s went on sending connections to the dead pod, and %d delayed them.", stale, of, delayed)
	case stale > 0:
		said = v.Sprintf("%d %s went on sending connections to the dead pod.", stale, of)
	case delayed > 0:
		said = v.Sprintf("%d %s delayed reused 5-tuples by 1 s; none sent one to the dead pod.", delayed, of)
	}
	return v.Sentences(append([]string{said}, untried...)...)
}
