package cases

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"kpadvisor/advisor/cluster/clustertest"
)

var shared clustertest.Shared // the API server of the cases with objects

func TestMain(m *testing.M) {
	code, err := away(m.Run)
	for _, err := range []error{err, shared.Stop()} {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// away runs the tests with nothing of this machine in the environment: home is
// an empty folder, and no kubeconfig is there unless a case names one.
func away(run func() int) (int, error) {
	home, err := os.MkdirTemp("", "kpadvisor-cases-")
	if err != nil {
		return 1, fmt.Errorf("could not make a home for the tests: %w", err)
	}
	for name, value := range map[string]string{
		"KUBECONFIG": filepath.Join(home, "none"), "KUBERNETES_MASTER": "", "KUBERNETES_SERVICE_HOST": "",
		"ACCESSIBLE": "", "LC_ALL": "C.UTF-8", "TERM": "dumb",
	} {
		if err := os.Setenv(name, value); err != nil {
			return 1, fmt.Errorf("could not set %s: %w", name, err)
		}
	}
	code := run()
	if err := os.RemoveAll(home); err != nil {
		return code, fmt.Errorf("could not remove the home of the tests: %w", err)
	}
	return code, nil
}
