package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"kpadvisor/advisor/cluster"
	"kpadvisor/inspect"
	"kpadvisor/inspect/forward"
	"kpadvisor/jobs"
	"kpadvisor/probe/incluster"
	"kpadvisor/say"
)

func (a *app) rbacCommand() *cobra.Command {
	var namespaced, probes, inspects, forwards bool
	var namespace string
	cmd := &cobra.Command{
		Use:     "rbac",
		Short:   "Print the smallest ClusterRole that a full read needs",
		Long:    "Print the smallest ClusterRole that a full read needs, as YAML. It allows get\nand list alone. With --probe or --inspect, print the Role that \"kpadvisor probe\n--in-cluster\" or \"kpadvisor inspect\" needs besides.",
		Example: "  kpadvisor rbac | kubectl apply -f -\n  kpadvisor rbac --namespaced | kubectl apply -f -\n  kpadvisor rbac --probe -n default | kubectl apply -f -\n  kpadvisor rbac --inspect -n default | kubectl apply -f -",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			yaml, given := cluster.ClusterRole(), 0
			for _, is := range []bool{namespaced, probes, inspects, forwards} {
				if is {
					given++
				}
			}
			switch {
			case given > 1:
				return usagef(cmd, "--namespaced, --probe, --inspect and --port-forward print different roles: give one of them")
			case (probes || inspects || forwards) && !jobs.IsName(namespace):
				return usagef(cmd, "--namespace %q is no name of a namespace", namespace)
			case namespaced:
				yaml = cluster.NamespacedRoles()
			case probes:
				yaml = incluster.Role(namespace)
			case inspects:
				yaml = inspect.Role(namespace)
			case forwards:
				yaml = forward.Role(namespace)
			}
			if a.voice.Language() != say.English {
				yaml = comments(a.voice, yaml)
			}
			_, err := fmt.Fprint(a.out, yaml)
			return err
		},
	}
	cmd.Flags().BoolVar(&probes, "probe", false, "the Role for probe --in-cluster and clean, in the namespace that they use")
	cmd.Flags().BoolVar(&inspects, "inspect", false, "the Role for inspect, in the namespace of its Jobs")
	cmd.Flags().BoolVar(&forwards, "port-forward", false, "the Role for --port-forward, in the namespace of the pods that use their node's network")
	cmd.Flags().StringVarP(&namespace, "namespace", "n", "default", "namespace of that Role")
	cmd.Flags().BoolVar(&namespaced, "namespaced", false, "pods and ConfigMaps of kube-system alone, Events of default alone")
	return cmd
}
