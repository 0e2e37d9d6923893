package advisor

import (
	"fmt"
	"strings"

	"kpadvisor/say"
)

// platformRow says how a change of mode is made on a platform.
type platformRow struct {
	platform Platform
	limit    string // what the platform does not offer; empty where it offers all
	write    Step   // how the mode is written; MODE stands for the mode
	perNode  Step   // how it reaches the nodes, one by one
	save     []string
	replaces bool // nodes are replaced, so that no rules are left on them
}

const (
	drainNode = "kubectl drain NODE --ignore-daemonsets --delete-emptydir-data"
	backNode  = "kubectl uncordon NODE"
)

// platformOf returns the row of a platform, and one that says what to look for
// where it is unknown.
func platformOf(v say.Voice, p Platform) platformRow {
	for _, r := range platformTable(v) {
		if r.platform == p {
			return r
		}
	}
	return unknownPlatform(v)
}

func platformTable(v say.Voice) []platformRow {
	kubeadm := daemonSetRow(v, "kube-proxy", "kube-proxy", "config.conf")
	kubeadm.platform = Kubeadm
	kind := kubeadm
	kind.platform = Kind
	kind.write.Text = v.Sentences(kind.write.Text, v.Text("A new kind cluster takes networking.kubeProxyMode: MODE."))
	ack := daemonSetRow(v, "kube-proxy-worker", "kube-proxy-worker", "config.conf")
	ack.platform = ACK
	tke := daemonSetRow(v, "kube-proxy", "kube-proxy", "config")
	tke.platform, tke.limit = TKE, v.Text("TKE offers iptables or IPVS at creation; whether it keeps another mode is for its support to say.")
	return append([]platformRow{kubeadm, kind, ack, tke}, managedPlatforms(v)...)
}

// daemonSetRow is for clusters whose kube-proxy is a DaemonSet that reads a
// ConfigMap: it is restarted node by node, by deleting its pods.
func daemonSetRow(v say.Voice, daemonSet, configMap, key string) platformRow {
	return platformRow{
		save: []string{fmt.Sprintf("kubectl -n kube-system get configmap %s -o yaml > %s-before.yaml", configMap, configMap)},
		write: Step{Title: v.Text("Write the mode"), Text: v.Sprintf("Keep pods from restarting all at once, then set mode: \"MODE\" in key %s.", key), Commands: []string{
			fmt.Sprintf(`kubectl -n kube-system patch daemonset %s -p '{"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":null}}}'`, daemonSet),
			fmt.Sprintf("kubectl -n kube-system edit configmap %s", configMap),
		}},
		perNode: Step{Title: v.Text("Restart kube-proxy, one node at a time"), Commands: []string{
			fmt.Sprintf("kubectl -n kube-system get pods -o wide --field-selector spec.nodeName=NODE | grep %s", daemonSet),
			"kubectl -n kube-system delete pod POD",
		}},
	}
}

