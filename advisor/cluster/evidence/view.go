package evidence

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kpadvisor/advisor"
)

// view is Objects indexed for concluding.
type view struct {
	nodes      []NodeSign // also those known only by a pod on them
	linux      int        // nodes that are not Windows, and not managed
	now        time.Time
	pods       map[string][]PodSign
	daemonSets []DaemonSetSign
	configMaps map[key]ConfigMapSign
	events     map[string][]EventSign
	customs    []CustomSign
	asked      map[Want]Answer
	fleets     map[role]fleet
	documents  map[fileRef]parsed // every node reads the same few
	configs    map[fileRef]parsedConfiguration
	programs   []program   // that count, each once
	seen       []component // each kind once
	// podsMissing says that a kube-proxy pod may have escaped, and podsWhy why.
	podsMissing bool
	podsWhy     advisor.Why
	// embeddedOff says that the k3s servers run without kube-proxy.
	embeddedOff bool
}

func newView(o Objects) *view {
	v := &view{
		pods:       make(map[string][]PodSign, len(o.Nodes)),
		configMaps: make(map[key]ConfigMapSign, len(o.ConfigMaps)),
		events:     map[string][]EventSign{},
		asked:      o.Asked,
		now:        o.Now,
		documents:  map[fileRef]parsed{},
		configs:    map[fileRef]parsedConfiguration{},
	}
	nodes := make(map[string]NodeSign, len(o.Nodes))
	for _, n := range o.Nodes {
		nodes[n.Name] = n
	}
	unlisted := map[string]NodeSign{}
	for _, p := range o.Pods {
		if _, ok := nodes[p.node]; !ok {
			windows := unlisted[p.node].windows || p.program.Value().windows
			unlisted[p.node] = NodeSign{Name: p.node, windows: windows}
		}
		v.pods[p.node] = append(v.pods[p.node], p)
	}
	maps.Copy(nodes, unlisted)
	for _, n := range nodes {
		if !n.windows && n.health.managed == "" {
			v.linux++
		}
	}
	v.nodes = slices.SortedFunc(maps.Values(nodes), func(a, b NodeSign) int { return strings.Compare(a.Name, b.Name) })
	for _, c := range o.ConfigMaps {
		v.configMaps[c.key] = c
	}
	for _, e := range o.Events {
		v.events[e.node] = append(v.events[e.node], e)
	}
	v.daemonSets = slices.SortedFunc(slices.Values(o.DaemonSets), func(a, b DaemonSetSign) int { return a.key.compare(b.key) })
	v.customs = slices.SortedFunc(slices.Values(o.Customs), func(a, b CustomSign) int {
		return cmp.Or(strings.Compare(a.resource, b.resource), a.key.compare(b.key))
	})
	v.programs = v.everyProgram()
	kinds := map[component]bool{}
	for _, c := range o.Components {
		kinds[c.one.Value()] = true
	}
	v.seen = slices.Collect(maps.Keys(kinds))
	v.podsWhy, v.podsMissing = v.proxyPodsUnread()
	v.fleets = map[role]fleet{}
	for _, r := range agentRoles() {
		v.fleets[r] = v.fleetOf(r)
	}
	v.embeddedOff = slices.ContainsFunc(v.nodes, func(n NodeSign) bool {
		a := n.nodeArguments()
		return a.embedsProxy() && a.server && a.noProxy
	})
	return v
}

func (k key) compare(other key) int {
	return cmp.Or(strings.Compare(k.namespace, other.namespace), strings.Compare(k.name, other.name))
}

// compareProgram is an order, whichever, that the objects' order has no part in.
func compareProgram(a, b program) int {
	if a == b {
		return 0
	}
	return strings.Compare(fmt.Sprintf("%+v", a), fmt.Sprintf("%+v", b))
}

// unread reports whether one of the wants was not asked, or not answered
// wholly, and why. That a kind is not served, or that an object is not there,
// is an answer.
func (v *view) unread(wants ...Want) (advisor.Why, bool) {
	var why advisor.Why
	missing := false
	for _, w := range wants {
		a, asked := v.asked[w]
		if asked && (a.Why == "" || a.Why == advisor.NotServed && w.Optional) {
			continue
		}
		missing = true
		if why == "" || a.Why == advisor.Forbidden {
			why = a.Why
		}
	}
	return why, missing
}

