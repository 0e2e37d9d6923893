package cli

import (
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// sameFacts is the command that gives the report on the facts that cmd reads: without
// answers, which whoever shows it adds, without what is about its output alone, and
// without secrets.
func (a *app) sameFacts(cmd *cobra.Command) string {
	return a.commandWith(cmd, true)
}

// sameFactsOf is the same for a context of several; figures that were typed and reports of
// nodes are of the one that is read first alone.
func (a *app) sameFactsOf(cmd *cobra.Command, context string, first bool) string {
	return a.commandWith(cmd, first) + " --context " + shellWord(context)
}

func (a *app) commandWith(cmd *cobra.Command, figures bool) string {
	words := []string{a.program, "audit"}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		groups := f.Annotations[groupAnnotation]
		facts := slices.Contains(groups, groupSource) || slices.Contains(groups, groupAsked) || slices.Contains(groups, groupConnection)
		if !facts || f.Name == "token" || f.Name == "password" || !figures && slices.Contains(append(typedFlags(), "node-report", "metrics"), f.Name) {
			return
		}
		all := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			all = list.GetSlice()
		}
		for _, value := range all {
			if f.Name == "server" || f.Name == "proxy-url" || f.Name == "prometheus" {
				value = withoutUser(value)
			}
			if f.NoOptDefVal != "" {
				words = append(words, "--"+f.Name+"="+shellWord(value))
				continue
			}
			words = append(words, "--"+f.Name, shellWord(value))
		}
	})
	return strings.Join(words, " ")
}

// withoutUser is an address without the name and the password that may stand in it.
func withoutUser(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "": // "me:secret@10.0.0.1:6443", as kubectl takes it
		return address[strings.LastIndex(address, "@")+1:]
	case u.User == nil:
		return address
	}
	u.User = nil
	return u.String()
}
