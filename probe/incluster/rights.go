package incluster

import (
	"fmt"
	"slices"

	"kpadvisor/jobs"
)

// RoleCommand is the command that prints [Role].
const RoleCommand = "kpadvisor rbac --probe"

// Rights are all that the run needs, in the order of use.
func (s Spec) Rights() []jobs.Right {
	all := runRights(s.Namespace)
	if s.Service != nil {
		all = slices.DeleteFunc(all, func(r jobs.Right) bool { return r.Resource == "services" && r.Verb != "list" })
		all = append(all, watchRight(s.Service.Namespace))
	}
	if s.Make {
		all = jobs.WithNamespace(all)
	}
	return all
}

// ServiceRights are what it takes to find a Service and its pods.
func ServiceRights(namespace string) []jobs.Right {
	return []jobs.Right{
		{Verb: "get", Resource: "services", Namespace: namespace, Why: "the address of the Service that is measured"},
		{Verb: "list", Group: "discovery.k8s.io", Resource: "endpointslices", Namespace: namespace, Why: "the addresses of its pods, for the control"},
		watchRight(namespace),
	}
}

func watchRight(namespace string) jobs.Right {
	return jobs.Right{Verb: "watch", Group: "discovery.k8s.io", Resource: "endpointslices", Namespace: namespace, Why: "what comes of rolling updates while it is measured", Optional: true}
}

func runRights(namespace string) []jobs.Right {
	const (
		echo = "the echo server's Services"
		gone = "whether everything is gone"
	)
	// Services are made after Jobs.
	return slices.Insert(jobs.RunRights(namespace, "the Jobs whose pods measure", "what they measured"), 3,
		jobs.Right{Verb: "create", Resource: "services", Namespace: namespace, Why: echo},
		jobs.Right{Verb: "delete", Resource: "services", Namespace: namespace, Why: echo},
		jobs.Right{Verb: "list", Resource: "services", Namespace: namespace, Why: gone},
	)
}

const roleHead = `# What an in-cluster probe does besides reading the cluster ("kpadvisor rbac" prints
# what that needs): it makes Jobs and Services in one namespace, follows the logs
# of their pods, and removes them. No exec, no secret, no change to what is there.
#   kpadvisor rbac --probe -n %[1]s | kubectl apply -f -
#   kubectl -n %[1]s create rolebinding kpadvisor-probe --role=kpadvisor-probe --user=NAME
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: kpadvisor-probe
  namespace: %[1]s
rules:
`

const roleTail = `# Optional, cluster-wide: the state of a node that has gone silent (get nodes), and a
# namespace of the run's own with --temporary-namespace (create and delete namespaces,
# and the rules above in a ClusterRole, for nobody knows its name beforehand).
# Another namespace's Service as the target: services get and endpointslices list there,
# and watch, without which what comes of rolling updates is not told.
`

// Role returns, as YAML, the smallest Role under which a probe in that namespace
// works and cleans up, a Service of that namespace as its target included.
func Role(namespace string) string {
	rights := slices.Concat(runRights(namespace), ServiceRights(namespace), jobs.CleanRights(namespace))
	return jobs.Role(fmt.Sprintf(roleHead, namespace), rights, roleTail)
}
