package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/say"
)

// helpWidth is that of the reference terminal, whatever the real one is: the
// same text everywhere can be quoted, searched and tested.
const helpWidth = 80

// usage prints the usage of a command with its flags in groups: the thirty
// flags of a connection would otherwise drown the five that matter.
func (a *app) usage(cmd *cobra.Command) error {
	var b strings.Builder
	heading := func(name string) string { return a.voice.Sprintf("%s:", a.voice.Said(name)) + "\n" }
	b.WriteString(heading("Usage"))
	if cmd.Runnable() {
		fmt.Fprintln(&b, "  "+cmd.UseLine())
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintln(&b, "  "+cmd.CommandPath()+" COMMAND [flags]")
	}
	if cmd.Example != "" {
		examples := strings.ReplaceAll("\n"+cmd.Example, "\n  kpadvisor", "\n  "+a.program)
		b.WriteString("\n" + heading("Examples") + examples[1:] + "\n")
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\n" + heading("Commands"))
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() || sub.Name() == "help" {
				fmt.Fprintf(&b, "  %-*s  %s\n", cmd.NamePadding(), sub.Name(), sub.Short)
			}
		}
	}
	for _, name := range []string{groupOutput, groupLab, groupInCluster, groupPlan, groupPorts, groupThresholds, groupModes, groupSource, groupAsked, groupHabits, groupConnection, groupOther} {
		if text := groupUsage(cmd, name, a.voice); text != "" {
			b.WriteString("\n" + heading(name) + text)
		}
	}
	_, err := fmt.Fprint(cmd.OutOrStderr(), b.String())
	return err
}

func groupUsage(cmd *cobra.Command, name string, v say.Voice) string {
	fs := pflag.NewFlagSet(name, pflag.ContinueOnError)
	fs.SortFlags = false
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		own := f.Annotations[groupAnnotation]
		if slices.Contains(own, name) || len(own) == 0 && name == groupOther {
			fs.AddFlag(f)
		}
	})
	if v.Language() != say.English {
		return wideUsages(fs, v)
	}
	var b strings.Builder
	for l := range strings.Lines(fs.FlagUsagesWrapped(helpWidth)) {
		b.WriteString(strings.TrimRight(l, " \n") + "\n")
	}
	return b.String()
}

// flagColumn is a flag with its type and what is between it and its text.
func flagColumn() *regexp.Regexp { return regexp.MustCompile(`^ *(-\S, )?--\S+( \S+)? {2,}`) }

// wideUsages are the usages of flags in a language whose characters are wide, and which
// has no blanks to break a line at: pflag, which counts bytes, lays out what is left of
// them alone.
func wideUsages(fs *pflag.FlagSet, v say.Voice) string {
	byDefault := regexp.MustCompile(` \(default (.+)\)$`)
	var out []string
	for l := range strings.Lines(fs.FlagUsages()) {
		left := flagColumn().FindString(l)
		right := strings.TrimSpace(l[len(left):])
		if m := byDefault.FindStringSubmatchIndex(right); m != nil {
			right = right[:m[0]] + v.Sprintf(" (default %s)", right[m[2]:m[3]])
		}
		out = append(out, folded(right, left, strings.Repeat(" ", len(left)))...)
	}
	if len(out) == 0 {
		return ""
	}
	return strings.Join(out, "\n") + "\n"
}
