package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"kpadvisor/jobs"
	"kpadvisor/plain"
	"kpadvisor/probe/incluster"
)

// agentCommand is what the pods of "kpadvisor probe --in-cluster" run. People have
// no use for it, so that no list of commands shows it.
func (a *app) agentCommand() *cobra.Command {
	var orders, listen string
	cmd := &cobra.Command{
		Use:    "agent --orders JSON",
		Short:  "Measure in a pod, for kpadvisor probe --in-cluster",
		Long:   "Measure by the orders that \"kpadvisor probe --in-cluster\" gives its pods, and write\nwhat was measured to standard output as JSON lines. It reads no file and asks no\nAPI server.",
		Args:   noArgs,
		Hidden: true,
		RunE:   func(cmd *cobra.Command, _ []string) error { return a.agent(cmd.Context(), orders) },
	}
	cmd.Flags().StringVar(&orders, "orders", "", "what to measure and when, as JSON")
	echo := &cobra.Command{
		Use:   "echo",
		Short: "Answer each request with the address it came to",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := incluster.Echo(cmd.Context(), listen); err != nil {
				return failure{plain.Problem{Sentence: sentence(err.Error())}, Failure}
			}
			return nil
		},
	}
	echo.Flags().StringVar(&listen, "listen", ":8080", "address to listen at")
	cmd.AddCommand(echo)
	return cmd
}

func (a *app) agent(ctx context.Context, text string) error {
	defer a.ending.hold()() // the kubelet ends what does not end
	orders, err := incluster.ReadOrders(text)
	if err != nil {
		return failure{plain.Problem{Sentence: sentence(err.Error()), Remedy: "It is for the pods of \"kpadvisor probe --in-cluster\"."}, Usage}
	}
	get := lookup(a.env)
	index, err := strconv.Atoi(get(jobs.EnvIndex))
	if err != nil {
		index = 0 // a Job that is not indexed has one pod
	}
	place := incluster.Place{Node: get(jobs.EnvNode), Index: index, Version: a.version()}
	if err := incluster.Agent(ctx, orders, place, a.out); err != nil {
		return failure{plain.Problem{Sentence: sentence(err.Error())}, Failure}
	}
	return nil
}
