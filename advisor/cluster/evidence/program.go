package evidence

import (
	"path"
	"slices"
	"strings"
	"unique"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// role is what a pod does for Services.
type role string

// The roles that are told apart, by container.
const (
	proxyRole      role = "kube-proxy"
	ciliumRole     role = "cilium"
	anetdRole      role = "anetd" // Google's Cilium
	calicoRole     role = "calico"
	antreaRole     role = "antrea"
	kubeRouterRole role = "kube-router"
	ovnRole        role = "ovn"
	terwayRole     role = "terway"
	kubeOVNRole    role = "kube-ovn"            // on every node
	kubeOVNBrain   role = "kube-ovn-controller" // on some nodes, for all
)

// agentRoles are the roles of what may run instead of kube-proxy.
func agentRoles() []role {
	return []role{ciliumRole, anetdRole, calicoRole, antreaRole, kubeRouterRole, ovnRole}
}

// program is what matters of a container that programs Services. It is the same
// in every pod of a DaemonSet, hence comparable and interned.
type program struct {
	role      role
	namespace string // of its pods
	owner     string // as evidence names it: "DaemonSet kube-system/kube-proxy", "static pod"
	version   string // of the image's tag, empty without
	windows   bool
	container string // its name in the pod, to find its state; shown nowhere
	opaque    bool   // starts kube-proxy with arguments that do not show, by a script or the image
	openshift bool   // openshift-sdn-node, which is a kube-proxy among other things
	settings  settings
	file      fileRef
	// option is the one flag or variable of an agent that bears on Services:
	// --kube-proxy-replacement, --run-service-proxy, FELIX_BPFENABLED.
	option  string
	options key // the ConfigMap an agent is configured with, if the pod mounts it
}

// fileRef is where --config points. Without a name it is not in a ConfigMap.
type fileRef struct {
	given     bool
	configMap key
	file      string // key in the ConfigMap
}

// foreign reports whether a kube-proxy is not the platform's: anybody may call a
// pod or a container so, and its mode says nothing of what programs the node.
func (p program) foreign() bool { return p.role == proxyRole && !reserved(p.namespace) }

// reserved reports whether a namespace is not a tenant's: Kubernetes keeps
// "kube-" for itself, and OpenShift "openshift-".
func reserved(namespace string) bool {
	return strings.HasPrefix(namespace, "kube-") || strings.HasPrefix(namespace, "openshift-")
}

// reduceSpec finds the program in a pod's spec; owner describes what made the
// pod, ownerName is its bare name.
func reduceSpec(namespace, owner, ownerName string, spec *corev1.PodSpec) (unique.Handle[program], bool) {
	if !spec.HostNetwork { // all of them need the node's network
		return unique.Handle[program]{}, false
	}
	for i := range spec.Containers {
		c := &spec.Containers[i]
		words := commandLine(c)
		if p, ok := proxyProgram(namespace, spec, c, words); ok {
			p.owner, p.namespace, p.windows, p.container = owner, namespace, onWindows(spec), c.Name
			return unique.Make(p), true
		}
		if p, ok := agentProgram(c, words, ownerName); ok {
			p.owner, p.namespace = owner, namespace
			p.options = mountedOptions(namespace, spec)
			return unique.Make(p), true
		}
	}
	return unique.Handle[program]{}, false
}

func proxyProgram(namespace string, spec *corev1.PodSpec, c *corev1.Container, words []string) (program, bool) {
	p := program{role: proxyRole}
	arguments, found := argumentsOf("kube-proxy", words)
	if !found {
		if arguments, found = argumentsOf("openshift-sdn-node", words); found {
			p.openshift = true
		}
	}
	if !found {
		switch {
		case c.Name == "sdn" && namespace == "openshift-sdn":
			p.openshift, p.opaque = true, true
		case !slices.Contains([]string{"kube-proxy", "kube-proxy-worker", "kube-proxy-master"}, c.Name):
			return program{}, false
		case len(words) > 0 && strings.HasPrefix(words[0], "-"):
			arguments = words // for the image's entry point
		case len(words) > 0 && words[0] == "proxy" && strings.Contains(c.Image, "hyperkube"):
			arguments = words[1:]
		default:
			p.opaque = true
		}
	}
	p.opaque = p.opaque || hidesFlags(arguments)
	p.version, _ = imageVersion(c.Image)
	var file string
	if p.settings, file = parseArguments(arguments); file != "" {
		p.file = findFile(namespace, spec, c, file)
	}
	return p, true
}

// hidesFlags reports whether a word that cannot be seen may be a flag: it is
// neither part of one nor, as far as that shows, the value of the one before.
func hidesFlags(words []string) bool {
	for i, w := range words {
		value := i > 0 && strings.HasPrefix(words[i-1], "--") && !strings.Contains(words[i-1], "=")
		if strings.HasPrefix(w, hole) && !value {
			return true
		}
	}
	return false
}

// onWindows reports whether a pod can only run on Windows.
func onWindows(spec *corev1.PodSpec) bool {
	return spec.OS != nil && spec.OS.Name == corev1.Windows || spec.NodeSelector[corev1.LabelOSStable] == "windows"
}

func agentProgram(c *corev1.Container, words []string, ownerName string) (program, bool) {
	option := func(name string, kind flagKind) string {
		return flagValues(words, map[string]flagKind{name: kind})[name]
	}
	switch c.Name {
	case "cilium-agent":
		p := program{role: ciliumRole, option: option("kube-proxy-replacement", stringFlag)}
		if ownerName == "anetd" {
			p.role = anetdRole
		}
		return p, true
	case "calico-node":
		for _, e := range c.Env {
			if e.Name == "FELIX_BPFENABLED" {
				return program{role: calicoRole, option: e.Value}, true
			}
		}
		return program{role: calicoRole}, true
	case "antrea-agent":
		return program{role: antreaRole}, true
	case "kube-router":
		return program{role: kubeRouterRole, option: option("run-service-proxy", boolFlag)}, true
	case "ovnkube-node", "ovnkube-controller":
		return program{role: ovnRole}, true
	case "ovnkube-master": // MicroShift's does the node's part as well
		return program{role: ovnRole, option: singleNode}, runsNode(c)
	case "terway":
		return program{role: terwayRole}, true
	case "kube-ovn-controller":
		return program{role: kubeOVNBrain, option: option("enable-lb", boolFlag)}, true
	case "cni-server":
		return program{role: kubeOVNRole}, ownerName == "kube-ovn-cni"
	}
	return program{}, false
}

// singleNode marks an OVN-Kubernetes that is one DaemonSet, as MicroShift has it
// (openshift/microshift, assets/components/ovn/single-node).
const singleNode = "single node"

// runsNode reports whether ovnkube is told to program its node.
func runsNode(c *corev1.Container) bool {
	return slices.ContainsFunc(slices.Concat(c.Command, c.Args), func(w string) bool {
		return len(w) <= maxCommand && strings.Contains(w, "--init-node")
	})
}

// findFile finds the ConfigMap and key behind a path in the container.
func findFile(namespace string, spec *corev1.PodSpec, c *corev1.Container, file string) fileRef {
	file = path.Clean(file)
	var mount *corev1.VolumeMount
	var rest string
	for i := range c.VolumeMounts {
		m := &c.VolumeMounts[i]
		at := path.Clean(m.MountPath)
		r, ok := strings.CutPrefix(file, strings.TrimSuffix(at, "/")+"/")
		if !ok && file != at {
			continue
		}
		if mount == nil || len(at) > len(path.Clean(mount.MountPath)) {
			mount = m
			if rest = r; !ok {
				rest = ""
			}
		}
	}
	ref := fileRef{given: true}
	if mount == nil {
		return ref
	}
	rest = path.Join(mount.SubPath, rest)
	for i := range spec.Volumes {
		if spec.Volumes[i].Name == mount.Name {
			for _, s := range configMapsOf(&spec.Volumes[i]) {
				if file, ok := fileIn(s.items, rest); ok {
					ref.configMap, ref.file = key{namespace, s.name}, file
					break
				}
			}
		}
	}
	return ref
}

// configMapSource is a ConfigMap in a volume.
type configMapSource struct {
	name  string
	items []corev1.KeyToPath
}

func configMapsOf(v *corev1.Volume) []configMapSource {
	if v.ConfigMap != nil {
		return []configMapSource{{v.ConfigMap.Name, v.ConfigMap.Items}}
	}
	var all []configMapSource
	if v.Projected != nil {
		for _, s := range v.Projected.Sources {
			if s.ConfigMap != nil {
				all = append(all, configMapSource{s.ConfigMap.Name, s.ConfigMap.Items})
			}
		}
	}
	return all
}

// fileIn returns the key that is mounted at a path; without items that is any.
func fileIn(items []corev1.KeyToPath, at string) (string, bool) {
	for _, i := range items {
		if path.Clean(i.Path) == at {
			return i.Key, true
		}
	}
	return at, len(items) == 0
}

// mountedOptions finds the ConfigMap of an agent among the pod's volumes.
func mountedOptions(namespace string, spec *corev1.PodSpec) key {
	for i := range spec.Volumes {
		for _, s := range configMapsOf(&spec.Volumes[i]) {
			if strings.HasPrefix(s.name, "cilium-config") || strings.HasPrefix(s.name, "antrea-config") {
				return key{namespace, s.name}
			}
		}
	}
	return key{}
}

// ownerOf describes what made a pod, and returns the bare name of a DaemonSet.
func ownerOf(o *metav1.ObjectMeta) (description, name string) {
	owner := metav1.GetControllerOf(o)
	switch {
	case owner == nil:
		return "a pod without a controller", ""
	case owner.Kind == "DaemonSet":
		return daemonSetName(o.Namespace, owner.Name), owner.Name
	case owner.Kind == "Node":
		return "static pod", ""
	}
	return "a pod of another controller", ""
}
