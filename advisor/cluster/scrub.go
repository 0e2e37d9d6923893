package cluster

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"strings"

	"kpadvisor/advisor"
)

// withoutNames returns a deep copy of facts with no name, address or label of the
// cluster in it. Evidence names only objects that are called the same everywhere
// (package evidence sees to that), so that its text loses nothing but addresses.
func withoutNames(f advisor.Facts) (advisor.Facts, error) {
	b, err := json.Marshal(f)
	if err != nil {
		return advisor.Facts{}, err
	}
	var c advisor.Facts
	if err := json.Unmarshal(b, &c); err != nil {
		return advisor.Facts{}, err
	}
	if c.Origin != advisor.FromDemo && c.Origin != advisor.FromTyped { // those are the program's own
		c.Name = ""
	}
	c.Endpoints.Value.LargestName = ""
	for i := range c.Components {
		o := &c.Components[i]
		o.Setting, o.Source = withoutAddresses(o.Setting), withoutAddresses(o.Source)
	}
	for i := range c.Groups {
		g := &c.Groups[i]
		g.NodeNames, g.Spared = nil, withoutTaint(g.Spared)
		g.Proxy.Partial = withoutAddresses(g.Proxy.Partial)
		withoutRanges(&g.Proxy.Config)
		for j := range c.Groups[i].Proxy.Evidence {
			e := &c.Groups[i].Proxy.Evidence[j]
			e.Source, e.Says = withoutAddresses(e.Source), withoutAddresses(e.Says)
		}
	}
	for i := range c.NodeReports {
		c.NodeReports[i].Node = ""
		withoutRanges(&c.NodeReports[i].Config)
		if a := c.NodeReports[i].Autopsy; a != nil {
			a.Rules.Examples = nil
		}
		for j := range c.NodeReports[i].Habits {
			eachString(reflect.ValueOf(&c.NodeReports[i].Habits[j]).Elem(), withoutAddresses)
		}
	}
	dropDetails(reflect.ValueOf(&c).Elem())
	return c, nil
}

func withoutRanges(c *advisor.ProxyConfig) {
	for _, ranges := range [][]string{c.NodePortAddresses.Value, c.ExcludeCIDRs.Value} {
		for j := range ranges {
			ranges[j] = withoutRange(ranges[j])
		}
	}
}

// dropDetails empties the details of facts that may quote an error, and with it
// the address of a server or the line of a file.
func dropDetails(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		why, detail := v.FieldByName("Why"), v.FieldByName("Detail")
		if why.IsValid() && detail.IsValid() {
			switch advisor.Why(why.String()) {
			case advisor.Failed, advisor.Unreadable:
				detail.SetString("")
			}
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				dropDetails(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			dropDetails(v.Index(i))
		}
	}
}

// withoutTaint keeps of a taint that spares nodes what every cluster may have: its
// effect, and the keys that Kubernetes and GPU operators give.
func withoutTaint(spared string) string {
	key, effect, ok := taintIn(spared)
	if !ok {
		return spared
	}
	switch key {
	case "node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master", "node-role.kubernetes.io/etcd",
		"nvidia.com/gpu":
		return sparedByTaint + key + ":" + effect
	}
	return "a taint of another name:" + effect
}

// withoutRange keeps of a range of addresses what every cluster may have: the
// keywords, everything, and loopback.
func withoutRange(s string) string {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		if s == "primary" || s == "localhost" || s == "all" {
			return s
		}
		return "another range"
	}
	if p.Bits() == 0 || p.Addr().IsLoopback() {
		return s
	}
	return "another range"
}

// withoutAddresses replaces IP addresses, ports and ranges with them included,
// but for those that every cluster has: unspecified and loopback.
func withoutAddresses(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;=\"'()", r) })
	for _, w := range words {
		if a, ok := addressIn(w); ok && !a.IsUnspecified() && !a.IsLoopback() {
			text = strings.ReplaceAll(text, w, "<address>")
		}
	}
	return text
}

func addressIn(word string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(strings.TrimRight(word, ".:")); err == nil {
		return a, true
	}
	if p, err := netip.ParsePrefix(word); err == nil {
		return p.Addr(), true
	}
	p, err := netip.ParseAddrPort(word)
	return p.Addr(), err == nil
}
