package evidence

import (
	"cmp"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"
	"unique"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"kpadvisor/advisor"
)

// ComponentSign is software beside kube-proxy that a change of mode concerns, as
// its DaemonSet or a pod of its own shows it.
type ComponentSign struct {
	one unique.Handle[component]
}

// component is the same in all pods of one kind, hence comparable.
type component struct {
	name    advisor.ComponentName
	version string // as "v3.28.1", empty if the image's tag is none
	setting string // of its own command line and variables
	source  string
	// daemonSet says that the sign is of a DaemonSet, whose pods say the same.
	daemonSet bool
	options   key // the ConfigMap that says the rest, if one does
}

// ReduceComponentsOf returns the components that a DaemonSet runs.
func ReduceComponentsOf(d *appsv1.DaemonSet) []ComponentSign {
	if d.Status.DesiredNumberScheduled == 0 && d.Status.ObservedGeneration >= d.Generation {
		return nil // parked: it runs nowhere
	}
	return reduceComponents(d.Namespace, daemonSetName(d.Namespace, d.Name), d.Name, true, &d.Spec.Template.Spec)
}

// ReduceComponents returns the components that a pod of no DaemonSet runs: those
// of a DaemonSet are known by it.
func ReduceComponents(p *corev1.Pod) []ComponentSign {
	owner, daemonSet := ownerOf(&p.ObjectMeta)
	if daemonSet != "" || p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed {
		return nil
	}
	return reduceComponents(p.Namespace, owner, "", false, &p.Spec)
}

func reduceComponents(namespace, owner, name string, daemonSet bool, spec *corev1.PodSpec) []ComponentSign {
	var signs []ComponentSign
	for i := range spec.Containers {
		c := &spec.Containers[i]
		found, ok := componentIn(c, name)
		if !ok {
			continue
		}
		one := component{name: found, version: componentVersion(c.Image), source: owner, daemonSet: daemonSet}
		one.setting = componentSetting(found, c, spec)
		if found == advisor.ComponentFlannel {
			one.options = flannelOptions(namespace, spec)
		}
		signs = append(signs, ComponentSign{unique.Make(one)})
	}
	return signs
}

// componentIn tells a component by its container, as its own manifests call it,
// or by its image. name is that of the DaemonSet.
func componentIn(c *corev1.Container, name string) (advisor.ComponentName, bool) {
	image := imageName(c.Image)
	switch {
	case c.Name == "calico-node":
		return advisor.ComponentCalico, true
	case c.Name == "cilium-agent":
		return advisor.ComponentCilium, true
	case c.Name == "kube-flannel":
		return advisor.ComponentFlannel, true
	case c.Name == "antrea-agent":
		return advisor.ComponentAntrea, true
	case c.Name == "kube-router":
		return advisor.ComponentKubeRouter, true
	case name == "weave-net" && c.Name == "weave":
		return advisor.ComponentWeave, true
	case name == "kube-ovn-cni" && c.Name == "cni-server":
		return advisor.ComponentKubeOVN, true
	case name == "aws-node" && c.Name == "aws-node":
		return advisor.ComponentVPCCNI, true
	case c.Name == "terway":
		return advisor.ComponentTerway, true
	case c.Name == "kindnet-cni" || image == "kindnetd":
		return advisor.ComponentKindnet, true
	case c.Name == "node-cache" || image == "k8s-dns-node-cache":
		return advisor.ComponentNodeLocalDNS, true
	case c.Name == "kube-vip" || image == "kube-vip":
		return advisor.ComponentKubeVIP, true
	case c.Name == "speaker" && (name == "speaker" || strings.Contains(c.Image, "metallb")):
		return advisor.ComponentMetalLB, true
	case strings.Contains(image, "keepalived"):
		return advisor.ComponentKeepalived, true
	}
	return "", false
}

// imageName is the last part of an image's path, without tag and digest.
func imageName(image string) string {
	image, _, _ = strings.Cut(image, "@")
	name, _, _ := strings.Cut(path.Base(image), ":")
	return name
}

