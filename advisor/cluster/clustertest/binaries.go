package clustertest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Binaries is the folder of kube-apiserver, etcd, kubectl and kube-proxy.
type Binaries string

// Path returns the path of one of the commands.
func (b Binaries) Path(command string) string { return filepath.Join(string(b), command) }

// RequireVariable names the environment variable that turns missing binaries
// from a reason to skip into a failure. make test sets it.
const RequireVariable = "KPADVISOR_REQUIRE_ALL"

// FindBinaries returns the binaries of the nested module kubebin if they have
// been built, and an error that says how to build them if not.
func FindBinaries() (Binaries, error) {
	root, err := ModuleRoot()
	if err != nil {
		return "", err
	}
	script := filepath.Join(root, "advisor", "cluster", "clustertest", "kubebin", "build.sh")
	out, err := output(exec.Command(script, "--where"))
	if err != nil {
		return "", fmt.Errorf("could not tell where the Kubernetes binaries are: %w", err)
	}
	b := Binaries(out)
	for _, command := range []string{"kube-apiserver", "etcd", "kubectl"} {
		if _, err := os.Stat(b.Path(command)); err != nil {
			return "", fmt.Errorf("no Kubernetes to test against (run %s, about 10 minutes once): %w", script, err)
		}
	}
	return b, nil
}

// ModuleRoot returns the folder of the product's go.mod, wherever in the module
// the test runs.
func ModuleRoot() (string, error) {
	gomod, err := output(exec.Command("go", "env", "GOMOD"))
	if err != nil {
		return "", fmt.Errorf("could not find the module: %w", err)
	}
	return filepath.Dir(gomod), nil
}

// Require returns the binaries. Without them it skips the test, or fails it
// where RequireVariable is set.
func Require(t testing.TB) Binaries {
	t.Helper()
	b, err := FindBinaries()
	switch {
	case err == nil:
		return b
	case os.Getenv(RequireVariable) != "":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
	return ""
}

// output runs a command and returns what it printed, trimmed; its error carries
// what it wrote to stderr.
func output(cmd *exec.Cmd) (string, error) {
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
		}
		return "", err
	}
	return strings.TrimSpace(string(out)), nil
}
