package evidence

import (
	"slices"
	"strings"
)

// Evidence may name only what is called the same in every cluster of a
// platform, so that a snapshot without names has none. These functions spell
// such a name, and describe anything else.

// isSystem reports whether a namespace belongs to a platform or a CNI plugin.
func isSystem(namespace string) bool {
	return slices.Contains([]string{
		"kube-system", "openshift-kube-proxy", "openshift-sdn", "openshift-ovn-kubernetes",
		"ovn-kubernetes", "calico-system", "calico-vpp-dataplane", "cilium",
		"kube-flannel", "metallb-system",
	}, namespace)
}

func daemonSetName(namespace, name string) string {
	known := slices.Contains([]string{
		"kube-proxy", "kube-proxy-worker", "kube-proxy-master", "kube-proxy-windows",
		"openshift-kube-proxy", "sdn", "cilium", "anetd", "calico-node", "canal",
		"antrea-agent", "kube-router", "ovnkube-node", "ovnkube-master",
		"kube-flannel-ds", "weave-net", "kube-ovn-cni", "aws-node", "terway", "terway-eniip", "kindnet",
		"node-local-dns", "nodelocaldns", "kube-vip-ds", "kube-vip", "speaker",
	}, name)
	if !known || !isSystem(namespace) {
		return "a DaemonSet of another name"
	}
	return "DaemonSet " + namespace + "/" + name
}

func configMapName(namespace, name string) string {
	if !isSystem(namespace) {
		return "a ConfigMap of another name"
	}
	if slices.Contains(knownConfigMaps(), key{namespace, name}) {
		return "ConfigMap " + namespace + "/" + name
	}
	for _, prefix := range []string{"kube-proxy-config", "antrea-config", "cilium-config"} {
		if name == prefix {
			return "ConfigMap " + namespace + "/" + name
		}
		if strings.HasPrefix(name, prefix+"-") {
			return "ConfigMap " + namespace + "/" + prefix + "-<hash>"
		}
	}
	return "a ConfigMap of another name"
}

// key names a namespaced object.
type key struct{ namespace, name string }

// knownConfigMaps are those a platform calls the same in every cluster.
func knownConfigMaps() []key {
	return []key{
		{"kube-system", "kube-proxy"},
		{"kube-system", "kube-proxy-config"},
		{"kube-system", "kube-proxy-worker"},
		{"kube-system", "kube-proxy-master"},
		{"openshift-kube-proxy", "proxy-config"},
		{"openshift-sdn", "sdn-config"},
		{"kube-system", "cilium-config"},
		{"kube-system", "antrea-config"},
		eniConfig(),
		{"kube-flannel", "kube-flannel-cfg"},
		{"kube-system", "kube-flannel-cfg"},
	}
}

func fileName(name string) string {
	if slices.Contains([]string{"config.conf", "config", "kube-proxy-config.yaml", "kube-proxy.conf"}, name) {
		return "key " + name
	}
	return "a key of another name"
}
