package cli

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/licenses"
)

func (a *app) versionCommand() *cobra.Command {
	var terms bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version and what it was built from",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			if terms {
				_, err := io.WriteString(a.out, licenses.Text())
				return err
			}
			_, err := fmt.Fprintln(a.out, "kpadvisor", versionLine(buildInfo()))
			return err
		},
	}
	group(cmd, groupOutput, func(fs *pflag.FlagSet) {
		fs.BoolVar(&terms, "licenses", false, "print the licenses of everything that is in this program instead")
	})
	return cmd
}

// version is the version of this program alone, for reports.
func (a *app) version() string {
	return shortVersion(buildInfo())
}

// buildInfo is nil in a binary built without module support.
func buildInfo() *debug.BuildInfo {
	info, _ := debug.ReadBuildInfo()
	return info
}

// shortVersion is the module's version, or the commit of a build between two.
func shortVersion(info *debug.BuildInfo) string {
	if info == nil {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	if r := setting(info, "vcs.revision"); r != "" {
		v := "devel-" + r[:min(len(r), 12)]
		if setting(info, "vcs.modified") == "true" {
			v += "+dirty"
		}
		return v
	}
	return "devel"
}

// versionLine is "v0.1.0, commit 0123456789ab of 2026-11-23, go1.26.8, linux/amd64".
func versionLine(info *debug.BuildInfo) string {
	line := shortVersion(info)
	if info == nil {
		return line
	}
	if r := setting(info, "vcs.revision"); r != "" {
		line += ", commit " + r[:min(len(r), 12)]
		if t := setting(info, "vcs.time"); len(t) >= 10 {
			line += " of " + t[:10]
		}
		if setting(info, "vcs.modified") == "true" {
			line += " with local changes"
		}
	}
	return line + ", " + info.GoVersion + ", " + runtime.GOOS + "/" + runtime.GOARCH
}

func setting(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}
