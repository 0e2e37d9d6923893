package evidence

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"

	"kpadvisor/advisor"
)

// hiddenBy is the clue that something which may replace kube-proxy could not be
// read. To conclude kube-proxy from that would be to trust a denied read.
func hiddenBy(source string, why advisor.Why) []clue {
	return []clue{{
		rank: hidden, source: source, says: notRead(why), blocked: true, why: why,
		detail: source + " could not be read, and may say that something replaces kube-proxy",
	}}
}

// fromAgents is the evidence of whatever may run instead of kube-proxy.
func (v *view) fromAgents(n NodeSign) []clue {
	if n.windows {
		return nil
	}
	var clues []clue
	for _, r := range agentRoles() {
		p, found, why, missing := v.agent(r, n)
		switch {
		case missing:
			clues = append(clues, hiddenBy("pods of CNI plugins", why)...)
		case !found:
		case r == ciliumRole || r == anetdRole:
			clues = append(clues, v.fromCilium(n, p)...)
		case r == calicoRole:
			clues = append(clues, v.fromCalico(n, p)...)
		case r == antreaRole:
			clues = append(clues, v.fromAntrea(p)...)
		case r == kubeRouterRole:
			clues = append(clues, fromKubeRouter(p)...)
		case r == ovnRole:
			clues = append(clues, clue{
				rank: replacement, source: p.owner, says: "OVN-Kubernetes runs here",
				impl: advisor.OVNKubernetes,
			})
		}
	}
	if v.runs(terwayRole) {
		clues = append(clues, v.fromTerway()...)
	}
	clues = append(clues, v.fromKubeOVN()...)
	return append(clues, v.fromNetworkOperator()...)
}

// fromCilium reads kube-proxy-replacement, strongest first: the agent's own
// flag, a CiliumNodeConfig for this node, cilium-config.
func (v *view) fromCilium(n NodeSign, p program) []clue {
	impl := advisor.Cilium
	if p.role == anetdRole {
		impl = advisor.DataplaneV2
	}
	if impl == advisor.DataplaneV2 && !v.podsMissing && len(v.proxies(n.Name)) == 0 {
		// GKE's anetd alone on a node: whatever its configuration says.
		return []clue{{rank: replacement, source: p.owner, says: "anetd runs here and no kube-proxy", impl: impl}}
	}
	value, source, why, missing := v.ciliumValue(n, p)
	if missing {
		return hiddenBy(source, why)
	}
	c := clue{rank: note, source: source, says: "kube-proxy-replacement: " + value}
	switch value {
	case "true", "strict":
		c.rank, c.impl = replacement, impl
	case "partial", "probe":
		// Before 1.14 they left to a kube-proxy beside what they did not replace.
		c.partial = "Cilium, " + fieldReplacement + " " + value
	case "false", "disabled":
		if parts := v.ciliumParts(p); parts != "" {
			c.partial = "Cilium, " + fieldReplacement + " " + value + " with " + parts
		}
	case "":
		c.says = "kube-proxy-replacement is unset"
	default:
		c.says = "kube-proxy-replacement is none of its values"
	}
	return []clue{c}
}

// fieldReplacement is the key of cilium-config and the agent's flag.
const fieldReplacement = "kube-proxy-replacement"

// ciliumParts names the parts of a replacement that are enabled one by one
// (docs.cilium.io, kubeproxy-free, hybrid modes): NodePorts, and the translation
// in the socket, by its newer and its older name.
func (v *view) ciliumParts(p program) string {
	data := v.configMaps[p.optionsKey()].data
	var parts []string
	for _, name := range []string{"enable-node-port", "bpf-lb-sock", "enable-host-reachable-services"} {
		if data[name] == "true" {
			parts = append(parts, name)
		}
	}
	return strings.Join(parts, ", ")
}

