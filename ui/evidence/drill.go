package evidence

import (
	"errors"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
)

// OfDrill is what a drill saw. What was seen is judged anew: the file's own word is not taken.
func OfDrill(saved lab.DrillResult) (advisor.Drill, error) {
	e := saved.Environment
	d := advisor.Drill{Kernel: plain.Text(e.Kernel), Where: "drill on " + plain.Text(e.Where), Lost: saved.Plan.Lost}
	if e.Kernel == "" || len(saved.Rows) == 0 {
		return d, errors.New("it has no kernel or no configuration that ran")
	}
	if e.Where == "user-mode Linux" {
		d.Where = "drill in user-mode Linux"
	}
	d.Where += ", " + e.Started.UTC().Format(time.DateOnly)
	told := false
	for _, r := range saved.Rows {
		after := r.AfterDeath()
		row := advisor.DrillRow{Config: ReuseConfig(r.Config), Seen: Seen(r), After: after.Total(), Failed: after.Failed, ToOldPod: after.ToOldPod}
		told = told || row.Seen != reuse.UnknownReuse
		d.Rows = append(d.Rows, row)
	}
	if !told {
		return d, errors.New("none of its configurations was seen to its end")
	}
	return d, nil
}

// ReuseConfig is a configuration of a drill in the words of the advice.
func ReuseConfig(c drill.Config) reuse.Config {
	out := reuse.Config{Mode: c.Mode}
	switch c.Mode {
	case drill.IPTablesLegacy, drill.IPTablesNFT:
		out.Mode = string(advisor.IPTables)
	}
	if s := c.Sysctls; s != nil {
		out.ConnReuseMode, out.ExpireNodestConn, out.Conntrack = s.ConnReuseMode, s.ExpireNodestConn, s.Conntrack
	}
	return out
}

// Seen is the outcome of a row in the words of the advice.
func Seen(r drill.Row) reuse.Exposure {
	switch r.Outcome() {
	case drill.StalePod:
		return reuse.StalePod
	case drill.SynDelay:
		return reuse.SynDelay
	case drill.Safe:
		return reuse.Safe
	case drill.Unclear:
	}
	return reuse.UnknownReuse
}
