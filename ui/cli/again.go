package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// sameFacts is the command that gives the report on the facts that cmd reads: without
// answers, which whoever shows it adds, without what is about its output alone, and
// without secrets.
func (a *app) sameFacts(cmd *cobra.Command) string {
	words := []string{a.program, "audit"}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		groups := f.Annotations[groupAnnotation]
		facts := slices.Contains(groups, groupSource) || slices.Contains(groups, groupConnection)
		if !facts || f.Name == "token" || f.Name == "password" {
			return
		}
		all := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			all = list.GetSlice()
		}
		for _, value := range all {
			if f.NoOptDefVal != "" {
				words = append(words, "--"+f.Name+"="+shellWord(value))
				continue
			}
			words = append(words, "--"+f.Name, shellWord(value))
		}
	})
	return strings.Join(words, " ")
}
