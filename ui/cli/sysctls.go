package cli

import (
	"context"
	"errors"
	"os"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
)

// readSysctls reads what --sysctls names: FILE, - for stdin, or NODE=FILE.
func (a *app) readSysctls(ctx context.Context) ([]reuse.SysctlReading, error) {
	var all []reuse.SysctlReading
	for _, given := range a.flags.sysctls {
		node, file := "", given
		if _, err := os.Stat(given); err != nil { // a name may hold =
			if n, f, ok := strings.Cut(given, "="); ok {
				node, file = n, f
			}
		}
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
