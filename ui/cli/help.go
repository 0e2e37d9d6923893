package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is that of the reference terminal, whatever the real one is: the
// same text everywhere can be quoted, searched and tested.
const helpWidth = 80

// usage prints the usage of a command with its flags in groups: the thirty
// flags of a connection would otherwise drown the five that matter.
func (a *app) usage(cmd *cobra.Command) error {
	var b strings.Builder
	b.WriteString("Usage:\n")
	if cmd.Runnable() {
		fmt.Fprintln(&b, "  "+cmd.UseLine())
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintln(&b, "  "+cmd.CommandPath()+" COMMAND [flags]")
	}
	if cmd.Example != "" {
		examples := strings.ReplaceAll("\n"+cmd.Example, "\n  kpadvisor", "\n  "+a.program)
		b.WriteString("\nExamples:" + examples + "\n")
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\nCommands:\n")
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() || sub.Name() == "help" {
				fmt.Fprintf(&b, "  %-*s  %s\n", cmd.NamePadding(), sub.Name(), sub.Short)
			}
		}
	}
	for _, name := range []string{groupOutput, groupLab, groupInCluster, groupPlan, groupPorts, groupThresholds, groupModes, groupSource, groupHabits, groupConnection, groupOther} {
		if text := groupUsage(cmd, name); text != "" {
			b.WriteString("\n" + name + ":\n" + text)
		}
	}
	_, err := fmt.Fprint(cmd.OutOrStderr(), b.String())
	return err
}

func groupUsage(cmd *cobra.Command, name string) string {
	fs := pflag.NewFlagSet(name, pflag.ContinueOnError)
	fs.SortFlags = false
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		own := f.Annotations[groupAnnotation]
		if slices.Contains(own, name) || len(own) == 0 && name == groupOther {
			fs.AddFlag(f)
		}
	})
	var b strings.Builder
	for l := range strings.Lines(fs.FlagUsagesWrapped(helpWidth)) {
		b.WriteString(strings.TrimRight(l, " \n") + "\n")
	}
	return b.String()
}
