package inspect

import (
	"context"
	"fmt"
	"slices"

	"kpadvisor/jobs"
)

// RoleCommand is the command that prints [Role].
const RoleCommand = "kpadvisor rbac --inspect"

// Rights are all that the inspection needs, in the order of use.
func (s Spec) Rights() []jobs.Right {
	run := runRights(s.Namespace)
	if s.Make {
		return jobs.WithNamespace(run)
	}
	return slices.Concat(jobs.AdmissionRights(s.Namespace), run)
}

func runRights(namespace string) []jobs.Right {
	return jobs.RunRights(namespace, "the Jobs whose pods read the nodes", "what they read")
}

// Admission says beforehand why the namespace does not admit the pods; nil if it does, or
// nobody can tell. Answers are those to Rights.
func (s Spec) Admission(ctx context.Context, c *jobs.Client, answers []jobs.Answer) error {
	if s.Make {
		return nil
	}
	may := slices.ContainsFunc(
		answers,
		func(a jobs.Answer) bool { return a.Allowed && a.Resource == "pods" && a.Verb == "create" },
	)
	return c.Admission(ctx, s.job(0), may)
}

const roleHead = `# What "kpadvisor inspect" does besides reading the cluster ("kpadvisor rbac" prints what
# that needs): it makes Jobs in one namespace, follows the logs of their pods, and removes
# them. Whoever may make Jobs in a namespace that admits privileged pods can be root on any
# node: give this to whom you would give that.
#   kpadvisor rbac --inspect -n %[1]s | kubectl apply -f -
#   kubectl -n %[1]s create rolebinding kpadvisor-inspect --role=kpadvisor-inspect --user=NAME
# The pods are on the network of their nodes, which the namespace has to admit:
#   kubectl label --overwrite namespace %[1]s pod-security.kubernetes.io/enforce=privileged
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: kpadvisor-inspect
  namespace: %[1]s
rules:
`

const roleTail = `# Optional, cluster-wide: the state of a node that has gone silent (get nodes), and a
# namespace of its own with --temporary-namespace (create and delete namespaces, and the
# rules above in a ClusterRole, for nobody knows its name beforehand).
`

// Role returns, as YAML, the smallest Role under which an inspection in that namespace
// works, and what it left can be removed.
func Role(namespace string) string {
	admission := slices.DeleteFunc(
		jobs.AdmissionRights(namespace),
		func(r jobs.Right) bool { return r.Resource == "pods" },
	)
	return jobs.Role(fmt.Sprintf(roleHead, namespace), slices.Concat(admission, runRights(namespace)), roleTail)
}
