package evidence

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"kpadvisor/advisor"
)

// fromPods is the evidence of the kube-proxy pods of a node.
func (v *view) fromPods(n NodeSign, version string) []clue {
	var clues []clue
	for i, pod := range v.proxies(n.Name) {
		p := pod.program.Value()
		says := "kube-proxy runs here"
		switch why := pod.failing(n.health.notReady, v.now); {
		case pod.leaving:
			says = "kube-proxy is being stopped here"
		case why != "" && why != notReady:
			says = "kube-proxy is here and does not run: " + why
		case why != "", !pod.ready:
			says = "kube-proxy is here and not ready"
		}
		more := []clue{{rank: present, source: p.owner, says: says, impl: advisor.KubeProxy}}
		more = append(more, v.fromProgram(p, version, n.windows, pod.started)...)
		if i > 0 { // a second one: one of them cannot bind its ports
			more = demoted(more)
		}
		clues = append(clues, more...)
	}
	others := v.otherProxies(n)
	switch {
	case len(clues) > 0:
		return append(clues, others...)
	case v.podsMissing:
		return append(others, clue{
			rank: unseen, source: "kube-proxy pods", says: notRead(v.podsWhy),
			blocked: true, why: v.podsWhy, detail: "kube-proxy pods were not read",
		})
	}
	return append(others, clue{rank: note, source: "kube-proxy pods", says: "none on this node"})
}

// notTaken is said of a kube-proxy that anybody may have made.
const notTaken = "called kube-proxy, in a namespace that is no platform's: not taken for the node's"

// otherProxies is what is called a kube-proxy on a node and does not count.
func (v *view) otherProxies(n NodeSign) []clue {
	var clues []clue
	for _, pod := range v.pods[n.Name] {
		switch p := pod.program.Value(); {
		case p.role != proxyRole:
		case p.foreign():
			clues = append(clues, clue{rank: note, source: p.owner, says: notTaken})
		case v.isDisabled(p):
			clues = append(clues, clue{rank: note, source: p.owner, says: "its own kube-proxy is switched off (mode disabled)"})
		}
	}
	return clues
}

// isDisabled reports whether OpenShift SDN was told not to be a kube-proxy.
func (v *view) isDisabled(p program) bool {
	if !p.openshift || p.file.configMap.name == "" {
		return false
	}
	c, err := v.configuration(p.file.configMap, p.file.file)
	return err == nil && c.Mode == disabled
}

// notRead words a read that failed.
func notRead(why advisor.Why) string {
	if why == advisor.NotAsked {
		return "not read"
	}
	return "not read (" + string(why) + ")"
}

// fromProgram is the evidence of one kube-proxy's command line and of the
// configuration it names.
func (v *view) fromProgram(p program, version string, windows bool, started time.Time) []clue {
	if p.opaque && !windows {
		return []clue{{
			rank: configured, source: p.owner + ", command", says: "a script or the image's own",
			impl: advisor.KubeProxy, blocked: true, why: advisor.Invisible,
			detail: "kube-proxy's arguments are in a script or in its image",
		}}
	}
	if !p.file.given {
		return v.fromArgs(p, version, windows, started)
	}
	var clues []clue
	if m := p.settings.mode; m != "" {
		c := modeClue(p, p.settings, version, windows)
		c.rank, c.source = note, p.owner+", --proxy-mode"
		c.says += ", ignored because --config is given"
		clues = append(clues, c)
	}
	if p.file.configMap.name == "" {
		return append(clues, clue{
			rank: configured, source: p.owner + ", --config",
			says: "a file on the node or in the image", impl: advisor.KubeProxy, blocked: true,
			why: advisor.Invisible, detail: "kube-proxy's --config is a file on the node or in the image",
		})
	}
	return append(clues, v.fromConfigMap(p, version, windows, started)...)
}

// fromArgs reads kube-proxy's flags, which count only without --config. The
// value of one may come from a ConfigMap, through a variable.
func (v *view) fromArgs(p program, version string, windows bool, started time.Time) []clue {
	s, source := p.settings, p.owner+", --proxy-mode"
	var changed []clue
	if ref, ok := configMapIn(p.namespace, s.mode); ok {
		object := configMapName(ref.configMap.namespace, ref.configMap.name)
		value, why, missing := v.key(ref)
		if missing {
			detail := source + " is a variable from " + object + ", whose value is not to be had"
			return []clue{notVisible(source, "a variable from "+object, why, detail)}
		}
		s.mode = value
		source += ", by a variable from " + object
		changed = v.whenChanged(ref, object, started)
	}
	if isHidden(s.mode) && !windows {
		const detail = "kube-proxy's mode is in a variable whose value is not visible"
		return []clue{notVisible(source, "a variable", advisor.Invisible, detail)}
	}
	c := modeClue(p, s, version, windows)
	c.rank, c.source, c.impl = configured, source, advisor.KubeProxy
	c.config = s.proxyConfig(c.mode, p.owner)
	clues := append([]clue{c}, changed...)
	clues[0].stale = slices.ContainsFunc(changed, func(c clue) bool { return c.stale })
	return clues
}

