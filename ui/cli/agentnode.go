package cli

import (
	"cmp"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/validation"

	"kpadvisor/advisor/node"
	"kpadvisor/inspect/agent"
	"kpadvisor/jobs"
	"kpadvisor/plain"
)

// agentNodeCommand is what the pods of "kpadvisor inspect" run. People have no use for
// it, so that no list of commands shows it.
func (a *app) agentNodeCommand() *cobra.Command {
	var o agent.Options
	cmd := &cobra.Command{
		Use:    "agent-node",
		Short:  "Read this node in a pod, for kpadvisor inspect",
		Long:   "Read the node that this pod is on, and write a report for --node-report to standard\noutput. It changes nothing and asks no API server.",
		Args:   noArgs,
		Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Node = cmp.Or(o.Node, lookup(a.env)(jobs.EnvNode))
			if o.Node != "" && len(validation.IsDNS1123Subdomain(o.Node)) > 0 { // it is written into the report as it is
				return usagef(cmd, "--node and NODE_NAME take the name of a node in the Kubernetes API")
			}
			if err := o.Validate(); err != nil {
				return usagef(cmd, "--for takes a time from %s to %s", node.ShortestCount, node.LongestCount)
			}
			defer a.ending.hold()() // what was counted until then is written
			if err := agent.Write(cmd.Context(), a.out, o); err != nil {
				return failure{plain.Problem{Sentence: sentence(err.Error())}, Failure}
			}
			return nil
		},
	}
	fs := cmd.Flags()
	fs.BoolVar(&o.Connections, "connections", false, "count the connections of all processes, which must be visible (hostPID)")
	fs.BoolVar(&o.Deep, "deep", false, "follow conntrack and count rules, as root with NET_ADMIN")
	fs.DurationVar(&o.For, "for", time.Minute, "how long connections are counted")
	fs.StringVar(&o.Node, "node", "", "name of the node in the Kubernetes API, if not that in NODE_NAME")
	return cmd
}
