package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kpadvisor/files"
	"kpadvisor/licenses"
	"kpadvisor/plain"
	"kpadvisor/probe/incluster/image"
)

// imageUser is nobody in particular: the pods must not run as root.
const imageUser = "65532:65532"

func (a *app) imageCommand() *cobra.Command {
	var file, name string
	var binaries []string
	cmd := &cobra.Command{
		Use:   "image -o FILE",
		Short: "Write a container image of this program, for probe --in-cluster and inspect",
		Long: `Write a container image that holds this program and the licenses of what is in it,
nothing else, as an OCI archive. No container engine is needed. Load it into the
nodes, or push it to the registry that they pull from:

  ctr -n k8s.io images import FILE
  kind load image-archive FILE
  skopeo copy oci-archive:FILE docker://REGISTRY/kpadvisor:TAG`,
		Example: `  kpadvisor image -o kpadvisor.tar --name registry.example/kpadvisor:v1`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" {
				return usagef(cmd, "name the file to write with -o")
			}
			return a.image(cmd, file, name, binaries)
		},
	}
	group(cmd, groupOutput, func(fs *pflag.FlagSet) {
		fs.StringVarP(&file, "output", "o", "", "file to write")
		fs.StringVar(&name, "name", "", "name of the image, as --image takes it; kpadvisor:VERSION if not given")
		fs.StringArrayVar(&binaries, "binary", nil, "pack this static binary instead of the running one, as OS/ARCH=PATH; may be repeated for several platforms")
	})
	return cmd
}

// imageTag is a version as a tag may be written.
func imageTag(version string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("+/ ", r) {
			return '-'
		}
		return r
	}, version)
}

func (a *app) image(cmd *cobra.Command, file, name string, binaries []string) error {
	if name == "" {
		name = "kpadvisor:" + imageTag(a.version())
	}
	i := image.Image{Name: name, Program: "kpadvisor", User: imageUser, Files: []image.File{{Name: "licenses.txt", Content: []byte(licenses.Text())}}}
	for _, text := range binaries {
		platform, path, ok := strings.Cut(text, "=")
		system, arch, ok2 := strings.Cut(platform, "/")
		if !ok || !ok2 || system == "" || arch == "" || path == "" {
			return usagef(cmd, "--binary %q is not OS/ARCH=PATH", text)
		}
		i.Binaries = append(i.Binaries, image.Binary{OS: system, Arch: arch, Path: path})
	}
	if len(binaries) == 0 {
		if runtime.GOOS != "linux" {
			return usagef(cmd, "this is a program for %s, and nodes run Linux: name a Linux binary with --binary linux/amd64=PATH", runtime.GOOS)
		}
		self, err := os.Executable()
		if err != nil {
			return notPacked(err)
		}
		i.Binaries = []image.Binary{{OS: runtime.GOOS, Arch: runtime.GOARCH, Path: self}}
	}
	var b bytes.Buffer
	err := files.Check(file)
	if err == nil {
		err = image.Write(cmd.Context(), &b, i)
	}
	if err == nil {
		err = files.Write(file, files.Ordinary, b.Bytes())
	}
	if cmd.Context().Err() != nil {
		return err
	}
	if err != nil {
		return notPacked(err)
	}
	_, err = fmt.Fprintln(a.out, plain.Line(filepath.Clean(file), 0)+a.voice.Sprintf(": image %s, %d MB", plain.Line(name, 0), b.Len()>>20))
	return err
}

func notPacked(err error) error {
	return failure{plain.Problem{Sentence: fmt.Sprintf("The image was not written: %s.", plain.Text(err.Error())), Remedy: "Name a file in a directory that you may write to."}, Failure}
}