// notVisible is the clue of a kube-proxy whose mode cannot be had.
func notVisible(source, says string, why advisor.Why, detail string) clue {
	return clue{
		rank: configured, source: source, says: says, impl: advisor.KubeProxy,
		blocked: true, why: cmp.Or(why, advisor.Invisible), detail: detail,
	}
}

// key returns the value of a key of a ConfigMap; empty if it is not there.
func (v *view) key(ref fileRef) (value string, why advisor.Why, missing bool) {
	if why, missing = v.unread(configMapWant(ref.configMap, hidesProxy)); missing {
		return "", why, true
	}
	m, ok := v.configMaps[ref.configMap]
	value, there := m.data[ref.file]
	if !ok || !there || m.large[ref.file] {
		return "", advisor.Unreadable, true
	}
	return strings.TrimSpace(value), "", false
}

// fromConfigMap reads the file kube-proxy was started with, and says whether it
// may have changed since.
func (v *view) fromConfigMap(p program, version string, windows bool, started time.Time) []clue {
	object := configMapName(p.file.configMap.namespace, p.file.configMap.name)
	file := object + ", " + fileName(p.file.file)
	blocked := func(says string) []clue {
		return []clue{notVisible(file, says, advisor.Unreadable, file+": "+says)}
	}
	want := configMapWant(p.file.configMap, hidesProxy)
	if why, missing := v.unread(want); missing {
		return []clue{{
			rank: configured, source: file, says: notRead(why), impl: advisor.KubeProxy,
			blocked: true, why: why, detail: file + ": " + notRead(why),
		}}
	}
	m, ok := v.configMaps[p.file.configMap]
	if !ok || v.asked[want].Absent {
		return blocked("the ConfigMap is not there")
	}
	if _, ok := m.data[p.file.file]; !ok {
		return blocked("the key is not there")
	}
	if m.large[p.file.file] {
		return blocked("too large to be a KubeProxyConfiguration")
	}
	d, err := v.configuration(p.file.configMap, p.file.file)
	if err != nil {
		return blocked(refuses + ": " + err.Error())
	}
	s := d.settings()
	c := modeClue(p, s, version, windows)
	c.rank, c.source, c.impl = configured, file+", field mode", advisor.KubeProxy
	c.config = s.proxyConfig(c.mode, file)
	changed := v.whenChanged(p.file, object, started)
	c.stale = slices.ContainsFunc(changed, func(c clue) bool { return c.stale })
	return append([]clue{c}, changed...)
}

// refuses is said of a configuration with which kube-proxy does not start.
const refuses = "kube-proxy refuses this configuration"

// whenChanged says whether a key of a ConfigMap may have changed since a
// kube-proxy read it.
func (v *view) whenChanged(ref fileRef, object string, started time.Time) []clue {
	m := v.configMaps[ref.configMap]
	changed := m.changed[ref.file]
	if changed.IsZero() && m.created.After(started) {
		changed = m.created // made again after the start
	}
	switch {
	case started.IsZero() || changed.IsZero():
		return []clue{{rank: note, source: object, says: "not known whether it changed since kube-proxy started"}}
	case changed.After(started):
		return []clue{{
			rank: note, source: object, stale: true,
			says: "changed after kube-proxy started: what runs may be older",
		}}
	}
	return nil
}

// modeClue words a mode as it was configured.
func modeClue(p program, s settings, version string, windows bool) clue {
	refused := func(why string) clue {
		return clue{says: refuses + ": " + why, blocked: true, why: advisor.Unreadable, detail: refuses + ": " + why}
	}
	if !windows && refusedGate(s.gates, version) {
		return refused("it has a feature gate that this version no longer knows")
	}
	if p.openshift && s.mode == unidling {
		const says = unidling + " (the iptables proxier, with a userspace one for idled Services)"
		return clue{says: says, mode: advisor.IPTables}
	}
	if s.mode == "" {
		return defaultClue(version, windows)
	}
	m, ok := parseMode(s.mode)
	if !ok {
		return refused("its mode is none of kube-proxy's")
	}
	if why := refusedMode(s.mode, s.gates, version); why != "" && !windows {
		return refused(why)
	}
	return clue{says: string(m), mode: m}
}

// OpenShift SDN's own modes of its kube-proxy (openshift/sdn,
// pkg/openshift-sdn/proxy.go).
const (
	unidling = "unidling+iptables" // its default
	disabled = "disabled"          // a kube-proxy of its own runs beside it
)

