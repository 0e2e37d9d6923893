package cli

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestImage: the running program becomes an image, with the user and entry point
// that the Dockerfile gives it.
func TestImage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "image.tar")
	run(t, "image", "-o", file, "--name", "registry.example/kpadvisor:v1").wants(t, Fine, "image registry.example/kpadvisor:v1", "")
	dockerfile, err := os.ReadFile(filepath.Join("..", "..", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Config struct {
			User       string
			Entrypoint []string
			WorkingDir string
		}
	}
	for _, blob := range archived(t, file) {
		if bytes.Contains(blob, []byte(`"Entrypoint"`)) && json.Unmarshal(blob, &config) != nil {
			t.Fatalf("%s", blob)
		}
	}
	c := config.Config
	for _, line := range []string{"USER " + c.User, `ENTRYPOINT ["` + strings.Join(c.Entrypoint, `", "`) + `"]`, "WORKDIR " + c.WorkingDir, "FROM scratch"} {
		if !strings.Contains(string(dockerfile), "\n"+line+"\n") {
			t.Errorf("%q is not in the Dockerfile:\n%s", line, dockerfile)
		}
	}
}

// archived are the small files of a tar.
func archived(t *testing.T, file string) map[string][]byte {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := map[string][]byte{}
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Size < 1<<16 {
			if all[h.Name], err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestImageProblems(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"image"}, Usage, "Name the file to write with -o"},
		{[]string{"image", "-o", filepath.Join(dir, "x.tar"), "--binary", "linux=/x"}, Usage, "is not OS/ARCH=PATH"},
		{[]string{"image", "-o", filepath.Join(dir, "x.tar"), "--binary", "linux/amd64=" + filepath.Join(dir, "none")}, Failure, "The image was not written"},
		{[]string{"image", "-o", filepath.Join(dir, "none", "x.tar")}, Failure, "The image was not written"},
	} {
		run(t, c.args...).wants(t, c.code, "", c.want)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestImageTag(t *testing.T) {
	if got := imageTag("v1.0.0+dirty"); got != "v1.0.0-dirty" {
		t.Error(got)
	}
}