// everywhere reports whether a DaemonSet runs on every ordinary node that is not
// Windows.
func (v *view) everywhere(d DaemonSetSign) bool {
	_, missing := v.unread(nodesWant())
	return !missing && d.desired > 0 && int(d.desired) >= v.linux
}

// parsed is a document of a ConfigMap, or why it is none.
type parsed struct {
	document document
	err      error
}

// document parses a key of a ConfigMap, once.
func (v *view) document(configMap key, file string) (document, error) {
	ref := fileRef{configMap: configMap, file: file}
	p, ok := v.documents[ref]
	if !ok {
		p.document, p.err = parseDocument(v.configMaps[configMap].data[file])
		v.documents[ref] = p
	}
	return p.document, p.err
}

// parsedConfiguration is kube-proxy's, or why it refuses it.
type parsedConfiguration struct {
	configuration *configuration
	err           error
}

// configuration reads a key of a ConfigMap as kube-proxy does, once.
func (v *view) configuration(configMap key, file string) (*configuration, error) {
	ref := fileRef{configMap: configMap, file: file}
	p, ok := v.configs[ref]
	if !ok {
		p.configuration, p.err = parseConfiguration(v.configMaps[configMap].data[file])
		v.configs[ref] = p
	}
	return p.configuration, p.err
}

// runs reports whether a role was seen at all.
func (v *view) runs(r role) bool {
	return slices.ContainsFunc(v.programs, func(p program) bool { return p.role == r })
}

func (v *view) isOpenShift() bool {
	return slices.ContainsFunc(v.nodes, func(n NodeSign) bool { return n.platform == advisor.OpenShift }) ||
		slices.ContainsFunc(v.daemonSets, func(d DaemonSetSign) bool { return strings.HasPrefix(d.namespace, "openshift-") })
}

// fleet is where the pods of a role run, beyond those that were listed.
type fleet struct {
	program program
	// everywhere says that the program runs on every node that is not Windows.
	everywhere bool
	// missing says that it may run on nodes where no pod was seen, and why.
	missing bool
	why     advisor.Why
}

func (v *view) fleetOf(r role) fleet {
	if why, missing := v.unread(daemonSetsWant()); missing {
		whyPods, missing := v.unread(agentPodWants()...)
		return fleet{missing: missing, why: cmp.Or(whyPods, why)}
	}
	var f fleet
	for _, d := range v.daemonSets {
		p := d.program.Value()
		if p.role != r || d.parked {
			continue
		}
		if v.everywhere(d) {
			return fleet{program: p, everywhere: true}
		}
		if why, missing := v.unread(d.podsWant()); missing {
			f = fleet{missing: true, why: why}
		}
	}
	return f
}

// agent finds the program of a role on a node. Where that cannot be said,
// missing is true and why is the reason.
func (v *view) agent(r role, n NodeSign) (p program, found bool, why advisor.Why, missing bool) {
	if n.windows {
		return program{}, false, "", false
	}
	for _, pod := range v.pods[n.Name] {
		if p := pod.program.Value(); p.role == r {
			return p, true, "", false
		}
	}
	f := v.fleets[r]
	return f.program, f.everywhere, f.why, f.missing
}

// proxies are the kube-proxy pods of a node, the one in charge first: what runs
// before what does not, and what stays before what goes. OpenShift SDN's own,
// switched off, is none: another one runs beside it.
func (v *view) proxies(node string) []PodSign {
	var all []PodSign
	for _, pod := range v.pods[node] {
		if p := pod.program.Value(); p.role == proxyRole && !p.foreign() && !v.isDisabled(p) {
			all = append(all, pod)
		}
	}
	slices.SortFunc(all, func(a, b PodSign) int {
		return cmp.Or(compareBool(a.trouble != "", b.trouble != ""), compareBool(a.leaving, b.leaving),
			compareBool(a.program.Value().openshift, b.program.Value().openshift), compareBool(b.ready, a.ready),
			b.started.Compare(a.started), compareProgram(a.program.Value(), b.program.Value()))
	})
	return all
}

// compareBool sorts false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// proxyPodsUnread reports whether a kube-proxy pod may have escaped.
func (v *view) proxyPodsUnread() (advisor.Why, bool) {
	wants := proxyPodWants()
	for _, d := range v.daemonSets {
		if p := d.program.Value(); !d.parked && p.role == proxyRole && !p.foreign() && !selects(proxyPodWants(), d.labels) {
			wants = append(wants, d.podsWant())
		}
	}
	return v.unread(append(wants, staticPodsWant())...)
}
