package page

import (
	"fmt"
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
		Voice: d.Voice, Title: d.headline(), Tone: Strong, About: d.about(), Problem: d.Problem,
		Sections: sections(d.Voice, d.phases(), d.oldPod(), d.verdicts(), d.reasons(), d.curves(), d.timeline(), d.missing(), d.method(), d.compression()),
	}
}

func (d Drill) about() []string {
	e := d.Result.Environment
	out := append(program(d.Version), "drill of issue 81775")
	if e.Kernel == "" {
		return out
	}
	return append(out, e.Where, "kernel "+e.Kernel, plain.Count(e.CPUs, "CPU"), e.Started.UTC().Format(time.DateOnly+" 15:04 MST"))
}

// headline is what the drill came to, in one sentence.
func (d Drill) headline() string {
	var stale, delayed, told int
	for _, v := range JudgeDrill(d.Voice, d.Result) {
		switch v.Seen {
		case reuse.StalePod:
			stale++
		case reuse.SynDelay:
			delayed++
		case reuse.UnknownReuse:
			continue
		}
		told++
	}
	of := fmt.Sprintf("of %s on kernel %s", plain.Count(told, "configuration"), d.Result.Environment.Kernel)
	untried := ""
	if slices.ContainsFunc(d.Result.Missing, func(m lab.Missing) bool { return m.Mode == lab.IPVS }) {
		untried = " IPVS, the mode with the issue, could not be tried."
	}
	switch {
	case told == 0:
		return "No configuration was seen to its end." + untried
	case stale > 0 && delayed > 0:
		return fmt.Sprintf("%d %s went on sending connections to the dead pod, and %d delayed them.%s", stale, of, delayed, untried)
	case stale > 0:
		return fmt.Sprintf("%d %s went on sending connections to the dead pod.%s", stale, of, untried)
	case delayed > 0:
		return fmt.Sprintf("%d %s delayed reused 5-tuples by 1 s; none sent one to the dead pod.%s", delayed, of, untried)
	}
	return fmt.Sprintf("None %s sent a connection to the dead pod.%s", of, untried)
}
