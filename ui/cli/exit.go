package cli

import "kpadvisor/advisor"

// The exit codes, never renumbered.
const (
	Fine          = 0   // the mode in force is the one to run, or either is, or there is no kube-proxy
	Failure       = 1   // no cluster could be read, or the report could not be written
	Usage         = 2   // the command line cannot be understood
	ChangeAdvised = 3   // the advice is to change the mode
	Exposed       = 4   // nodes in IPVS mode are exposed to Kubernetes issue 81775
	Partial       = 5   // too little could be read for a verdict, or the mode in force is not visible
	Interrupted   = 130 // by the user
)

// exitHelp documents the codes in --help.
const exitHelp = `Exit codes (the first that applies):
  130  interrupted
  1    failure: no cluster could be read, or the report could not be written
  2    the command line cannot be understood
  4    nodes in IPVS mode are exposed to Kubernetes issue 81775
  3    the advice is to change the mode
  5    partial read: too little is known for a verdict, or the mode in force
       is not visible (name it with --proxy-mode)
  0    the mode in force is fine, either mode is (measure), or there is no kube-proxy`

// exitCode says what the advice means to a script. Exposure comes first, since
// connections are lost now; a change can wait for a maintenance window. Inside
// the break-even band ("measure") the mode in force is not wrong: 0.
func exitCode(a advisor.Advice) int {
	if a.Exposed() {
		return Exposed
	}
	switch a.Action {
	case advisor.Keep, advisor.Measure, advisor.None:
		return Fine
	case advisor.Change:
		return ChangeAdvised
	}
	return Partial
}