func managedPlatforms(v say.Voice) []platformRow {
	replace := Step{Title: v.Text("Replace the nodes, one at a time"), Commands: []string{drainNode, "kubectl delete node NODE"}}
	service := func(unit string) Step {
		return Step{Title: v.Text("Restart, one node at a time"), Commands: []string{drainNode, "systemctl restart " + unit, backNode}}
	}
	return []platformRow{
		{
			platform: EKS, save: []string{"kubectl -n kube-system get configmap kube-proxy-config -o yaml > kube-proxy-config-before.yaml"},
			write: Step{Title: v.Text("Write the mode"), Text: v.Text("The add-on owns the ConfigMap: change the add-on, not the ConfigMap."), Commands: []string{
				`aws eks update-addon --cluster-name CLUSTER --addon-name kube-proxy --configuration-values '{"mode":"MODE"}'`,
			}},
			perNode: Step{Title: v.Text("Watch the DaemonSet roll"), Commands: []string{"kubectl -n kube-system rollout status daemonset kube-proxy"}},
		},
		{
			platform: EKSAuto, limit: v.Text("EKS Auto Mode runs kube-proxy on the node itself; its mode is not yours to set."),
			write: Step{Title: v.Text("Ask AWS"), Text: v.Text("EKS Auto Mode manages kube-proxy; nothing in the cluster sets its mode.")}, perNode: replace, replaces: true,
		},
		{
			platform: AKS, limit: v.Text("On AKS the mode is a preview feature of the managed cluster (kubeProxyConfig); nftables from API 2025-09-02-preview."),
			write: Step{Title: v.Text("Write the mode"), Text: v.Text(`In the file: {"enabled": true, "mode": "UPPERMODE"}.`), Commands: []string{
				"az aks update --resource-group GROUP --name CLUSTER --kube-proxy-config kube-proxy.json",
			}},
			perNode: Step{Title: v.Text("Watch the DaemonSet roll"), Commands: []string{"kubectl -n kube-system rollout status daemonset kube-proxy"}},
		},
		{
			platform: GKE, limit: v.Text("GKE writes the flags of kube-proxy itself; no ConfigMap holds the mode."),
			write: Step{Title: v.Text("Ask Google"), Text: v.Text("GKE Standard manages kube-proxy's flags. The supported way off iptables is a cluster with Dataplane V2.")}, perNode: replace, replaces: true,
		},
		{
			platform: K3s, save: []string{"cp /etc/rancher/k3s/config.yaml /etc/rancher/k3s/config.yaml.before"},
			write: Step{Title: v.Text("Write the mode on each node"), Text: v.Text("In /etc/rancher/k3s/config.yaml:"), Commands: []string{"kube-proxy-arg:", "  - proxy-mode=MODE"}}, perNode: service(remark("k3s", v.Text("k3s-agent on agents"))),
		},
		{
			platform: RKE2, save: []string{"cp /etc/rancher/rke2/config.yaml /etc/rancher/rke2/config.yaml.before"},
			write: Step{Title: v.Text("Write the mode on each node"), Text: v.Text("In /etc/rancher/rke2/config.yaml:"), Commands: []string{"kube-proxy-arg:", "  - proxy-mode=MODE"}}, perNode: service(remark("rke2-server", v.Text("rke2-agent on agents"))),
		},
		{
			platform: OpenShift, save: []string{"oc get network.operator.openshift.io cluster -o yaml > network-before.yaml"},
			write:   Step{Title: v.Text("Write the mode"), Text: v.Text("With a third-party CNI the operator deploys kube-proxy: set spec.kubeProxyConfig.proxyArguments.proxy-mode to [\"MODE\"]."), Commands: []string{"oc edit network.operator.openshift.io cluster"}},
			perNode: Step{Title: v.Text("Watch the DaemonSet roll"), Commands: []string{"oc -n openshift-kube-proxy rollout status daemonset openshift-kube-proxy"}},
		},
		{
			platform: Kops, replaces: true, save: []string{"kops get cluster CLUSTER -o yaml > cluster-before.yaml"},
			write:   Step{Title: v.Text("Write the mode"), Text: v.Text("Set spec.kubeProxy.proxyMode: MODE."), Commands: []string{"kops edit cluster CLUSTER", "kops update cluster CLUSTER --yes"}},
			perNode: Step{Title: v.Text("Replace the nodes"), Commands: []string{"kops rolling-update cluster CLUSTER --yes"}},
		},
		{
			platform: Talos, save: []string{"talosctl -n CONTROLPLANE get machineconfig -o yaml > machineconfig-before.yaml"},
			write: Step{Title: v.Text("Write the mode"), Text: v.Text("In the machine configuration of every control plane node: cluster.proxy.mode: MODE."), Commands: []string{
				`talosctl -n CONTROLPLANE patch machineconfig -p '{"cluster":{"proxy":{"mode":"MODE"}}}'`, remark("talosctl -n CONTROLPLANE upgrade-k8s --to VERSION", v.Text("applies the manifest; VERSION is the one that runs")),
			}},
			perNode: Step{Title: v.Text("Restart the nodes, one at a time"), Commands: []string{drainNode, "talosctl -n NODE reboot", backNode}},
		},
		{
			platform: UK8S, replaces: true, limit: v.Text("UK8S offers iptables and IPVS in its API; nftables is not in its documentation of the mode setting."),
			write:   Step{Title: v.Text("Set the mode of the cluster"), Text: v.Text("In the console or the API (KubeProxy.Mode). It holds for nodes added later only; masters need no change. For nftables, or for a change in place, ask UK8S support.")},
			perNode: Step{Title: v.Text("Replace the nodes, one at a time"), Text: v.Text("Add a node, then remove an old one; keep all nodes on one mode in the end."), Commands: replace.Commands},
		},
		{
			platform: CCE, replaces: true, limit: v.Text("CCE sets the mode at creation and does not change it later."),
			write: Step{Title: v.Text("Make a new cluster"), Text: v.Text("kubeProxyMode is chosen at creation and cannot be modified: move the workloads to a new cluster with MODE.")}, perNode: replace,
		},
		{
			// canonical.com/microk8s/docs/configuring-services
			platform: MicroK8s, save: []string{"cp /var/snap/microk8s/current/args/kube-proxy /var/snap/microk8s/current/args/kube-proxy.before"},
			write:   Step{Title: v.Text("Write the mode on each node"), Text: v.Text("In /var/snap/microk8s/current/args/kube-proxy:"), Commands: []string{"--proxy-mode=MODE"}},
			perNode: Step{Title: v.Text("Restart, one node at a time"), Commands: []string{drainNode, "microk8s stop", "microk8s start", backNode}},
		},
		{
			// rke.docs.rancher.com, config-options/services: kubeproxy, extra_args.
			platform: RKE1, save: []string{"cp cluster.yml cluster-before.yml"},
			write:   Step{Title: v.Text("Write the mode"), Text: v.Text("In cluster.yml, services.kubeproxy.extra_args: proxy-mode: MODE. It is one for all nodes."), Commands: []string{"rke up"}},
			perNode: Step{Title: v.Text("Watch the containers restart"), Commands: []string{remark("docker inspect kube-proxy", v.Text("on a node: its arguments"))}},
		},
		{
			platform: IKS, limit: v.Text("Whether IBM Cloud Kubernetes Service lets anybody set kube-proxy's mode is for its support to say."),
			write: Step{Title: v.Text("Ask IBM"), Text: v.Text("kube-proxy is not an object of the cluster here; nothing in it sets its mode.")}, perNode: replace, replaces: true,
		},
	}
}