func (v *view) ciliumValue(n NodeSign, p program) (value, source string, why advisor.Why, missing bool) {
	if p.option != "" {
		return p.option, p.owner + ", --kube-proxy-replacement", "", false
	}
	const field = fieldReplacement
	overrides := "CiliumNodeConfigs"
	why, missing = v.unread(ciliumNodeConfigsWant("v2"))
	if !missing && v.asked[ciliumNodeConfigsWant("v2")].Why == advisor.NotServed {
		why, missing = v.unread(ciliumNodeConfigsWant("v2alpha1"))
	}
	if missing {
		return "", overrides, why, true
	}
	set := labels.Set(nil)
	for _, c := range v.customs {
		if c.resource != "ciliumnodeconfigs" || c.namespace != p.namespace {
			continue
		}
		defaults, _ := c.spec["defaults"].(map[string]any)
		override, ok := defaults[field].(string)
		if !ok {
			continue
		}
		if why, missing := v.unread(nodesWant()); missing { // their labels decide
			return "", overrides, why, true
		}
		if set == nil {
			set = n.labelSet()
		}
		if selectsNode(c.spec["nodeSelector"], set) {
			value, source = override, "CiliumNodeConfig of the node" // the last by name wins
		}
	}
	if source != "" {
		return value, source, "", false
	}
	k := p.optionsKey()
	source = configMapName(k.namespace, k.name)
	if why, missing = v.unread(configMapWant(k, hidesReplacement)); missing {
		return "", source, why, true
	}
	return v.configMaps[k].data[field], source + ", key " + field, "", false
}

// labelSet are the labels of a node as a selector wants them.
func (n NodeSign) labelSet() labels.Set {
	set := make(labels.Set, len(n.labels))
	for _, l := range n.labels {
		k, v, _ := strings.Cut(l.Value(), "=")
		set[k] = v
	}
	return set
}

// selectsNode reports whether a label selector of a custom resource matches;
// one that cannot be read matches nothing.
func selectsNode(selector any, set labels.Set) bool {
	fields, ok := selector.(map[string]any)
	if !ok {
		return false
	}
	var parsed metav1.LabelSelector
	if runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &parsed) != nil {
		return false
	}
	s, err := metav1.LabelSelectorAsSelector(&parsed)
	return err == nil && s.Matches(set)
}

// fromCalico reads whether Felix runs its eBPF dataplane, strongest first: its
// environment, the FelixConfiguration of the node, the default one, and the
// operator's Installation.
func (v *view) fromCalico(n NodeSign, p program) []clue {
	bpf := func(source, field, value string) []clue {
		switch strings.ToLower(value) {
		case "true", "1", "yes", "y", "t":
			return []clue{{rank: replacement, source: source, says: field + ": true", impl: advisor.CalicoEBPF}}
		}
		return []clue{{rank: note, source: source, says: field + ": false"}}
	}
	if p.option != "" {
		return bpf(p.owner, "FELIX_BPFENABLED", p.option)
	}
	why, missing := v.unread(felixWant("crd.projectcalico.org", "v1"))
	if !missing && v.asked[felixWant("crd.projectcalico.org", "v1")].Why == advisor.NotServed {
		why, missing = v.unread(felixWant("projectcalico.org", "v3"))
	}
	if missing {
		return hiddenBy("FelixConfigurations", why)
	}
	for _, name := range []string{"node." + n.Name, "default"} {
		for _, c := range v.customs {
			if c.resource != "felixconfigurations" || c.name != name {
				continue
			}
			if enabled, ok := c.spec["bpfEnabled"].(bool); ok {
				source := "FelixConfiguration default"
				if name != "default" {
					source = "FelixConfiguration of the node"
				}
				return bpf(source, "bpfEnabled", document{"v": enabled}.at("v"))
			}
		}
	}
	return v.fromInstallation()
}

// fromInstallation reads the dataplane the Tigera operator was told to install.
func (v *view) fromInstallation() []clue {
	const source = "Installation default, spec.calicoNetwork.linuxDataplane"
	if why, missing := v.unread(installationWant()); missing {
		return hiddenBy("Installation default", why)
	}
	i := slices.IndexFunc(v.customs, func(c CustomSign) bool { return c.resource == "installations" && c.name == "default" })
	if i < 0 {
		return nil
	}
	switch d := document(v.customs[i].spec).at("calicoNetwork", "linuxDataplane"); d {
	case "BPF":
		return []clue{{rank: replacement, source: source, says: d, impl: advisor.CalicoEBPF}}
	case "VPP":
		return []clue{{rank: replacement, source: source, says: d, impl: advisor.CalicoVPP}}
	case "Iptables", "Nftables":
		return []clue{{rank: note, source: source, says: d}}
	}
	return nil
}

// fromAntrea reads whether AntreaProxy handles all Service traffic, or only
// that of pods to ClusterIPs, with kube-proxy for the rest.
func (v *view) fromAntrea(p program) []clue {
	k := p.optionsKey()
	source := configMapName(k.namespace, k.name)
	if why, missing := v.unread(configMapWant(k, hidesReplacement)); missing {
		return hiddenBy(source, why)
	}
	d, err := v.document(k, "antrea-agent.conf")
	source += ", key antrea-agent.conf, field antreaProxy.proxyAll"
	switch {
	case err != nil:
		return hiddenBy(source, advisor.Unreadable)
	case d.proxyAll():
		return []clue{{rank: replacement, source: source, says: "true", impl: advisor.AntreaProxy}}
	}
	c := clue{rank: note, source: source, says: "false"}
	if d.antreaProxy() {
		c.partial = "AntreaProxy without proxyAll" // ClusterIPs, for pods (docs/antrea-proxy.md)
	}
	return []clue{c}
}

