package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/advisor"
	"kpadvisor/advisor/autopsy"
	"kpadvisor/advisor/node"
	"kpadvisor/plain"
)

func (a *app) nodeScriptCommand() *cobra.Command {
	var connections bool
	var over time.Duration
	cmd := &cobra.Command{
		Use:   "node-script",
		Short: "Print a script that reads what runs on a node",
		Long: `Print a script for a node, which prints a report for --node-report: the mode as
kube-proxy itself tells it, its settings and the times of its syncs, sysctls, the
kernel, and which backend of iptables holds rules. What a node says stands above
what the API says of it.

The script needs a POSIX sh and changes nothing: no module is loaded, no table is
made. Root sees more than others. Its report holds addresses of Services and pods.`,
		Example: `  kpadvisor node-script | ssh root@node-1 sh > node-1.txt
  kpadvisor node-script | kubectl debug node/node-1 -qi --image=busybox -- sh > node-1.txt
  kpadvisor audit --node-report node-1.txt`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			script := node.Script(false)
			switch {
			case !connections && cmd.Flags().Changed("for"):
				return usagef(cmd, "--for has no use without --connections")
			case connections:
				var err error
				if script, err = node.ScriptFor(over); err != nil {
					return usagef(cmd, "--for takes a time from %s to %s", node.ShortestCount, node.LongestCount)
				}
			}
			_, err := io.WriteString(a.out, script)
			return err
		},
	}
	group(cmd, groupOutput, func(fs *pflag.FlagSet) {
		fs.BoolVar(&connections, "connections", false, "also count connections, and read the connection tables: addresses of clients, and many MiB")
		fs.DurationVar(&over, "for", 30*time.Second, "how long connections are counted")
	})
	return cmd
}

// readNodeReports reads what --node-report names: FILE, - for stdin, or NODE=FILE.
func (a *app) readNodeReports(ctx context.Context) error {
	for _, given := range a.flags.source.nodeReports {
		name, file := namedFile(given)
		reports, err := a.nodeReport(ctx, name, file)
		if err != nil {
			return err
		}
		a.reports = append(a.reports, reports...)
	}
	return nil
}

// nodeReport reads a file of reports; with a name, the one of that node.
func (a *app) nodeReport(ctx context.Context, name, file string) ([]advisor.NodeReport, error) {
	text, err := a.input(ctx, file)
	var reports []advisor.NodeReport
	if err == nil {
		reports, err = autopsy.Parse(text)
	}
	if err == nil && name != "" {
		if len(reports) > 1 {
			err = fmt.Errorf("it holds %s, and one name was given", plain.Count(len(reports), "report"))
		}
		reports[0].Node = plain.Text(name)
	}
	if err != nil {
		return nil, unread(ctx, unwrapAll(err), "The report %s cannot be used: %s.", file,
			"Write one with \"kpadvisor node-script | ssh NODE sh > FILE\".")
	}
	return reports, nil
}

// readMetrics reads what --metrics names: NODE=FILE, or NODE=- for stdin.
func (a *app) readMetrics(ctx context.Context, cmd *cobra.Command) error {
	for _, given := range a.flags.source.metrics {
		name, file, is := strings.Cut(given, "=")
		if !is || name == "" || file == "" {
			return usagef(cmd, "--metrics %s names no node: it is NODE=FILE", quoted(given))
		}
		text, err := a.input(ctx, file)
		var r advisor.NodeReport
		if err == nil {
			r, err = node.OfMetrics(name, text)
		}
		if err != nil {
			return unread(ctx, unwrapAll(err), "The metrics %s cannot be used: %s.", file,
				"Write them with \"curl 127.0.0.1:10249/metrics > FILE\" on the node.")
		}
		a.reports = append(a.reports, r)
	}
	return nil
}

// withReports puts what nodes say in the place of what the API says of them. Where none
// of the reports is of a node of the cluster, that is a failure.
func withReports(f advisor.Facts, reports []advisor.NodeReport) (advisor.Facts, []string, error) {
	p := advisor.Place(f, reports)
	said := append(p.Notes, p.Unplaced...)
	if len(reports) > 0 && p.Placed == 0 {
		return p.Facts, said, failure{plain.Problem{
			Sentence: p.Unplaced[0], Remedy: "Name the node as \"kubectl get nodes\" does: --node-report NODE=FILE.",
		}, Failure}
	}
	return p.Facts, said, nil
}
