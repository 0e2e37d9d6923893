package evidence

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"kpadvisor/advisor"
)

const (
	hidesProxy       = "which kube-proxy mode runs on each node"
	hidesReplacement = "whether something replaces kube-proxy"
)

func nodesWant() Want {
	return Want{
		Verb: List, Version: "v1", Resource: "nodes", What: "Nodes",
		Hides: "kernels, versions and platform of the nodes",
	}
}

func podsWant(namespace, selector, what, hides string) Want {
	return Want{
		Verb: List, Version: "v1", Resource: "pods", Namespace: namespace,
		LabelSelector: selector, What: what, Hides: hides,
	}
}

// proxyPodWants list the kube-proxy pods by the labels platforms give them. No
// pod matches two.
func proxyPodWants() []Want {
	const what, names = "kube-proxy pods", "(kube-proxy,kube-proxy-worker,kube-proxy-master)"
	return []Want{
		podsWant("", "k8s-app in "+names, what, hidesProxy),
		podsWant("", "component=kube-proxy,k8s-app notin "+names, what, hidesProxy),
		podsWant("", "app=kube-proxy,component!=kube-proxy,k8s-app notin "+names, what, hidesProxy),
	}
}

// staticPodsWant lists the pods of kube-system that no DaemonSet and no
// Deployment made, hence those of files on the nodes: a kube-proxy among them
// need not have labels. Few pods are without these two, and none is listed twice.
func staticPodsWant() Want {
	return podsWant("kube-system", "!controller-revision-hash,!pod-template-hash,!job-name,component!=kube-proxy,"+
		"app!=kube-proxy,k8s-app notin (kube-proxy,kube-proxy-worker,kube-proxy-master)", "static pods of kube-system", hidesProxy)
}

// agentPodWants list the pods of what may replace kube-proxy, for when their
// DaemonSets cannot be read.
func agentPodWants() []Want {
	const what = "pods of CNI plugins"
	return []Want{
		podsWant("", "k8s-app in (calico-node,canal,cilium,kube-router)", what, hidesReplacement),
		podsWant("", "app in (antrea,ovnkube-node),k8s-app notin (calico-node,canal,cilium,kube-router)", what, hidesReplacement),
	}
}

func daemonSetsWant() Want {
	return Want{
		Verb: List, Group: "apps", Version: "v1", Resource: "daemonsets",
		What: "DaemonSets", Hides: hidesReplacement,
	}
}

// eventWants list the Events by which kube-proxy says its mode. They are about
// Nodes, hence in namespace default. Not to see them hides nothing as a rule.
func eventWants() []Want {
	var wants []Want
	for _, reason := range []string{ipvsEvent, defaultEvent} {
		wants = append(wants, Want{
			Verb: List, Version: "v1", Resource: "events", Namespace: "default",
			FieldSelector: "reason=" + reason, Optional: true, What: "Events " + reason,
			Hides: "the mode kube-proxy itself reported at its start",
		})
	}
	return wants
}

func configMapWant(k key, hides string) Want {
	return Want{
		Verb: Get, Version: "v1", Resource: "configmaps", Namespace: k.namespace, Name: k.name,
		What: configMapName(k.namespace, k.name), Hides: hides,
	}
}

func ciliumNodeConfigsWant(version string) Want {
	return Want{
		Verb: List, Group: "cilium.io", Version: version, Resource: "ciliumnodeconfigs", Optional: true,
		What: "CiliumNodeConfigs", Hides: hidesReplacement + " on some nodes",
	}
}

// felixWant lists FelixConfigurations, which older clusters serve in group
// crd.projectcalico.org and newer ones in projectcalico.org.
func felixWant(group, version string) Want {
	return Want{
		Verb: List, Group: group, Version: version, Resource: "felixconfigurations", Optional: true,
		What: "FelixConfigurations", Hides: hidesReplacement,
	}
}

func installationWant() Want {
	return Want{
		Verb: Get, Group: "operator.tigera.io", Version: "v1", Resource: "installations", Name: "default",
		Optional: true, What: "Installation default", Hides: hidesReplacement,
	}
}

func networkWant() Want {
	return Want{
		Verb: Get, Group: "operator.openshift.io", Version: "v1", Resource: "networks", Name: "cluster",
		Optional: true, What: "Network cluster", Hides: hidesReplacement,
	}
}

// Wants returns the first round of reads.
func Wants() []Want {
	wants := append([]Want{nodesWant()}, proxyPodWants()...)
	return append(append(wants, staticPodsWant(), daemonSetsWant()), eventWants()...)
}

// Possible returns every read that Wants and More can ask for, for a
// ClusterRole, apart from ConfigMaps whose name is not the same everywhere.
func Possible() []Want {
	wants := append(Wants(), agentPodWants()...)
	for _, k := range knownConfigMaps() {
		wants = append(wants, configMapWant(k, hidesProxy))
	}
	return append(wants, ciliumNodeConfigsWant("v2"), ciliumNodeConfigsWant("v2alpha1"),
		felixWant("crd.projectcalico.org", "v1"), felixWant("projectcalico.org", "v3"),
		installationWant(), networkWant())
}

