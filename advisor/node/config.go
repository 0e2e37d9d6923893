package node

import (
	"encoding/json"
	"net/netip"
	"strings"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// proxyConfig is kube-proxy's configuration as /configz prints it: since 1.33 or so as the
// file has it, before with the names of Go's fields, which differ in capitals alone.
type proxyConfig struct {
	HostnameOverride   string
	MetricsBindAddress string
	NodePortAddresses  []string
	DetectLocalMode    string
	MinSyncPeriod      string
	IPTables, NFTables struct{ MinSyncPeriod string }
	IPVS               struct {
		MinSyncPeriod string
		Scheduler     string
		StrictARP     bool
		ExcludeCIDRs  []string
	}
	Conntrack conntrackConfig
	Linux     struct{ Conntrack conntrackConfig }
}

type conntrackConfig struct{ TCPBeLiberal *bool }

// maxConfig bounds the configuration, in bytes. A usual one has two thousand.
const maxConfig = 256 << 10

// config reads what kube-proxy says of its settings, and the name it gives its node.
func (r raw) config(mode advisor.Mode) (c advisor.ProxyConfig, name string) {
	text, ok := r.sections["kube-proxy.config"].text()
	var page struct {
		Config *proxyConfig `json:"kubeproxy.config.k8s.io"`
	}
	if !ok || len(text) > maxConfig || json.Unmarshal([]byte(text), &page) != nil || page.Config == nil {
		return c, ""
	}
	p, from := page.Config, source("/configz of kube-proxy")
	c.MinSyncPeriod = p.minSync(mode, from)
	c.NodePortAddresses = ranges(p.NodePortAddresses, from)
	c.DetectLocalMode = named(p.DetectLocalMode, from)
	c.MetricsOnAll = everywhere(p.MetricsBindAddress, from)
	for _, liberal := range []*bool{p.Conntrack.TCPBeLiberal, p.Linux.Conntrack.TCPBeLiberal} {
		if liberal != nil {
			c.TCPBeLiberal = advisor.KnownFrom(*liberal, from)
		}
	}
	if mode == advisor.IPVS {
		c.StrictARP = advisor.KnownFrom(p.IPVS.StrictARP, from)
		c.ExcludeCIDRs = ranges(p.IPVS.ExcludeCIDRs, from)
		if s := p.IPVS.Scheduler; len(s) <= 8 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == "" {
			c.Scheduler = advisor.KnownFrom(s, from)
		}
	}
	return c, p.HostnameOverride
}

// minSync is the period of the mode in force. Some versions keep one for all modes.
func (p *proxyConfig) minSync(mode advisor.Mode, from string) advisor.Fact[time.Duration] {
	text := map[advisor.Mode]string{
		advisor.IPTables: p.IPTables.MinSyncPeriod, advisor.IPVS: p.IPVS.MinSyncPeriod, advisor.NFTables: p.NFTables.MinSyncPeriod,
	}[mode]
	if text == "" {
		text = p.MinSyncPeriod
	}
	d, err := time.ParseDuration(text)
	const longest = 24 * time.Hour
	switch {
	case mode == "" || err != nil || d < 0 || d > longest:
		return advisor.Fact[time.Duration]{}
	case d == 0:
		return advisor.AbsentFrom[time.Duration](from)
	}
	return advisor.KnownFrom(d, from)
}

// ranges are ranges of addresses, or the words that stand for some.
func ranges(all []string, from string) advisor.Fact[[]string] {
	if len(all) == 0 {
		return advisor.AbsentFrom[[]string](from)
	}
	for _, a := range all {
		if _, err := netip.ParsePrefix(a); err != nil && a != "primary" && a != "localhost" && a != "all" || len(all) > 100 {
			return advisor.UnknownFor[[]string](advisor.Unreadable, from)
		}
	}
	return advisor.KnownFrom(all, from)
}

// named is a word of kube-proxy's own.
func named(text, from string) advisor.Fact[string] {
	switch {
	case text == "":
		return advisor.AbsentFrom[string](from)
	case len(text) > 40 || !plain.ASCII(text):
		return advisor.UnknownFor[string](advisor.Unreadable, from)
	}
	return advisor.KnownFrom(text, from)
}

// everywhere reports a server that others than the node reach.
func everywhere(address, from string) advisor.Fact[bool] {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return advisor.Fact[bool]{}
	}
	return advisor.KnownFrom(!a.Addr().IsLoopback(), from)
}