// defaultClue words a mode that was left unset.
func defaultClue(version string, windows bool) clue {
	if windows {
		return clue{says: "unset", mode: advisor.Kernelspace, defaulted: true}
	}
	m, ok := defaultMode(version)
	if !ok {
		return clue{
			says: "unset", blocked: true, why: advisor.Invisible,
			detail: "the mode is unset and the version that sets the default is not known",
		}
	}
	return clue{says: "unset (default " + string(m) + ")", mode: m, defaulted: true}
}

// fromEvents is what kube-proxy itself said when it started. An Event from
// before the start of the process that runs says nothing of it.
func (v *view) fromEvents(n NodeSign, version string) []clue {
	events := v.events[n.Name]
	if len(events) == 0 {
		return nil
	}
	latest := events[0]
	for _, e := range events[1:] {
		if e.at.After(latest.at) || e.at.Equal(latest.at) && e.reason < latest.reason {
			latest = e
		}
	}
	c := clue{
		rank: reported, source: "Event " + latest.reason + " of the node", impl: advisor.KubeProxy,
		says: string(advisor.IPVS), mode: advisor.IPVS,
	}
	if latest.reason == defaultEvent {
		c.mode, _ = defaultMode(version)
		if c.mode == "" {
			c.mode = advisor.IPTables
		}
		c.defaulted = true
		c.says = "unset (default " + string(c.mode) + ")"
	}
	switch pods := v.proxies(n.Name); {
	case len(pods) == 0 && v.podsMissing:
		c.rank = note
	case len(pods) > 0 && (pods[0].started.IsZero() || latest.at.Before(pods[0].started)):
		c.rank = note
		c.says += ", of an earlier start"
		c.mode = ""
	}
	return []clue{c}
}

// fromNodeAnnotations is what k3s and RKE2 say of their own arguments. k3s
// passes --proxy-mode=iptables unless told otherwise (its pkg/daemons/agent),
// so that the mode is never unset there.
func (v *view) fromNodeAnnotations(n NodeSign) []clue {
	a := n.nodeArguments()
	source := "node annotation " + a.annotation
	if !a.embedsProxy() {
		if a.noProxy {
			return []clue{{rank: note, source: source, says: "--disable-kube-proxy"}}
		}
		return nil
	}
	blocked := func(why advisor.Why, says, detail string) []clue {
		return []clue{{rank: unseen, source: source, says: says, blocked: true, why: why, detail: detail}}
	}
	switch _, missing := v.unread(nodesWant()); {
	case v.embeddedOff:
		return blocked(advisor.Invisible, "--disable-kube-proxy", "k3s runs without kube-proxy, and what runs instead is not visible")
	case a.unreadable:
		return blocked(advisor.Unreadable, "not a list of arguments", source+" is not a list of arguments")
	case missing:
		return blocked(advisor.Bounded, "--disable-kube-proxy would be on a server node", "not all k3s nodes were read")
	}
	c := clue{says: "iptables (set by k3s itself)", mode: advisor.IPTables}
	if a.settings.mode != "" {
		c = modeClue(program{}, a.settings, n.version, n.windows)
	}
	c.rank, c.source, c.impl = configured, source+", --kube-proxy-arg", advisor.KubeProxy
	c.config = a.settings.proxyConfig(c.mode, c.source)
	if a.file {
		c = clue{
			rank: configured, source: c.source, says: "a configuration file on the node", impl: advisor.KubeProxy,
			blocked: true, why: advisor.Invisible, detail: "k3s starts kube-proxy with a configuration file on the node",
		}
	}
	return []clue{c}
}

// fromDaemonSets is what the DaemonSets of kube-proxy say beyond their pods:
// one scheduled nowhere was parked, the documented way to remove it from TKE
// and from Calico's eBPF dataplane.
func (v *view) fromDaemonSets(n NodeSign, version string) []clue {
	var clues []clue
	for _, d := range v.daemonSets {
		p := d.program.Value()
		switch {
		case p.role != proxyRole || v.isDisabled(p):
		case p.foreign():
			if len(v.proxies(n.Name)) == 0 && !d.parked {
				clues = append(clues, clue{rank: note, source: p.owner, says: notTaken})
			}
		case d.parked:
			clues = append(clues, clue{rank: note, source: p.owner, says: "scheduled on no node"})
		case v.podsMissing && len(v.proxies(n.Name)) == 0:
			clues = append(clues, demoted(v.fromProgram(p, version, n.windows, time.Time{}))...)
		}
	}
	return clues
}

// fromWindows: kube-proxy has one mode there.
func fromWindows(n NodeSign) []clue {
	if !n.windows {
		return nil
	}
	return []clue{{rank: system, source: "node operating system", says: "windows", mode: advisor.Kernelspace}}
}

// fromPlatform says why nothing is to be seen, if nothing is.
func fromPlatform(n NodeSign) []clue {
	return []clue{{rank: fallback, blocked: true, why: advisor.Invisible, detail: invisible(n.platform)}}
}