// More returns the reads that the objects read so far call for and that were
// not asked yet; empty when there is nothing left to ask. Call it until then:
// it ends after at most three rounds.
func More(o Objects) []Want {
	v := newView(o)
	var wants []Want
	ask := func(more ...Want) {
		for _, w := range more {
			if _, done := o.Asked[w]; !done && !slices.Contains(wants, w) {
				wants = append(wants, w)
			}
		}
	}
	ask(v.podsToAsk()...)
	ask(v.filesToAsk()...)
	if v.runs(ciliumRole) || v.runs(anetdRole) {
		ask(ciliumNodeConfigsWant("v2"))
		if o.Asked[ciliumNodeConfigsWant("v2")].Why == advisor.NotServed {
			ask(ciliumNodeConfigsWant("v2alpha1"))
		}
	}
	if v.runs(calicoRole) {
		ask(installationWant(), felixWant("crd.projectcalico.org", "v1"))
		if o.Asked[felixWant("crd.projectcalico.org", "v1")].Why == advisor.NotServed {
			ask(felixWant("projectcalico.org", "v3"))
		}
	}
	if v.runs(kubeOVNRole) {
		ask(podsWant("kube-system", "app=kube-ovn-controller", "pods of Kube-OVN", hidesReplacement))
	}
	if v.runs(terwayRole) {
		ask(configMapWant(eniConfig(), hidesReplacement))
	}
	if v.isOpenShift() {
		ask(networkWant())
	}
	return wants
}

// podsToAsk lists the pods of agents that do not run everywhere, and of
// kube-proxy DaemonSets whose labels are not the usual ones.
func (v *view) podsToAsk() []Want {
	why, missing := v.unread(daemonSetsWant())
	if missing && why == advisor.NotAsked {
		return nil
	}
	var wants []Want
	if missing {
		wants = agentPodWants()
	}
	for _, d := range v.daemonSets {
		p := d.program.Value()
		switch {
		case d.parked, p.foreign(), p.role == terwayRole, p.role == kubeOVNRole: // the DaemonSet says enough
		case p.role == proxyRole:
			if !selects(proxyPodWants(), d.labels) {
				wants = append(wants, d.podsWant())
			}
		case !v.everywhere(d):
			wants = append(wants, d.podsWant())
		}
	}
	return wants
}

// podsWant lists the pods of a DaemonSet.
func (d DaemonSetSign) podsWant() Want {
	p := d.program.Value()
	hides := hidesReplacement
	if p.role == proxyRole {
		hides = hidesProxy
	}
	return podsWant(d.namespace, d.selector, "pods of "+p.owner, hides)
}

// filesToAsk gets the ConfigMaps that programs are configured with. When
// nothing says which, the well-known ones may still be evidence.
func (v *view) filesToAsk() []Want {
	var wants []Want
	for _, p := range v.programs {
		switch {
		case p.role == proxyRole && p.file.configMap.name != "":
			wants = append(wants, configMapWant(p.file.configMap, hidesProxy))
		case p.role == proxyRole && !p.file.given:
			if ref, ok := configMapIn(p.namespace, p.settings.mode); ok {
				wants = append(wants, configMapWant(ref.configMap, hidesProxy))
			}
		case p.role == ciliumRole, p.role == anetdRole, p.role == antreaRole:
			wants = append(wants, configMapWant(p.optionsKey(), hidesReplacement))
		}
	}
	for _, c := range v.seen {
		if c.options.name != "" {
			w := configMapWant(c.options, "whether flannel makes nftables rules")
			w.Optional = true
			wants = append(wants, w)
		}
	}
	return wants
}

// optionsKey names the ConfigMap of an agent; one that reads it through the API
// does not mount it.
func (p program) optionsKey() key {
	switch {
	case p.options.name != "":
		return p.options
	case p.role == antreaRole:
		return key{"kube-system", "antrea-config"}
	}
	return key{p.namespace, "cilium-config"}
}

// everyProgram returns all that were seen and count, in an order that does not depend on that of
// the objects.
func (v *view) everyProgram() []program {
	seen := map[program]bool{}
	for _, d := range v.daemonSets {
		if p := d.program.Value(); !d.parked && !p.foreign() {
			seen[p] = true
		}
	}
	for _, pods := range v.pods {
		for _, p := range pods {
			if p := p.program.Value(); !p.foreign() {
				seen[p] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(seen), compareProgram)
}

// selects reports whether one of the wants would list a pod with these labels.
func selects(wants []Want, l map[string]string) bool {
	return slices.ContainsFunc(wants, func(w Want) bool {
		s, err := labels.Parse(w.LabelSelector)
		return err == nil && s.Matches(labels.Set(l))
	})
}
