package advisor

import (
	"fmt"
	"slices"
)

// evidence returns what was measured, as reasons: for or against the verdict.
// A measurement elsewhere (another kernel, fewer Services) is told as such and
// decides nothing.
func (s *situation) evidence(v verdict) []Reason {
	if v.action == None {
		return nil
	}
	var out []Reason
	for _, c := range s.measured.Comparisons {
		if c.Blocks == 0 {
			continue
		}
		text := fmt.Sprintf("Measured: %s minus %s is %s per new connection, 95 %% interval %s to %s, %s.",
			c.A.title(), c.B.title(), signedMicros(c.MedianDiffNs), signedMicros(c.LowNs), signedMicros(c.HighNs), plural(c.Blocks, "block"))
		if !c.Detected {
			text = fmt.Sprintf("Measured: no difference detected between %s and %s in %s.", c.A.title(), c.B.title(), plural(c.Blocks, "block"))
		}
		if _, _, holds := s.measurement(c.A, c.B); !holds {
			text += fmt.Sprintf(" Kernel %s, %s: it does not stand for this cluster.", printable(c.Kernel), plural(c.Services, "Service"))
		}
		out = append(out, Reason{Text: text, Source: "measured: " + printable(c.Where)})
	}
	return slices.Concat(out, s.breakEvenEvidence(), s.drillEvidence())
}

func signedMicros(ns int64) string {
	if ns < 0 {
		return "-" + micros(-ns)
	}
	return "+" + micros(ns)
}
