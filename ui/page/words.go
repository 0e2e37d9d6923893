package page

import (
	"fmt"
	"strings"

	"kpadvisor/say"

	"kpadvisor/advisor"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
)

// Action is what to do, in two or three words: the action in the words of a verdict.
func Action(v say.Voice, a advisor.Advice) string {
	to := Mode(v, a.Recommended)
	switch a.Action {
	case advisor.Keep:
		return "keep " + to
	case advisor.Change:
		return "change to " + to
	case advisor.Measure:
		return "either: measure"
	case advisor.None:
		return "no kube-proxy here"
	}
	if a.Recommended != "" {
		return "run " + to + ", if it does not run already"
	}
	return "cannot tell"
}

// ActionTone goes with it.
func ActionTone(a advisor.Action) Tone {
	switch a {
	case advisor.Keep:
		return Good
	case advisor.None:
		return Strong
	}
	return Warn
}

// TwoMode is the guide's answer as a sentence can carry it.
func TwoMode(v say.Voice, t advisor.TwoModeAnswer) string {
	switch t {
	case advisor.TwoIPTables:
		return "iptables"
	case advisor.TwoIPVS:
		return "IPVS"
	case advisor.TwoEither:
		return "either: measure"
	}
	return "cannot tell"
}

// Exposure heads the verdict on issue 81775 for a node group. Capitals are
// for what is likely to be met.
func Exposure(v say.Voice, e reuse.Exposure, urgent bool) string {
	exposed := "exposed"
	if urgent {
		exposed = "EXPOSED"
	}
	switch e {
	case reuse.StalePod:
		return exposed + ": a reused 5-tuple reaches a destroyed pod"
	case reuse.SynDelay:
		return exposed + ": a reused 5-tuple waits about 1 s"
	case reuse.IfSysctl0:
		return "exposed if conn_reuse_mode is 0"
	case reuse.CheckSysctl:
		return "check the live sysctl"
	case reuse.Safe:
		return "safe"
	case reuse.NotIPVS:
		return "not IPVS"
	}
	return "unknown"
}

// ExposureWord is the same in a word or two, for a column.
func ExposureWord(v say.Voice, e reuse.Exposure, urgent bool) string {
	word := map[reuse.Exposure]string{
		reuse.StalePod: "exposed", reuse.SynDelay: "1 s delays", reuse.IfSysctl0: "if sysctl 0", reuse.CheckSysctl: "check",
		reuse.Safe: "safe", reuse.NotIPVS: "not IPVS",
	}[e]
	switch {
	case word == "":
		return "unknown"
	case urgent && e == reuse.StalePod:
		return "EXPOSED"
	case urgent && e == reuse.SynDelay:
		return "1 s DELAYS"
	}
	return word
}

// ExposureTone goes with both.
func ExposureTone(e reuse.Exposure, urgent bool) Tone {
	switch e {
	case reuse.StalePod, reuse.SynDelay:
		if !urgent {
			return Warn
		}
		return Bad
	case reuse.IfSysctl0, reuse.CheckSysctl, reuse.UnknownReuse:
		return Warn
	case reuse.Safe:
		return Good
	}
	return Normal
}

// SeverityTone is the tone of a finding.
func SeverityTone(s advisor.Severity) Tone {
	switch s {
	case advisor.Critical:
		return Bad
	case advisor.Warning:
		return Warn
	}
	return Normal
}

// InForce says which modes run now: "iptables on 180 nodes, IPVS on 32 nodes".
func InForce(v say.Voice, modes []advisor.ModeCount) string {
	if len(modes) == 0 {
		return "unknown"
	}
	parts := make([]string, len(modes))
	for i, m := range modes {
		name := Mode(v, m.Mode)
		if m.Mode == "" && m.Implementation != "" && m.Implementation != advisor.KubeProxy {
			name = string(m.Implementation)
		}
		parts[i] = name
		if m.Nodes > 0 {
			parts[i] += " on " + plain.Count(m.Nodes, "node")
		}
	}
	return strings.Join(parts, ", ")
}

// said is a reason with where it comes from: the rule, whose source stands at
// the end of the report, or the source itself.
func said(v say.Voice, r advisor.Reason) string {
	r.Text = Micro(r.Text)
	switch {
	case r.Rule != 0:
		return r.Text + " [" + r.Rule.String() + "]"
	case r.Source != "":
		return r.Text + " (" + r.Source + ")"
	}
	return r.Text
}

// MissingWhy is why something was not read, and how far the read came.
func MissingWhy(v say.Voice, m advisor.Missing) string {
	why := string(m.Why)
	if why == "" {
		why = "not asked"
	}
	switch {
	case m.Read > 0 && m.Total > 0:
		return fmt.Sprintf("%s after %s of %s", why, plain.Number(m.Read), plain.Number(m.Total))
	case m.Read > 0:
		return fmt.Sprintf("%s after %s", why, plain.Number(m.Read))
	}
	return why
}

// UnknownWhy is the text in the place of a fact that is not known.
func UnknownWhy[T any](v say.Voice, f advisor.Fact[T]) string {
	if f.State == advisor.Absent {
		return "none"
	}
	switch {
	case f.Why != advisor.NotAsked && f.Detail != "":
		return "unknown: " + string(f.Why) + ", " + f.Detail
	case f.Why != advisor.NotAsked:
		return "unknown: " + string(f.Why)
	case f.Detail != "":
		return "unknown: " + f.Detail
	}
	return "unknown"
}
