package cli

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (a *app) snapshotCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "snapshot",
		Short: "Write what was read of the cluster to a file",
		Long: `Write the facts the advice rests on to a file that --facts reads back, here or
on another machine. It holds counts, versions and settings; names of nodes,
Services and the context only with --with-names.

The exit code is 0, or 5 if something could not be read: the file is written
then as well, and says what is missing.`,
		Example: `  kpadvisor snapshot -o facts.json
  kpadvisor audit --facts facts.json --connections short`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.snapshot(cmd.Context(), cmd) },
	}
	group(cmd, groupOutput, func(fs *pflag.FlagSet) {
		fs.StringVarP(&a.flags.file, "output", "o", "-", "file to write; - for stdout")
		fs.BoolVar(&a.flags.withNames, "with-names", false, "keep the names of nodes, Services and the context")
	})
	a.addSource(cmd)
	a.addAsked(cmd)
	a.addConnection(cmd)
	return cmd
}

func (a *app) snapshot(ctx context.Context, cmd *cobra.Command) error {
	if err := mayWriteSnapshot(a.flags.file); err != nil {
		return err
	}
	f, err := a.read(ctx, cmd, describe(a.env, a.tty, a.flags.display))
	if err != nil {
		return err
	}
	if err := writeSnapshot(a.flags.file, a.out, f, a.flags.withNames); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return exit(Interrupted)
	case !f.Coverage.Complete():
		return exit(Partial)
	}
	return nil
}
