package evidence

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"sigs.k8s.io/yaml"

	"kpadvisor/advisor"
)

// settings are the values given to kube-proxy that bear on the advice, as they
// were written; empty when not given. Comparable, so that the pods of one
// DaemonSet share one.
type settings struct {
	file               bool // from a configuration file, not from flags
	mode               string
	gates              string // "Name=true,Other=false"
	iptablesMinSync    string
	nftablesMinSync    string
	ipvsMinSync        string
	scheduler          string
	strictARP          string
	excludeCIDRs       string // comma separated
	tcpBeLiberal       string
	nodePortAddresses  string // comma separated
	metricsBindAddress string
	detectLocalMode    string
}

// proxyFlags are the flags of kube-proxy that matter. openshift-sdn-node calls
// its --config --proxy-config.
func proxyFlags() map[string]flagKind {
	return map[string]flagKind{
		"config": stringFlag, "proxy-config": stringFlag, "proxy-mode": stringFlag,
		"iptables-min-sync-period": stringFlag, "ipvs-min-sync-period": stringFlag,
		"ipvs-scheduler": stringFlag, "ipvs-strict-arp": boolFlag, "ipvs-exclude-cidrs": listFlag,
		"feature-gates":            listFlag,
		"conntrack-tcp-be-liberal": boolFlag, "nodeport-addresses": listFlag,
		"metrics-bind-address": stringFlag, "detect-local-mode": stringFlag,
	}
}

// parseArguments reads kube-proxy's own arguments; path is that of --config,
// empty if there is none.
func parseArguments(words []string) (s settings, path string) {
	v := flagValues(words, proxyFlags())
	path = v["config"]
	if path == "" {
		path = v["proxy-config"]
	}
	return settings{
		mode:            v["proxy-mode"],
		gates:           v["feature-gates"],
		iptablesMinSync: v["iptables-min-sync-period"],
		// One flag serves every mode but IPVS (cmd/kube-proxy/app/options.go).
		nftablesMinSync:    v["iptables-min-sync-period"],
		ipvsMinSync:        v["ipvs-min-sync-period"],
		scheduler:          v["ipvs-scheduler"],
		strictARP:          v["ipvs-strict-arp"],
		excludeCIDRs:       v["ipvs-exclude-cidrs"],
		tcpBeLiberal:       v["conntrack-tcp-be-liberal"],
		nodePortAddresses:  v["nodeport-addresses"],
		metricsBindAddress: v["metrics-bind-address"],
		detectLocalMode:    v["detect-local-mode"],
	}, path
}

// maxDocument bounds the documents that are parsed, in bytes. A
// KubeProxyConfiguration has about two thousand.
const maxDocument = 64 << 10

// parseDocument reads a YAML or JSON object, empty if there is none. Keys are case sensitive, as they
// are for Kubernetes.
func parseDocument(text string) (document, error) {
	if len(text) > maxDocument {
		return nil, fmt.Errorf("more than %d bytes", maxDocument)
	}
	var d document
	if err := yaml.Unmarshal([]byte(text), &d); err != nil {
		return nil, fmt.Errorf("not YAML: %w", err)
	}
	return d, nil
}

// document is a parsed object.
type document map[string]any

// at returns the scalar at the path as text, a list joined by commas, and ""
// for what is not there.
func (d document) at(path ...string) string {
	var v any = map[string]any(d)
	for _, p := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = m[p]
	}
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int64:
		return strconv.FormatInt(v, 10)
	case []any:
		var all []string
		for _, e := range v {
			if s, ok := e.(string); ok {
				all = append(all, s)
			}
		}
		return strings.Join(all, ",")
	}
	return ""
}

// proxyAll reads antrea-agent.conf: whether AntreaProxy handles all Service
// traffic.
func (d document) proxyAll() bool {
	return d.antreaProxy() && d.at("antreaProxy", "proxyAll") == "true"
}

// antreaProxy reads whether AntreaProxy runs at all; it does by default.
func (d document) antreaProxy() bool {
	return d.at("antreaProxy", "enable") != "false" && d.at("featureGates", "AntreaProxy") != "false"
}

// parseMode returns the mode of a spelling; false for any other text.
func parseMode(s string) (advisor.Mode, bool) {
	switch m := advisor.Mode(s); m {
	case advisor.IPTables, advisor.IPVS, advisor.NFTables, advisor.Userspace, advisor.Kernelspace:
		return m, true
	}
	return "", false
}

