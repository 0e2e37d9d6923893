package evidence

import (
	"strconv"
	"strings"
)

// minorOf returns the minor version of "v1.33.4"; 0 if it is not known.
func minorOf(version string) int {
	rest, ok := strings.CutPrefix(version, "v1.")
	if !ok {
		return 0
	}
	digits, _, _ := strings.Cut(rest, ".")
	minor, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return minor
}

// lastOf returns the last minor version of Kubernetes that knows a feature gate
// which configurations of kube-proxy still carry: a later one refuses to start.
// (kubernetes.io, command-line-tools-reference/feature-gates-removed, column To)
func lastOf(gate string) (minor int, removed bool) {
	minor, removed = map[string]int{
		"SupportIPVSProxyMode":              20,
		"SCTPSupport":                       22,
		"ExternalPolicyForExternalIP":       22,
		"EndpointSlice":                     24,
		"EndpointSliceNodeName":             24,
		"EndpointSliceProxying":             24,
		"IPv6DualStack":                     24,
		"ExperimentalCriticalPodAnnotation": 16,
	}[gate]
	return minor, removed
}

// refusedGate reports whether a kube-proxy of a version does not start with
// these gates, "name=true,name=false". A version that is not known refuses none.
func refusedGate(gates, version string) bool {
	for gate := range strings.SplitSeq(gates, ",") {
		name, _, _ := strings.Cut(gate, "=")
		if last, removed := lastOf(strings.TrimSpace(name)); removed && minorOf(version) > last {
			return true
		}
	}
	return false
}

// gateIs reports whether a gate is given as a value.
func gateIs(gates, name string, value bool) bool {
	for gate := range strings.SplitSeq(gates, ",") {
		n, v, _ := strings.Cut(gate, "=")
		if b, err := strconv.ParseBool(strings.TrimSpace(v)); err == nil && strings.TrimSpace(n) == name {
			return b == value
		}
	}
	return false
}

// refusedMode says why a kube-proxy of a version on Linux does not start with a
// mode; empty if it does, as far as is known.
//
//   - userspace was removed in 1.26 (kubernetes PR 112133)
//   - nftables came in 1.29 behind the gate NFTablesProxyMode, on by default
//     from 1.31 (KEP-3866)
//   - ipvs is behind the gate KubeProxyIPVS from 1.37 (KEP-5495)
//   - kernelspace is of Windows
func refusedMode(mode, gates, version string) string {
	minor := minorOf(version)
	switch {
	case mode == "kernelspace":
		return "kernelspace is a mode of Windows"
	case minor == 0:
	case mode == "userspace" && minor >= 26:
		return "userspace was removed in 1.26"
	case mode == "nftables" && minor < 29:
		return "nftables came in 1.29"
	case mode == "nftables" && minor < 31 && !gateIs(gates, "NFTablesProxyMode", true) && !gateIs(gates, "AllAlpha", true):
		return "nftables needs the feature gate NFTablesProxyMode before 1.31"
	case mode == "nftables" && gateIs(gates, "NFTablesProxyMode", false) && minor < 33:
		return "the feature gate NFTablesProxyMode is off"
	case mode == "ipvs" && gateIs(gates, "KubeProxyIPVS", false) && minor >= 37:
		return "the feature gate KubeProxyIPVS is off"
	}
	return ""
}
