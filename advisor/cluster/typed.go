package cluster

import (
	"fmt"
	"strings"
	"unicode"

	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
)

// TypedFacts is what somebody says of a cluster instead of letting it be read.
// Zero and empty mean not given.
type TypedFacts struct {
	Services          int
	Endpoints         int
	Nodes             int
	Kernel            string // uname -r: "5.15.0-105-generic"
	KubernetesVersion string // "1.33.4" or "v1.33.4"
	ProxyMode         string // iptables, ipvs, nftables or none
}

// What no cluster reaches: the tested limits of Kubernetes are 10,000 Services,
// 5,000 nodes and 150,000 pods (kubernetes/community, sig-scalability thresholds).
const (
	MaxTypedServices  = 1_000_000
	MaxTypedEndpoints = 100_000_000
	MaxTypedNodes     = 100_000
)

// Typed returns the facts that follow from t; what was not given is Unknown. The
// error says in one sentence which value cannot be true.
//
// The load is that of one port to each Service and endpoints spread evenly, and
// its source says so.
func Typed(t TypedFacts) (advisor.Facts, error) {
	f, _, err := Complete(advisor.Facts{
		Origin: advisor.FromTyped, Name: "typed counts",
		Groups: []advisor.NodeGroup{{Nodes: t.Nodes, OS: "linux"}},
	}, t)
	if err != nil {
		return advisor.Facts{}, err
	}
	return f, nil
}

// version writes the version that was typed as "v1.33.4", with a vendor's suffix,
// or as "v1.33" where no patch was given, and says where it is from.
func (t TypedFacts) version() (version, source string) {
	source = "--kubernetes-version"
	v, note, err := release.ParseTypedVersion(t.KubernetesVersion)
	switch text := strings.TrimSpace(t.KubernetesVersion); {
	case err != nil:
		return "", ""
	case note != "":
		return "v" + v.String(), source + ": " + note
	case !v.HasPatch:
		return "v" + v.String(), source + ", which gives no patch release"
	default:
		return "v" + strings.TrimPrefix(text, "v"), source
	}
}

// Check refuses what cannot be true of any cluster.
func (t TypedFacts) Check() error {
	for _, n := range []struct {
		flag string
		n    int
		max  int
	}{
		{"--services", t.Services, MaxTypedServices},
		{"--endpoints", t.Endpoints, MaxTypedEndpoints},
		{"--nodes", t.Nodes, MaxTypedNodes},
	} {
		if n.n < 0 || n.n > n.max {
			return fmt.Errorf("%s %d is not between 0 and %d", n.flag, n.n, n.max)
		}
	}
	if t.Kernel != "" {
		if _, err := release.ParseKernel(t.Kernel, ""); err != nil || strings.ContainsFunc(t.Kernel, unicode.IsControl) {
			return fmt.Errorf("--kernel %q is not what uname -r prints, such as 5.15.0-105-generic", cleanText(t.Kernel))
		}
	}
	if t.KubernetesVersion != "" {
		_, _, err := release.ParseTypedVersion(t.KubernetesVersion)
		if err != nil && strings.HasPrefix(err.Error(), "OpenShift") {
			return fmt.Errorf("--kubernetes-version: %w", err)
		}
		if err != nil || strings.ContainsFunc(t.KubernetesVersion, unicode.IsControl) {
			return fmt.Errorf("--kubernetes-version %q is not a version such as 1.33.4", cleanText(t.KubernetesVersion))
		}
	}
	switch advisor.Mode(t.ProxyMode) {
	case "", noProxy, advisor.IPTables, advisor.IPVS, advisor.NFTables:
		return nil
	}
	return fmt.Errorf("--proxy-mode %q is none of iptables, ipvs, nftables, none", cleanText(t.ProxyMode))
}