func unknownPlatform(v say.Voice) platformRow {
	return platformRow{
		save: []string{remark("kubectl -n kube-system get configmap kube-proxy -o yaml > kube-proxy-before.yaml", v.Text("where there is one"))},
		write: Step{Title: v.Text("Write the mode"), Text: v.Text("Where kube-proxy reads a configuration file, set mode: \"MODE\" in it: a --proxy-mode flag is ignored beside --config. Where it has flags only, set --proxy-mode=MODE."), Commands: []string{
			remark("kubectl -n kube-system get daemonset kube-proxy -o yaml", v.Text("which configuration it reads")),
		}},
		perNode: Step{Title: v.Text("Restart kube-proxy, one node at a time"), Commands: []string{drainNode, "# " + v.Text("restart kube-proxy on NODE: its pod, its unit or the node"), backNode}},
	}
}

// remark is a command with what a shell takes for a comment.
func remark(command, text string) string { return command + "    # " + text }

// fill puts a mode into a step.
func (st Step) fill(m Mode) Step {
	r := strings.NewReplacer("UPPERMODE", strings.ToUpper(string(m)), "MODE", string(m))
	out := Step{Title: st.Title, Text: r.Replace(st.Text)}
	for _, c := range st.Commands {
		out.Commands = append(out.Commands, r.Replace(c))
	}
	return out
}
