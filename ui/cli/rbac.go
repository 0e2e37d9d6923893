package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"kpadvisor/advisor/cluster"
)

func (a *app) rbacCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "rbac",
		Short:   "Print the smallest ClusterRole that a full read needs",
		Long:    "Print the smallest ClusterRole that a full read needs, as YAML. It allows get\nand list alone.",
		Example: "  kpadvisor rbac | kubectl apply -f -",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(a.out, cluster.ClusterRole())
			return err
		},
	}
}
