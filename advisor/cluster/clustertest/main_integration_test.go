package clustertest_test

import (
	"fmt"
	"os"
	"testing"

	"kpadvisor/advisor/cluster/clustertest"
)

var shared clustertest.Shared // the clusters of this package's tests

func TestMain(m *testing.M) {
	code := m.Run()
	if err := shared.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}