// componentVersion returns the version in an image's tag, "v3.28.1"; what follows
// it (v1.18.1-eksbuild.3) is dropped.
func componentVersion(image string) string {
	image, _, _ = strings.Cut(image, "@")
	_, tag, _ := strings.Cut(path.Base(image), ":")
	rest := strings.TrimPrefix(tag, "v")
	end := strings.IndexFunc(rest, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end >= 0 {
		rest = rest[:end]
	}
	parts := strings.Split(rest, ".")
	isNumber := func(p string) bool { return p != "" && len(p) <= 4 }
	if len(parts) < 2 || len(parts) > 3 || !all(parts, isNumber) {
		return ""
	}
	return "v" + rest
}

// componentSetting is what a component's command line and variables say that
// bears on a change of mode.
func componentSetting(name advisor.ComponentName, c *corev1.Container, spec *corev1.PodSpec) string {
	env := environment(c)
	switch name {
	case advisor.ComponentCalico:
		return joined(variable(env, "FELIX_NFTABLESMODE", "Auto", "Enabled", "Disabled"),
			variable(env, "FELIX_BPFENABLED", "true", "false"), variable(env, "FELIX_IPTABLESBACKEND", "Auto", "Legacy", "NFT"))
	case advisor.ComponentVPCCNI:
		return joined(variable(env, "ENABLE_POD_ENI", "true"),
			variable(env, "POD_SECURITY_GROUP_ENFORCING_MODE", "strict", "standard"), policyAgent(spec))
	case advisor.ComponentNodeLocalDNS:
		return nodeCache(commandLine(c))
	case advisor.ComponentKubeVIP:
		if v, _ := env.get("lb_enable"); isTrue(v) || hasFlag(c, "enableLoadBalancer") {
			return "lb_enable" // its IPVS load balancer of the control plane
		}
	}
	return ""
}

// variable words a variable, if it has one of the values, whatever their case.
func variable(env variables, name string, values ...string) string {
	value, _ := env.get(name)
	for _, v := range values {
		if strings.EqualFold(v, value) {
			return name + " " + v
		}
	}
	return ""
}

func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// policyAgent names the network policy agent of the VPC CNI, which has to be of
// an age with it, and whether it has policies to keep.
func policyAgent(spec *corev1.PodSpec) string {
	for i := range spec.Containers {
		c := &spec.Containers[i]
		if c.Name != "aws-eks-nodeagent" {
			continue
		}
		s := strings.TrimSpace("aws-eks-nodeagent " + componentVersion(c.Image))
		if hasFlag(c, "enable-network-policy") {
			s += " with --enable-network-policy"
		}
		return s
	}
	return ""
}

// hasFlag reports whether a container is given a boolean flag as true.
func hasFlag(c *corev1.Container, name string) bool {
	return isTrue(flagValues(commandLine(c), map[string]flagKind{name: boolFlag})[name])
}

// nodeCache reads what NodeLocal DNSCache binds: a link-local address alone, for
// IPVS, or the address of the kube-dns Service as well (k/website, nodelocaldns).
func nodeCache(words []string) string {
	v := map[string]string{}
	for i, w := range words { // its flags are Go's own, with one dash or two
		name, value, given := strings.Cut(strings.TrimLeft(w, "-"), "=")
		if !strings.HasPrefix(w, "-") || name != "localip" && name != "setupiptables" {
			continue
		}
		if !given && name == "localip" && i+1 < len(words) {
			value = words[i+1]
		}
		v[name] = value
	}
	var local, others int
	for a := range strings.SplitSeq(v["localip"], ",") {
		switch ip, err := netip.ParseAddr(strings.TrimSpace(a)); {
		case err != nil:
		case ip.IsLinkLocalUnicast():
			local++
		default:
			others++
		}
	}
	var setting string
	switch {
	case others > 0:
		setting = "-localip with a Service's address"
	case local > 0:
		setting = "-localip link-local alone"
	}
	if b, err := strconv.ParseBool(v["setupiptables"]); err == nil && !b {
		setting = joined(setting, "-setupiptables=false")
	}
	return setting
}

// flannelOptions finds the ConfigMap of flannel among the pod's volumes.
func flannelOptions(namespace string, spec *corev1.PodSpec) key {
	for i := range spec.Volumes {
		for _, s := range configMapsOf(&spec.Volumes[i]) {
			if s.name == "kube-flannel-cfg" {
				return key{namespace, s.name}
			}
		}
	}
	return key{}
}

// components are those that were seen, each once: by its DaemonSet rather than
// by a pod.
func (v *view) components() []advisor.Component {
	seen := slices.Clone(v.seen)
	slices.SortFunc(seen, func(a, b component) int {
		return cmp.Or(strings.Compare(string(a.name), string(b.name)), compareBool(b.daemonSet, a.daemonSet),
			strings.Compare(b.setting, a.setting), strings.Compare(a.source, b.source), strings.Compare(a.version, b.version))
	})
	seen = slices.CompactFunc(seen, func(a, b component) bool { return a.name == b.name })
	var list []advisor.Component
	for _, c := range seen {
		list = append(list, advisor.Component{
			Name: c.name, Version: c.version, Setting: joined(v.wide(c), c.setting), Source: c.source,
		})
	}
	return list
}

// wide is what objects of the whole cluster say of a component.
func (v *view) wide(c component) string {
	switch c.name {
	case advisor.ComponentCalico:
		return joined(v.dataplane(), v.felix())
	case advisor.ComponentCilium:
		return v.ciliumSetting()
	case advisor.ComponentAntrea:
		return v.roleSays(antreaRole, func(p program) string {
			if d, err := v.document(p.optionsKey(), "antrea-agent.conf"); err == nil && len(d) > 0 {
				return "proxyAll " + strconv.FormatBool(d.proxyAll())
			}
			return ""
		})
	case advisor.ComponentKubeRouter:
		return v.roleSays(kubeRouterRole, func(p program) string { return "run-service-proxy " + cmp.Or(p.option, "true") })
	case advisor.ComponentKubeOVN:
		return v.roleSays(kubeOVNBrain, func(p program) string {
			return "enable-lb " + strconv.FormatBool(isTrue(cmp.Or(p.option, "true")))
		})
	case advisor.ComponentTerway:
		if t := strings.ToLower(v.terwayType()); slices.Contains([]string{"datapathv2", "ipvlan", "veth"}, t) {
			return "eniip_virtual_type " + t
		}
	case advisor.ComponentFlannel:
		if d, err := v.document(c.options, "net-conf.json"); err == nil && len(d) > 0 {
			return "EnableNFTables " + strconv.FormatBool(d.at("EnableNFTables") == "true")
		}
	}
	return ""
}

// roleSays words the first program of a role.
func (v *view) roleSays(r role, word func(program) string) string {
	for _, p := range v.programs {
		if p.role == r {
			return word(p)
		}
	}
	return ""
}

// dataplane is what the Tigera operator was told; unset is Iptables to it.
func (v *view) dataplane() string {
	for _, c := range v.customs {
		if c.resource != "installations" || c.name != "default" {
			continue
		}
		switch d := document(c.spec).at("calicoNetwork", "linuxDataplane"); d {
		case "Iptables", "Nftables", "BPF", "VPP":
			return "linuxDataplane " + d
		case "":
			return "linuxDataplane unset"
		}
	}
	return ""
}

// felix is what the default FelixConfiguration says.
func (v *view) felix() string {
	for _, c := range v.customs {
		if c.resource != "felixconfigurations" || c.name != "default" {
			continue
		}
		d := document(c.spec)
		var mode, bpf string
		if m := d.at("nftablesMode"); slices.Contains([]string{"Auto", "Enabled", "Disabled"}, m) {
			mode = "nftablesMode " + m
		}
		if b := d.at("bpfEnabled"); b == "true" || b == "false" {
			bpf = "bpfEnabled " + b
		}
		return joined(mode, bpf)
	}
	return ""
}

// ciliumSetting is what cilium-config says of the replacement and of chaining.
func (v *view) ciliumSetting() string {
	word := func(p program) string {
		data := v.configMaps[p.optionsKey()].data
		var chaining string
		switch m := data["cni-chaining-mode"]; m {
		case "aws-cni", "portmap", "generic-veth", "flannel":
			chaining = "cni-chaining-mode " + m
		}
		value := cmp.Or(p.option, data[fieldReplacement])
		if !slices.Contains([]string{"true", "false", "strict", "partial", "probe", "disabled"}, value) {
			return chaining
		}
		return joined(fieldReplacement+" "+value, chaining)
	}
	return cmp.Or(v.roleSays(ciliumRole, word), v.roleSays(anetdRole, word))
}
