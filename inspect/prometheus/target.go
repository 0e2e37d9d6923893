package prometheus

import (
	"cmp"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// Node is a node that a target may be of.
type Node struct {
	Name      string
	Group     int // nodes of one group are alike
	Addresses []netip.Addr
	Spared    bool // it is known, and not asked for
}

// target is what Prometheus scrapes: one process of one node.
type target struct {
	labels map[string]string // that all its series have
	at     float64           // when it was scraped, in seconds since 1970
}

// targets are the labels and times of an answer whose values are the times of scrapes,
// without the labels that tell series of one target apart.
func targets(all []series, own ...string) []target {
	at := map[string]int{}
	var out []target
	for _, s := range all {
		labels := without(s.labels, own)
		key := textOf(labels)
		i, known := at[key]
		if !known {
			i = len(out)
			at[key], out = i, append(out, target{labels: labels})
		}
		out[i].at = max(out[i].at, s.value)
	}
	slices.SortFunc(out, func(a, b target) int { return strings.Compare(textOf(a.labels), textOf(b.labels)) })
	return out
}

func without(labels map[string]string, own []string) map[string]string {
	out := maps.Clone(labels)
	delete(out, "__name__")
	for _, name := range own {
		delete(out, name)
	}
	return out
}

// textOf tells labels from others.
func textOf(labels map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		b.WriteString(name + "\x00" + labels[name] + "\x00")
	}
	return b.String()
}

// owns reports that a series is of the target: it has all its labels.
func (t target) owns(s series) bool {
	for name, value := range t.labels {
		if s.labels[name] != value {
			return false
		}
	}
	return true
}

// nodeLabels are those by which scrapes name the node, in the order of trust.
func nodeLabels() []string {
	return []string{
		"node",
		"nodename",
		"node_name",
		"kubernetes_node",
		"kubernetes_io_hostname",
		"hostname",
		"host",
		"instance",
	}
}

// named are the values by which a target may name its node.
func (t target) named() []string {
	var out []string
	for _, label := range nodeLabels() {
		value := t.labels[label]
		if host, _, err := net.SplitHostPort(value); err == nil {
			value = host
		}
		if value != "" {
			out = append(out, strings.Trim(value, "[]"))
		}
	}
	return out
}

// directory finds nodes by what targets call them.
type directory struct {
	byName    map[string]int
	byAddress map[netip.Addr]int
}

func directoryOf(nodes []Node) directory {
	d := directory{map[string]int{}, map[netip.Addr]int{}}
	for i, n := range nodes {
		d.byName[strings.ToLower(n.Name)] = i
		for _, a := range n.Addresses {
			d.byAddress[a.Unmap()] = i
		}
	}
	return d
}

// find is the node of a target.
func (d directory) find(t target) (index int, found bool) {
	for _, name := range t.named() {
		if i, known := d.byName[strings.ToLower(name)]; known {
			return i, true
		}
		if a, err := netip.ParseAddr(name); err == nil {
			if i, known := d.byAddress[a.Unmap()]; known {
				return i, true
			}
		}
	}
	return 0, false
}

// hostOf is what a target calls its node, where the nodes are not known: a name, or else
// an address.
func hostOf(t target) string {
	named := t.named()
	for _, name := range named {
		if _, err := netip.ParseAddr(name); err != nil {
			return name
		}
	}
	return cmp.Or(named...)
}
