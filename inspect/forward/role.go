package forward

import "fmt"

const role = `# What asking kube-proxies through port-forward takes besides reading the cluster
# ("kpadvisor rbac" prints what that needs): a connection into pods that use their node's
# network. Who has it reaches all that listens on the loopback of these nodes.
#   kpadvisor rbac --port-forward -n %[1]s | kubectl apply -f -
#   kubectl -n %[1]s create rolebinding kpadvisor-port-forward --role=kpadvisor-port-forward --user=NAME
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: kpadvisor-port-forward
  namespace: %[1]s
rules:
# %[2]s
- apiGroups: [""]
  resources: ["pods/portforward"]
  verbs: ["create"]
# which pods of a node use its network
- apiGroups: [""]
  resources: ["pods"]
  verbs: ["list"]
`

// RoleCommand is the command that prints [Role].
const RoleCommand = "kpadvisor rbac --port-forward"

// Role returns, as YAML, the smallest Role under which the pods of a namespace are ways to
// the kube-proxies of their nodes.
func Role(namespace string) string {
	return fmt.Sprintf(role, namespace, Right(namespace).Why)
}