// fromTerway reads whether Terway translates Services for pods in eBPF: its
// DataPath V2 and its older IPvlan chain Cilium's data path
// (AliyunContainerService/terway, plugin/terway/cni.conf). The rest is kube-proxy's.
func (v *view) fromTerway() []clue {
	source := configMapName(eniConfig().namespace, eniConfig().name)
	if why, missing := v.unread(configMapWant(eniConfig(), hidesReplacement)); missing {
		return []clue{{rank: note, source: source, says: notRead(why)}}
	}
	source += ", key 10-terway.conf, field eniip_virtual_type"
	switch value := strings.ToLower(v.terwayType()); value {
	case "":
		return nil
	case "ipvlan":
		return []clue{{rank: note, source: source, says: "ipvlan", partial: "Terway IPvlan"}}
	case "datapathv2":
		return []clue{{rank: note, source: source, says: "datapathv2", partial: "Terway DataPath V2"}}
	}
	return []clue{{rank: note, source: source, says: "neither datapathv2 nor ipvlan"}}
}

// terwayType is the virtual type of Terway's CNI configuration, which is either
// one plugin's or a list of them.
func (v *view) terwayType() string {
	d, err := v.document(eniConfig(), "10-terway.conf")
	if err != nil {
		return ""
	}
	if t := d.at("eniip_virtual_type"); t != "" {
		return t
	}
	plugins, _ := d["plugins"].([]any)
	for _, p := range plugins {
		if plugin, ok := p.(map[string]any); ok {
			if t := document(plugin).at("eniip_virtual_type"); t != "" {
				return t
			}
		}
	}
	return ""
}

// eniConfig is Terway's ConfigMap.
func eniConfig() key { return key{"kube-system", "eni-config"} }

// fromKubeOVN reads whether Kube-OVN balances ClusterIPs for pods itself, on
// every node: the flag of its controller, true by default (kubeovn/kube-ovn,
// pkg/controller/config.go).
func (v *view) fromKubeOVN() []clue {
	for _, p := range v.programs {
		if p.role != kubeOVNBrain {
			continue
		}
		c := clue{rank: note, source: "kube-ovn-controller, --enable-lb", says: cmp.Or(p.option, "unset (default true)")}
		if isTrue(cmp.Or(p.option, "true")) {
			c.partial = "Kube-OVN's load balancer"
		} else {
			c.says = "false"
		}
		return []clue{c}
	}
	return nil
}

// isTrue reads a boolean flag as pflag does.
func isTrue(s string) bool {
	b, err := strconv.ParseBool(s)
	return err == nil && b
}

// fromKubeRouter reads whether kube-router runs its own IPVS proxy; its flag is
// true by default.
func fromKubeRouter(p program) []clue {
	c := clue{
		rank: replacement, source: p.owner + ", --run-service-proxy", says: cmp.Or(p.option, "unset (default true)"),
		impl: advisor.KubeRouter,
	}
	switch p.option {
	case "", "true", "1", "t", "T", "TRUE", "True":
	default:
		c.rank, c.says, c.impl = note, "false", ""
	}
	return []clue{c}
}

// fromNetworkOperator reads which network OpenShift's operator deploys.
func (v *view) fromNetworkOperator() []clue {
	var clues []clue
	for _, c := range v.customs {
		if c.resource != "networks" || c.name != "cluster" {
			continue
		}
		d := document(c.spec)
		kind := clue{rank: note, source: "Network cluster, spec.defaultNetwork.type", says: "another network"}
		switch t := d.at("defaultNetwork", "type"); t {
		case "OVNKubernetes":
			kind.rank, kind.says, kind.impl = replacement, t, advisor.OVNKubernetes
		case "OpenShiftSDN", "Calico", "Cilium", "Kuryr":
			kind.says = t
		}
		clues = append(clues, kind)
		if deploy := d.at("deployKubeProxy"); deploy == "true" || deploy == "false" {
			clues = append(clues, clue{rank: note, source: "Network cluster, spec.deployKubeProxy", says: deploy})
		}
	}
	return clues
}
