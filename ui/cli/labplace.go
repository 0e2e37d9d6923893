package cli

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/probe/lab"
)

// placeFlags say which kernel a lab or a drill runs on.
type placeFlags struct{ in, umlKernel string }

func (p *placeFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&p.in, "in", "here", "here, or uml: a user-mode Linux, which has IPVS where this kernel has not")
	fs.StringVar(&p.umlKernel, "uml-kernel", "", "the user-mode Linux to boot, implies --in uml; make uml-kernel builds one with every mode (default Debian's linux.uml, which has no nftables)")
}

// read refuses what contradicts itself.
func (p placeFlags) read(cmd *cobra.Command) (lab.Where, string, error) {
	if err := oneOf(cmd, "in", p.in, placeNames()); err != nil {
		return "", "", err
	}
	switch {
	case p.umlKernel != "" && cmd.Flags().Changed("in") && p.in != "uml":
		return "", "", usagef(cmd, "--uml-kernel goes with --in uml, not with --in %s", p.in)
	case p.in == "uml" || p.umlKernel != "":
		return lab.UML, p.umlKernel, nil
	}
	return lab.Here, "", nil
}

func placeNames() []string { return []string{"here", "uml"} }
