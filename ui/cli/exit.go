package cli

import "kpadvisor/advisor"

// The exit codes, never renumbered.
const (
	Fine          = 0   // the mode in force is the one to run, or either is, or there is no kube-proxy
	Failure       = 1   // no cluster could be read, or the report could not be written
	Usage         = 2   // the command line cannot be understood
	ChangeAdvised = 3   // the advice is to change the mode
	Exposed       = 4   // nodes in IPVS mode are exposed to Kubernetes issue 81775 and not unlikely to meet it
	Partial       = 5   // too little could be read for a verdict, or the mode in force is not visible
	Missed        = 6   // a threshold of a probe was missed, or the run cannot tell
	Interrupted   = 130 // by the user
)

// exitHelp documents the codes in --help.
const exitHelp = `Exit codes (the first that applies):
  130  interrupted
  1    failure: no cluster could be read, or the report could not be written
  2    the command line cannot be understood
  4    nodes in IPVS mode are exposed to Kubernetes issue 81775, and no habit
       that was answered makes it unlikely that they meet it
  3    the advice is to change the mode
  5    partial read: too little is known for a verdict, or the mode in force
       is not visible (name it with --proxy-mode)
  0    the mode in force is fine, either mode is (measure), or there is no kube-proxy
"kpadvisor probe" has 6 besides: a threshold was missed.`

// probeExitHelp documents those of a probe.
const probeExitHelp = `Exit codes (the first that applies):
  130  interrupted; what was measured until then is printed
  1    failure: not enough source ports, a target that never answered, or a
       result that could not be read or written
  2    the command line cannot be understood
  6    a threshold was missed, or the run cannot tell
  0    measured, whatever the difference`

// labExitHelp documents those of a lab.
const labExitHelp = `Exit codes (the first that applies):
  130  interrupted; what was measured until then is printed
  1    failure: no mode could be measured, or a result could not be written
  2    the command line cannot be understood
  0    measured; a mode that cannot run here is listed with the reason`

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
