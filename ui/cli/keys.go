package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"kpadvisor/ui/tui/screen"
)

func (a *app) keysCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "keys",
		Short: "Print the keys of the terminal interface",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			var b strings.Builder
			w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
			for _, k := range screen.Keys(a.voice) {
				fmt.Fprintf(w, "%s\t%s\n", k.Keys, k.Does)
			}
			w.Flush() // into a Builder, which never fails
			_, err := fmt.Fprint(a.out, b.String())
			return err
		},
	}
}
