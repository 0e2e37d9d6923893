package evidence

import (
	"errors"
	"fmt"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
	"kpadvisor/probe/lab"
)

// OfSweep is what a sweep says about modes changing places. User-mode Linux
// is no node's kernel whatever its number, so that is never a match.
func OfSweep(r lab.Result) ([]advisor.BreakEven, error) {
	kernel := r.Environment.Kernel
	if r.Environment.Where != lab.OnThisMachine {
		kernel += ", " + r.Environment.Where
	}
	var out []advisor.BreakEven
	for _, e := range r.BreakEven {
		if e.Outcome == lab.OneSize {
			continue
		}
		b := advisor.BreakEven{
			A: advisor.IPTables, Backend: release.BackendLegacy, B: advisor.Mode(e.B), Outcome: advisor.BreakEvenOutcome(e.Outcome),
			Services: e.Services, Low: e.Low, High: e.High, RulesPerPort: max(1, r.Environment.RulesPerPort), Kernel: kernel,
			Arrival: sweptArrival(e.Load, r.Environment.Cold),
			Where:   fmt.Sprintf("lab sweep, %s, %s", r.Environment.Where, r.Environment.Started.UTC().Format(time.DateOnly)),
		}
		if e.A == lab.IPTablesNFT {
			b.Backend = release.BackendNFT
		}
		for _, d := range lab.EffectsOf(r.Points, e.Load, e.A, e.B) {
			b.Differences = append(b.Differences, advisor.SizeDifference{Services: d.Services, DiffNs: d.Ns, LowNs: d.LowNs, HighNs: d.HighNs})
		}
		out = append(out, b)
	}
	if len(out) == 0 {
		return nil, errors.New("it has not measured iptables and another mode at two numbers of Services or more")
	}
	return out, nil
}
