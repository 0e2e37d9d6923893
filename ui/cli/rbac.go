package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"kpadvisor/advisor/cluster"
)

func (a *app) rbacCommand() *cobra.Command {
	var namespaced bool
	cmd := &cobra.Command{
		Use:     "rbac",
		Short:   "Print the smallest ClusterRole that a full read needs",
		Long:    "Print the smallest ClusterRole that a full read needs, as YAML. It allows get\nand list alone.",
		Example: "  kpadvisor rbac | kubectl apply -f -\n  kpadvisor rbac --namespaced | kubectl apply -f -",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			yaml := cluster.ClusterRole()
			if namespaced {
				yaml = cluster.NamespacedRoles()
			}
			_, err := fmt.Fprint(a.out, yaml)
			return err
		},
	}
	cmd.Flags().BoolVar(&namespaced, "namespaced", false, "pods and ConfigMaps of kube-system alone, Events of default alone")
	return cmd
}
