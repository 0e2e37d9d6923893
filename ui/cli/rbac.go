package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"kpadvisor/advisor/cluster"
	"kpadvisor/jobs"
	"kpadvisor/probe/incluster"
	"kpadvisor/say"
)

func (a *app) rbacCommand() *cobra.Command {
	var namespaced, probes bool
	var namespace string
	cmd := &cobra.Command{
		Use:     "rbac",
		Short:   "Print the smallest ClusterRole that a full read needs",
		Long:    "Print the smallest ClusterRole that a full read needs, as YAML. It allows get\nand list alone. With --probe, print the Role that \"kpadvisor probe --in-cluster\"\nneeds besides.",
		Example: "  kpadvisor rbac | kubectl apply -f -\n  kpadvisor rbac --namespaced | kubectl apply -f -\n  kpadvisor rbac --probe -n default | kubectl apply -f -",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			yaml := cluster.ClusterRole()
			switch {
			case namespaced && probes:
				return usagef(cmd, "--namespaced and --probe print different roles: give one of them")
			case probes && !jobs.IsName(namespace):
				return usagef(cmd, "--namespace %q is no name of a namespace", namespace)
			case namespaced:
				yaml = cluster.NamespacedRoles()
			case probes:
				yaml = incluster.Role(namespace)
			}
			if a.voice.Language() != say.English {
				yaml = comments(a.voice, yaml)
			}
			_, err := fmt.Fprint(a.out, yaml)
			return err
		},
	}
	cmd.Flags().BoolVar(&probes, "probe", false, "the Role for probe --in-cluster and clean, in the namespace that they use")
	cmd.Flags().StringVarP(&namespace, "namespace", "n", "default", "namespace of that Role")
	cmd.Flags().BoolVar(&namespaced, "namespaced", false, "pods and ConfigMaps of kube-system alone, Events of default alone")
	return cmd
}