// proxyConfig turns the settings into facts; from names the object they are in.
func (s settings) proxyConfig(mode advisor.Mode, from string) *advisor.ProxyConfig {
	source := func(field, flag string) string {
		if s.file {
			return from + ", field " + field
		}
		return from + ", " + flag
	}
	c := &advisor.ProxyConfig{
		MinSyncPeriod: s.minSync(mode, source),
		Scheduler:     scheduler(s.scheduler, source("ipvs.scheduler", "--ipvs-scheduler")),
		NodePortAddresses: nodePortAddresses(s.nodePortAddresses,
			source("nodePortAddresses", "--nodeport-addresses")),
		TCPBeLiberal: truth(s.tcpBeLiberal, source("conntrack.tcpBeLiberal", "--conntrack-tcp-be-liberal")),
		StrictARP:    truth(s.strictARP, source("ipvs.strictARP", "--ipvs-strict-arp")),
		MetricsOnAll: reachable(s.metricsBindAddress, source("metricsBindAddress", "--metrics-bind-address")),
	}
	c.MetricsPort = metricsPort(s.metricsBindAddress)
	c.DetectLocalMode = localDetection(s.detectLocalMode, source("detectLocalMode", "--detect-local-mode"))
	if mode == advisor.IPVS {
		c.ExcludeCIDRs = excludedCIDRs(s.excludeCIDRs, source("ipvs.excludeCIDRs", "--ipvs-exclude-cidrs"))
	}
	return c
}

// minSync is the period of the mode in force. Zero means the default, as it
// does in kube-proxy's defaults for iptables and nftables and is for IPVS.
func (s settings) minSync(mode advisor.Mode, source func(field, flag string) string) advisor.Fact[time.Duration] {
	var text, from string
	switch mode {
	case advisor.IPTables:
		text, from = s.iptablesMinSync, source("iptables.minSyncPeriod", "--iptables-min-sync-period")
	case advisor.NFTables:
		text, from = s.nftablesMinSync, source("nftables.minSyncPeriod", "--iptables-min-sync-period")
	case advisor.IPVS:
		text, from = s.ipvsMinSync, source("ipvs.minSyncPeriod", "--ipvs-min-sync-period")
	default:
		return advisor.Fact[time.Duration]{}
	}
	if text == "" {
		return advisor.AbsentFrom[time.Duration](from)
	}
	d, err := time.ParseDuration(text)
	switch {
	case err != nil || d < 0:
		return advisor.UnknownFor[time.Duration](advisor.Unreadable, from+" is not a period")
	case d == 0:
		return advisor.AbsentFrom[time.Duration](from)
	}
	return advisor.KnownFrom(d, from)
}

// scheduler reads the name of an IPVS scheduler; the kernel's are lower case
// and short ("rr", "twos", "mh").
func scheduler(text, from string) advisor.Fact[string] {
	if len(text) > 8 || strings.Trim(text, "abcdefghijklmnopqrstuvwxyz") != "" {
		return advisor.UnknownFor[string](advisor.Unreadable, from+" is not a scheduler")
	}
	return advisor.KnownFrom(text, from)
}

// localDetection is how kube-proxy tells local pods; unset it is ClusterCIDR.
func localDetection(text, from string) advisor.Fact[string] {
	switch text {
	case "":
		return advisor.AbsentFrom[string](from)
	case "ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix":
		return advisor.KnownFrom(text, from)
	}
	return advisor.UnknownFor[string](advisor.Unreadable, from+" is none of kube-proxy's")
}

// truth reads a boolean whose default is false.
func truth(text, from string) advisor.Fact[bool] {
	if text == "" {
		return advisor.KnownFrom(false, from)
	}
	b, err := strconv.ParseBool(text)
	if err != nil {
		return advisor.UnknownFor[bool](advisor.Unreadable, from+" is neither true nor false")
	}
	return advisor.KnownFrom(b, from)
}

func nodePortAddresses(text, from string) advisor.Fact[[]string] {
	if text == "" {
		return advisor.AbsentFrom[[]string](from)
	}
	all := strings.Split(text, ",")
	for _, a := range all {
		switch a {
		case "primary", "localhost", "all":
		default:
			if !isCIDR(a) {
				return advisor.UnknownFor[[]string](advisor.Unreadable, from+" is not a list of CIDRs")
			}
		}
	}
	return advisor.KnownFrom(all, from)
}

func excludedCIDRs(text, from string) advisor.Fact[[]string] {
	if text == "" {
		return advisor.AbsentFrom[[]string](from)
	}
	list := strings.Split(text, ",")
	if !all(list, isCIDR) {
		return advisor.UnknownFor[[]string](advisor.Unreadable, from+" is not a list of CIDRs")
	}
	return advisor.KnownFrom(list, from)
}

// reachable reports whether the metrics server can be reached from outside the
// node; unset is 127.0.0.1:10249.
func reachable(text, from string) advisor.Fact[bool] {
	if text == "" {
		return advisor.KnownFrom(false, from)
	}
	if strings.HasPrefix(text, ":") {
		return advisor.KnownFrom(true, from)
	}
	address, err := netip.ParseAddr(text)
	if err != nil {
		both, err := netip.ParseAddrPort(text)
		if err != nil {
			return advisor.UnknownFor[bool](advisor.Unreadable, from+" is not an address")
		}
		address = both.Addr()
	}
	return advisor.KnownFrom(!address.IsLoopback(), from)
}

// metricsPort is the port of an address where it is not the usual one; 0 otherwise.
func metricsPort(text string) int {
	_, port, err := net.SplitHostPort(text)
	n, errN := strconv.Atoi(port)
	if err != nil || errN != nil || n < 1 || n > 65_535 || n == 10249 {
		return 0
	}
	return n
}
