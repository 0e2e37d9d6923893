package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/advisor"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
)

// addSysctls declares what takes the place of what kube-proxy is assumed to leave.
func (a *app) addSysctls(cmd *cobra.Command) {
	group(cmd, groupSource, func(fs *pflag.FlagSet) {
		fs.StringArrayVar(&a.flags.sysctls, "sysctls", nil, "live net.ipv4.vs of the nodes instead of what kube-proxy is assumed to leave: a file with the output of \"sysctl kernel.osrelease net.ipv4.vs\", - for stdin, or NODE=FILE; may be repeated")
	})
}

// readWithSysctls is read, with the live values that were given. When ctx ends first it
// returns what has been read so far, without an error.
func (a *app) readWithSysctls(ctx context.Context, cmd *cobra.Command, t terminal) (advisor.Facts, error) {
	if err := a.oneInput(cmd); err != nil {
		return advisor.Facts{}, err
	}
	live, err := a.readSysctls(ctx)
	if err != nil {
		return advisor.Facts{}, err
	}
	f, err := a.read(ctx, cmd, t)
	if err != nil {
		return f, err
	}
	if f, err = withSysctls(f, live); err != nil && ctx.Err() == nil {
		return f, err
	}
	return f, nil
}

// readSysctls reads what --sysctls names: FILE, - for stdin, or NODE=FILE.
func (a *app) readSysctls(ctx context.Context) ([]reuse.SysctlReading, error) {
	var all []reuse.SysctlReading
	for _, given := range a.flags.sysctls {
		node, file := namedFile(given)
		text, err := a.input(ctx, file)
		var readings []reuse.SysctlReading
		if err == nil {
			readings, err = reuse.ParseSysctls(string(text), plain.Text(node))
		}
		if err == nil && len(readings) == 0 {
			err = errors.New("it holds no value of net.ipv4.vs")
		}
		if err != nil {
			return nil, unread(ctx, unwrapAll(err), "The sysctls %s cannot be used: %s.", file,
				"Write them with \"sysctl kernel.osrelease net.ipv4.vs\" on a node; if it knows no net.ipv4.vs, IPVS is not loaded there.")
		}
		all = append(all, readings...)
	}
	return all, nil
}

// withSysctls puts live values in the place of what is assumed.
func withSysctls(f advisor.Facts, readings []reuse.SysctlReading) (advisor.Facts, error) {
	with, err := advisor.WithSysctls(f, readings)
	if err == nil {
		return with, nil
	}
	return f, failure{plain.Problem{
		Sentence: sentence(plain.Text(err.Error())),
		Remedy:   "Read kernel.osrelease with them, or name the node: --sysctls NODE=FILE, or a line \"# node NAME\" before its values.",
	}, Failure}
}
