package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/ui/report"
)

// maxSysctls bounds a file of live sysctls; `sysctl -a` of a large node is 1 MiB.
const maxSysctls = 64 << 20

// readSysctls reads what --sysctls names: FILE, - for stdin, or NODE=FILE.
func (a *app) readSysctls() ([]advisor.SysctlReading, error) {
	var all []advisor.SysctlReading
	for _, given := range a.flags.sysctls {
		node, file := "", given
		if _, err := os.Stat(given); err != nil { // a name may hold =
			if n, f, ok := strings.Cut(given, "="); ok {
				node, file = n, f
			}
		}
		text, err := a.sysctlText(file)
		var readings []advisor.SysctlReading
		if err == nil {
			readings, err = advisor.ParseSysctls(text, plainText(node))
		}
		if err == nil && len(readings) == 0 {
			err = errors.New("it holds no value of net.ipv4.vs")
		}
		if err != nil {
			return nil, failure{report.Problem{
				Sentence: fmt.Sprintf("The sysctls %s cannot be used: %v.", plainText(file), plainText(unwrapAll(err).Error())),
				Remedy:   "Write them with \"sysctl kernel.osrelease net.ipv4.vs\" on a node; if it knows no net.ipv4.vs, IPVS is not loaded there.",
			}, Failure}
		}
		all = append(all, readings...)
	}
	return all, nil
}

// sysctlText is the whole of a file, or of stdin.
func (a *app) sysctlText(file string) (string, error) {
	in := a.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return "", err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxSysctls+1))
	if err == nil && len(text) > maxSysctls {
		err = fmt.Errorf("it is larger than %d MiB", maxSysctls>>20)
	}
	return string(text), err
}

// withSysctls puts live values in the place of what is assumed.
func withSysctls(f advisor.Facts, readings []advisor.SysctlReading) (advisor.Facts, error) {
	with, err := advisor.WithSysctls(f, readings)
	if err == nil {
		return with, nil
	}
	return f, failure{report.Problem{
		Sentence: sentence(plainText(err.Error())),
		Remedy:   "Read kernel.osrelease with them, or name the node: --sysctls NODE=FILE, or a line \"# node NAME\" before its values.",
	}, Failure}
}
