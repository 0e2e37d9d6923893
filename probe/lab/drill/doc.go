// Package drill is the pure part of the 81775 drill: a rolling update under
// short connections, once for every configuration, to see what happens to those
// that reuse a 5-tuple (Kubernetes issue 81775).
//
//	Config  a mode, in IPVS mode with the sysctls that decide
//	Plan    who connects how often, and when kubelet and kube-proxy do what
//	Step    one thing they do
//	Tally   counts connections by Part, in Intervals for a sparkline
//	Row     what one configuration came to
//
// Nothing here does I/O or looks at a clock: package lab performs the steps on
// real rules and tells a Tally what it saw.
package drill
