package cluster

import (
	"fmt"
	"slices"
	"strings"

	"kpadvisor/advisor/cluster/evidence"
)

const roleHead = `# What kpadvisor reads, and nothing more: no secret, no watch, no write.
# Without one of these rules, the rest still works and the report says what is missing.
#   kpadvisor rbac | kubectl apply -f -
#   kubectl create clusterrolebinding kpadvisor --clusterrole=kpadvisor --user=NAME
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: kpadvisor
rules:
`

// ClusterRole returns, as YAML, the smallest ClusterRole under which a survey
// misses nothing. It allows get and list alone, and ConfigMaps only by name; one
// whose name differs from cluster to cluster (Talos) has to be added by hand.
func ClusterRole() string {
	var b strings.Builder
	b.WriteString(roleHead)
	writeRules(&b, rules())
	b.WriteString(roleOption)
	return b.String()
}

const rolesHead = `# What kpadvisor reads, with pods, ConfigMaps and Events in the namespaces of
# kube-proxy alone: a pod's manifest can hold what is nobody's business. A proxy or
# a CNI plugin in another namespace is then not seen, and the report says so.
#   kpadvisor rbac --namespaced | kubectl apply -f -
#   kubectl create clusterrolebinding kpadvisor --clusterrole=kpadvisor --user=NAME
#   kubectl -n kube-system create rolebinding kpadvisor --role=kpadvisor --user=NAME
#   kubectl -n default create rolebinding kpadvisor --role=kpadvisor --user=NAME
`

// systemNamespace is where kube-proxy and most CNI plugins live.
const systemNamespace = "kube-system"

// NamespacedRoles returns, as YAML, a smaller ClusterRole and the Roles beside it
// that show pods and ConfigMaps of kube-system, and Events of default, alone.
func NamespacedRoles() string {
	wide, near := []rule{}, map[string][]rule{}
	for _, r := range rules() {
		switch {
		case slices.Contains(r.resources, "pods"): // and Events with them
			near[systemNamespace] = append(near[systemNamespace], rule{why: r.why, resources: []string{"pods"}, verb: r.verb})
			near["default"] = append(near["default"], rule{why: r.why, resources: []string{"events"}, verb: r.verb})
		case slices.Contains(r.resources, "configmaps"):
			near[systemNamespace] = append(near[systemNamespace], r)
		default:
			wide = append(wide, r)
		}
	}
	var b strings.Builder
	b.WriteString(rolesHead)
	b.WriteString("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: kpadvisor\nrules:\n")
	writeRules(&b, wide)
	for _, namespace := range []string{systemNamespace, "default"} {
		fmt.Fprintf(&b, "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: kpadvisor\n  namespace: %s\nrules:\n", namespace)
		writeRules(&b, near[namespace])
	}
	return b.String()
}

func writeRules(b *strings.Builder, rules []rule) {
	why := ""
	for _, r := range rules {
		if r.why != why {
			why = r.why
			fmt.Fprintf(b, "# %s\n", why)
		}
		b.WriteString("- ")
		if len(r.urls) > 0 {
			fmt.Fprintf(b, "nonResourceURLs: [%s]\n", quoted(r.urls))
		} else {
			fmt.Fprintf(b, "apiGroups: [%q]\n  resources: [%s]\n", r.group, quoted(r.resources))
		}
		if len(r.names) > 0 {
			fmt.Fprintf(b, "  resourceNames: [%s]\n", quoted(r.names))
		}
		fmt.Fprintf(b, "  verbs: [%q]\n", r.verb)
	}
}

// roleOption is no part of the role until somebody takes the marks away.
const roleOption = `# Optional: marks of rolling updates while the Probe screen measures a Service, whose
# EndpointSlices are watched then. It is the only use of watch.
# - apiGroups: ["discovery.k8s.io"]
#   resources: ["endpointslices"]
#   verbs: ["watch"]
`

// rule is a rule of the role.
type rule struct {
	why       string
	group     string
	resources []string
	names     []string // resourceNames: what get is allowed on
	urls      []string // nonResourceURLs, instead of the three above
	verb      string
}

// rules are those for the counts, then one for each kind of evidence.
func rules() []rule {
	all := []rule{
		{why: "the version of the API server (most clusters allow this to everybody)", urls: []string{"/version"}, verb: "get"},
		{why: "counts, and the kernel and version of each node", resources: []string{"services", "nodes"}, verb: "list"},
		{why: "counts of endpoints", group: "discovery.k8s.io", resources: []string{"endpointslices"}, verb: "list"},
		{
			why: "how rolling updates replace pods, and how often", group: "apps",
			resources: []string{"deployments", "statefulsets", "daemonsets", "replicasets", "controllerrevisions"}, verb: "list",
		},
	}
	for _, w := range evidence.Possible() {
		all = addRule(all, w)
	}
	return all
}

// addRule adds what w needs, unless it is allowed already.
func addRule(all []rule, w evidence.Want) []rule {
	for i := range all {
		r := &all[i]
		if r.group != w.Group || r.verb != string(w.Verb) || len(r.urls) > 0 {
			continue
		}
		switch {
		case slices.Contains(r.resources, w.Resource):
			if w.Name != "" && !slices.Contains(r.names, w.Name) {
				r.names = append(r.names, w.Name)
			}
			return all
		case w.Group == "" && w.Verb == evidence.List && r.why == proxyWhy:
			r.resources = append(r.resources, w.Resource)
			return all
		}
	}
	r := rule{why: proxyWhy, group: w.Group, resources: []string{w.Resource}, verb: string(w.Verb)}
	if w.Name != "" {
		r.names = []string{w.Name}
	}
	return append(all, r)
}

const proxyWhy = "what programs Services on each node, and in which mode"

// quoted returns the list as the inside of a YAML flow sequence.
func quoted(list []string) string {
	q := make([]string, len(list))
	for i, s := range list {
		q[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(q, ", ")
}
