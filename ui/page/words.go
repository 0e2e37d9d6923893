package page

import (
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
		return v.Sprintf("keep %s", to)
	case advisor.Change:
		return v.Sprintf("change to %s", to)
	case advisor.Measure:
		return v.Text("either: measure")
	case advisor.None:
		return v.Text("no kube-proxy here")
	}
	if a.Recommended != "" {
		return v.Sprintf("run %s, if it does not run already", to)
	}
	return v.Text("cannot tell")
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
		return v.Text("either: measure")
	}
	return v.Text("cannot tell")
}

// Exposure heads the verdict on issue 81775 for a node group. Capitals are
// for what is likely to be met.
func Exposure(v say.Voice, e reuse.Exposure, urgent bool) string {
	switch {
	case urgent && e == reuse.StalePod:
		return v.Text("EXPOSED: a reused 5-tuple reaches a destroyed pod")
	case urgent && e == reuse.SynDelay:
		return v.Text("EXPOSED: a reused 5-tuple waits about 1 s")
	}
	switch e {
	case reuse.StalePod:
		return v.Text("exposed: a reused 5-tuple reaches a destroyed pod")
	case reuse.SynDelay:
		return v.Text("exposed: a reused 5-tuple waits about 1 s")
	case reuse.IfSysctl0:
		return v.Text("exposed if conn_reuse_mode is 0")
	case reuse.CheckSysctl:
		return v.Text("check the live sysctl")
	case reuse.Safe:
		return v.Text("safe")
	case reuse.NotIPVS:
		return v.Text("not IPVS")
	}
	return v.Text("unknown")
}

// ExposureWord is the same in a word or two, for a column.
func ExposureWord(v say.Voice, e reuse.Exposure, urgent bool) string {
	switch {
	case urgent && e == reuse.StalePod:
		return v.Text("EXPOSED")
	case urgent && e == reuse.SynDelay:
		return v.Text("1 s DELAYS")
	}
	switch e {
	case reuse.StalePod:
		return v.Text("exposed")
	case reuse.SynDelay:
		return v.Text("1 s delays")
	case reuse.IfSysctl0:
		return v.Text("if sysctl 0")
	case reuse.CheckSysctl:
		return v.Text("check")
	case reuse.Safe:
		return v.Text("safe")
	case reuse.NotIPVS:
		return v.Text("not IPVS")
	}
	return v.Text("unknown")
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
		return v.Text("unknown")
	}
	parts := make([]string, len(modes))
	for i, m := range modes {
		name := Mode(v, m.Mode)
		if m.Mode == "" && m.Implementation != "" && m.Implementation != advisor.KubeProxy {
			name = string(m.Implementation)
		}
		parts[i] = name
		if m.Nodes > 0 {
			parts[i] = v.Sprintf("%s on %s", name, v.Count(m.Nodes, "node"))
		}
	}
	return v.List(parts...)
}

// said is a reason with where it comes from: the rule, whose source stands at
// the end of the report, or the source itself.
func said(v say.Voice, r advisor.Reason) string {
	r.Text = Micro(r.Text)
	switch {
	case r.Rule != 0:
		return v.Sprintf("%s [%s]", r.Text, r.Rule)
	case r.Source != "":
		return v.Sprintf("%s (%s)", r.Text, v.Again(r.Source))
	}
	return r.Text
}

// MissingWhy is why something was not read, and how far the read came.
func MissingWhy(v say.Voice, m advisor.Missing) string {
	why := whyWord(v, m.Why)
	switch {
	case m.Read > 0 && m.Total > 0:
		return v.Sprintf("%s after %s of %s", why, plain.Number(m.Read), plain.Number(m.Total))
	case m.Read > 0:
		return v.Sprintf("%s after %s", why, plain.Number(m.Read))
	}
	return why
}

// UnknownWhy is the text in the place of a fact that is not known.
func UnknownWhy[T any](v say.Voice, f advisor.Fact[T]) string {
	if f.State == advisor.Absent {
		return v.Text("none")
	}
	switch {
	case f.Why != advisor.NotAsked && f.Detail != "":
		return v.Sprintf("unknown: %s", v.List(whyWord(v, f.Why), v.Again(f.Detail)))
	case f.Why != advisor.NotAsked:
		return v.Sprintf("unknown: %s", whyWord(v, f.Why))
	case f.Detail != "":
		return v.Sprintf("unknown: %s", v.Again(f.Detail))
	}
	return v.Text("unknown")
}

// whyWord is why something is not known, in a word or two.
func whyWord(v say.Voice, w advisor.Why) string {
	switch w {
	case advisor.NotAsked:
		return v.Text("not asked")
	case advisor.Forbidden:
		return v.Text("forbidden")
	case advisor.TimedOut:
		return v.Text("timed out")
	case advisor.NotServed:
		return v.Text("not served")
	case advisor.Invisible:
		return v.Text("not visible")
	case advisor.Unreadable:
		return v.Text("unreadable")
	case advisor.Failed:
		return v.Text("failed")
	case advisor.Bounded:
		return v.Text("bounded")
	case advisor.Late:
		return v.Text("out of time")
	}
	return string(w)
}

// againAll says many things that were written down in English.
func againAll(v say.Voice, all []string) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = v.Again(s)
	}
	return out
}

// saidAgain is a problem in the language of the reader; nil stays nil.
func saidAgain(v say.Voice, p *plain.Problem) *plain.Problem {
	if p == nil {
		return nil
	}
	return &plain.Problem{Sentence: v.Again(p.Sentence), Remedy: v.Again(p.Remedy)}
}
