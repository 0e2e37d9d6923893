// Package reuse is Kubernetes issue 81775 as a table one can cite: IPVS keeps an
// entry per 5-tuple for two minutes, and a new connection that reuses it can
// follow it to a pod that is gone. Kernel, kube-proxy and sysctls decide what
// happens then; the habits of clients decide how likely it is.
//
// It is pure, and reads what people paste of sysctl.
package reuse

import (
	"slices"

	"kpadvisor/advisor/release"
	"kpadvisor/plain"
	"kpadvisor/say"
)

// Config is what decides over a reused 5-tuple on one kernel. The sysctls
// are of net.ipv4.vs and mean nothing outside of IPVS mode.
type Config struct {
	Mode             string `json:"mode"`
	ConnReuseMode    int    `json:"connReuseMode"`
	ExpireNodestConn int    `json:"expireNodestConn"`
	Conntrack        int    `json:"conntrack"`
}

// Expectation is what the decision table of issue 81775 says of a drill.
type Expectation struct {
	Exposure Exposure
	ID       string // of the row of the decision table: "R8"; empty where no row is about this
	Row      string // the row, with its source
	Why      string
}

// Tells reports whether the table says anything that a drill could confirm or
// contradict.
func (e Expectation) Tells() bool {
	return e.Exposure != CheckSysctl && e.Exposure != UnknownReuse
}

// ExpectDrill says what the decision table expects of a configuration on a
// kernel, as uname -r prints it. A pod that drains leaves only entries in
// TIME_WAIT behind, one that was lost others too.
func ExpectDrill(kernel string, c Config, lost bool) Expectation {
	return ExpectDrillIn(say.Voice{}, kernel, c, lost)
}

// ExpectDrillIn is ExpectDrill in another language.
func ExpectDrillIn(v say.Voice, kernel string, c Config, lost bool) Expectation {
	if c.Mode != "ipvs" {
		return Expectation{Exposure: NotIPVS, Why: v.Sprintf("%s mode keeps no IPVS entries: a new connection is given an endpoint by the rules as they are.", plain.Upper(c.Mode))}
	}
	k, err := release.ParseKernel(kernel, "")
	if err != nil {
		return Expectation{Exposure: UnknownReuse, Why: v.Text("The kernel's numbers cannot be read.")}
	}
	rows := rowsOf(v, k, false)
	row := rows[0]
	out := Expectation{Exposure: row.Mode0, Why: row.Note0}
	if c.ConnReuseMode != 0 {
		out.Exposure, out.Why = row.Mode1, row.Note1
	}
	open := slices.ContainsFunc(rows, func(r Row) bool { return r.in(c) != row.in(c) })
	switch no := expireRow(v); {
	case row.ID == "R1":
	case c.ExpireNodestConn == 0 && (c.ConnReuseMode == 0 || lost):
		row, out.Exposure, out.Why = no, StalePod, no.Note0
		if c.ConnReuseMode != 0 {
			out.Why = no.Note1
		}
	case open:
		out.Exposure, out.Why = CheckSysctl, v.Text("the release does not tell which fixes are in it: the drill tells, the table does not")
	case c.ExpireNodestConn == 0:
		out.Why = v.Sprintf("a SYN in TIME_WAIT is rescheduled, and a pod that drains leaves no other entries; %s is about those a lost pod leaves", no.ID)
	}
	if out.Exposure == SynDelay && c.Conntrack == 0 {
		out.Exposure, out.Why = Safe, v.Text("the SYN is dropped only where the connection uses conntrack")
	}
	out.ID = row.ID
	out.Row = v.Sprintf("%s: kernel %s (%s)", row.ID, row.Kernels, row.Source)
	out.Why = v.Sprintf("%s.", plain.Upper(out.Why))
	if hidden := k.HiddenText(v); hidden != "" {
		out.Why = v.Sentences(out.Why, hidden)
	}
	return out
}

// in is what a row does in a configuration.
func (r Row) in(c Config) Exposure {
	if c.ConnReuseMode != 0 {
		return r.Mode1
	}
	return r.Mode0
}

// Agrees reports whether what was seen is what the table expects; ok is false
// where either does not tell.
func (e Expectation) Agrees(seen Exposure) (agrees, ok bool) {
	if !e.Tells() || seen == UnknownReuse {
		return false, false
	}
	return seen == e.Exposure || seen == Safe && e.Exposure == NotIPVS, true
}

// FixesWeightZero reports whether a kernel, as uname -r prints it, is known to
// have commit c95c07836fa4, with which expire_nodest_conn=1 sends a SYN away from
// a weight-0 real server in every conn_reuse_mode.
func FixesWeightZero(kernel string) bool {
	k, err := release.ParseKernel(kernel, "")
	return err == nil && !slices.ContainsFunc(rowsOf(say.Voice{}, k, false), func(r Row) bool { return r.Mode0 != Safe })
}
