package lab

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// besideOthers is of a test that does nothing but wait for a guest, which has one CPU and
// none of whose assertions is about time: such tests run at once.
func besideOthers(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("boots a user-mode Linux")
	}
	needsUML(t)
	t.Parallel()
}

// inGuest boots our own user-mode Linux with this test binary as its first
// process and returns what it printed. The guest has the files of this machine.
func inGuest(tb testing.TB, args ...string) string {
	tb.Helper()
	return inGuestWith(tb, nil, args...)
}

// inGuestWith is inGuest with more of the kernel's parameters. Those of the form
// NAME=VALUE that it does not know are variables of the first process.
func inGuestWith(tb testing.TB, parameters []string, args ...string) string {
	tb.Helper()
	kernel := umlKernels(tb)["own"].UMLKernel
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	dir := tb.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "init")); err != nil {
		tb.Fatal(err)
	}
	boot := []string{"mem=1G", "rootfstype=hostfs", "rootflags=/", "rw", "quiet", "uml_dir=" + dir, "umid=guest", "con0=null,fd:1", "con=null", "init=" + filepath.Join(dir, "init")}
	out, err := exec.CommandContext(tb.Context(), kernel, slices.Concat(boot, parameters, []string{"--"}, args)...).CombinedOutput()
	if err != nil {
		tb.Fatalf("%v: %s", err, out)
	}
	text, _, ended := strings.Cut(strings.ReplaceAll(string(out), "\r", ""), guestEnd)
	if !ended {
		tb.Fatalf("the guest broke off:\n%s", out)
	}
	return text
}

// guestEnd is the last that a guest prints.
const guestEnd = "guest: done"

// runAsGuest sets up what an init would, runs the tests or benchmarks asked for
// and switches the machine off.
func runAsGuest(m *testing.M) {
	for _, mount := range []struct{ kind, at string }{{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"tmpfs", "/run"}} {
		if err := unix.Mount(mount.kind, mount.at, mount.kind, 0, ""); err != nil {
			fmt.Println(mount.at, err)
		}
	}
	os.Setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
	os.Setenv("TMPDIR", "/run")
	if code := m.Run(); code == 0 {
		fmt.Println(guestEnd)
	}
	if err := unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF); err != nil {
		fmt.Println(err)
	}
}
