package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kpadvisor/advisor/cluster/clustertest"
)

// promises are the lines of README's section "What it can do to you", by their first
// words, and the tests that hold them.
func promises() map[string][]string {
	return map[string][]string{
		"Reads of the cluster":   {"advisor/cluster TestOnlyGets", "advisor/cluster TestRoleIsSmall", "ui/cli/e2e TestRole", "ui/cli/e2e/incluster TestRole"},
		"Reads here":             {"ui/cli/e2e TestTouchesNothing", "files TestReadIsBounded"},
		"Connects":               {"ui/cli/e2e TestTouchesNothing", "apiserver TestRedirect"},
		"Runs":                   {"main TestSignalEnds", "probe/lab TestToolPath", "ui/cli TestOtherContextsAreLeftAlone"},
		"Writes":                 {"ui/cli/e2e TestTouchesNothing", "files TestWriteRegular", "files TestFullDisk", "files TestNew"},
		"Keeps":                  {"ui/state TestPrivate", "ui/tui TestNoState", "ui/cli TestKeepsAnswers"},
		"Creates here":           {"ui/cli/e2e TestLabEndsWhole", "probe/lab TestKilledOuterHalf", "probe/lab TestHalvesRefuse"},
		"Creates in the cluster": {"ui/cli/e2e/incluster TestAsk", "ui/cli/e2e/incluster TestKilled", "probe/incluster TestPodsAreHarmless", "probe/incluster TestClean"},
		"Loads":                  {"probe TestBreaker", "probe TestNothingLeaks"},
		"Takes":                  {"ui/cli/e2e TestHostile"},
		"Ends":                   {"main TestSignalEnds", "ui/cli/e2e TestInterrupted"},
		"Prints":                 {"plain TestHidden", "plain TestEveryWayOut", "plain TestCell"},
	}
}

// TestPromises: README promises what tests hold, and nothing else.
func TestPromises(t *testing.T) {
	root, err := clustertest.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(readme), "\n## What it can do to you\n")
	if !found {
		t.Fatal("README does not have the section")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	all, made := promises(), 0
	for _, line := range regexp.MustCompile(`(?m)^- \*\*(.*?)\*\*`).FindAllStringSubmatch(section, -1) {
		made++
		if len(all[line[1]]) == 0 {
			t.Errorf("no test holds %q", line[1])
		}
	}
	if made != len(all) {
		t.Errorf("README makes %d promises, and tests hold %d", made, len(all))
	}
	for promise, tests := range all {
		for _, test := range tests {
			dir, name, _ := strings.Cut(strings.Replace(test, "main ", ". ", 1), " ")
			if !defines(t, filepath.Join(root, dir), name) {
				t.Errorf("%q is held by %s, which is not there", promise, test)
			}
		}
	}
}

// defines reports whether a test of that name is in a folder.
func defines(t *testing.T, dir, name string) bool {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+name+"(t *testing.T)") {
			return true
		}
	}
	return false
}
