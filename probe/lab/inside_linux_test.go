package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// A half of the lab that is called by hand does nothing: not on the machine itself,
// not as the first process of namespaces that share some with it, as in a container.
func TestHalvesRefuse(t *testing.T) {
	before := look(t)
	for _, half := range [][]string{{asInner}, {asHost, "/bin/false", ""}, {asInit}, {asOthers, "64"}, {"else"}} {
		for where, flags := range map[string]uintptr{
			"by hand": 0, "pid 1": unix.CLONE_NEWPID, "with the host's mounts": unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWIPC,
			"in all namespaces but without proof": unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWIPC | unix.CLONE_NEWNS,
		} {
			cmd := exec.Command("/proc/self/exe", append([]string{hiddenArg}, half...)...)
			cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags, Pdeathsig: unix.SIGKILL}
			if flags != 0 && os.Geteuid() != 0 {
				cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
			}
			if where == "with the host's mounts" { // some proof is not enough
				outside, err := openOutside()
				if err != nil {
					t.Fatal(err)
				}
				defer closeAll(outside)
				cmd.ExtraFiles = outside
			}
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || strings.TrimSpace(string(out)) != errNotOurs.Error() {
				t.Errorf("%v %s: %v, %s", half, where, err, out)
			}
		}
	}
	if after := look(t); after != before {
		t.Errorf("the host changed:\n%+v\nwas\n%+v", after, before)
	}
}

// Whatever boots as user-mode Linux has no file of the host to write to: here a shell
// script is the kernel, with the rights that a kernel has.
func TestGuestKernelOnlyReads(t *testing.T) {
	dir := t.TempDir()
	kernel := filepath.Join(dir, "linux")
	places := []string{dir, "/", "/etc", "/tmp", "/var/tmp", "/dev/shm", "/root"}
	script := "#!/bin/sh\n[ \"$1\" = --version ] && { echo 6.12.1; exit; }\n"
	for _, place := range places {
		script += fmt.Sprintf("if true 2>/dev/null > '%s/kpadvisor-was-here'; then echo WROTE %s >&2; fi\n", place, place)
	}
	script += "echo x > /run/mine || echo NORUN >&2\nmount -o remount,rw / 2>/dev/null && echo REMOUNTED >&2\necho tried >&2\n"
	if err := os.WriteFile(kernel, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	box, err := openSandbox(t.Context(), UML, kernel)
	if err != nil {
		t.Fatal(err)
	}
	<-box.ended
	box.close()
	said := string(box.stderr.buf)
	if !strings.Contains(said, "tried") || strings.Contains(said, "WROTE") || strings.Contains(said, "NORUN") || strings.Contains(said, "REMOUNTED") {
		t.Errorf("%s", said)
	}
	for _, place := range places {
		if _, err := os.Stat(filepath.Join(place, "kpadvisor-was-here")); err == nil {
			t.Errorf("it wrote to %s", place)
			_ = os.Remove(filepath.Join(place, "kpadvisor-was-here"))
		}
	}
}

// Root takes tools from where root alone writes, whoever else is first in PATH.
func TestToolPath(t *testing.T) {
	if !isRoot() {
		t.Skip("of a user's PATH all is taken")
	}
	open := t.TempDir() // below a folder that all write to
	for _, name := range []string{"nft", "linux.uml", "ipset"} {
		if err := os.WriteFile(filepath.Join(open, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(t.TempDir(), "bin")
	if err := os.Symlink("/usr/bin", link); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", strings.Join([]string{open, ".", "", link, "/does/not/exist", "/usr/bin"}, ":"))
	if got := toolPath(); len(got) == 0 || got[0] != "/usr/bin" || slices.Contains(got, open) {
		t.Errorf("%q", got)
	}
	for _, name := range []string{"nft", "linux.uml"} {
		if path, err := findTool(name); err == nil && !strings.HasPrefix(path, "/usr/") && !strings.HasPrefix(path, "/sbin/") {
			t.Errorf("%s is %s", name, path)
		}
	}
	if _, err := findUML(context.Background(), filepath.Join(open, "nft")); err == nil {
		t.Error("that is no user-mode Linux")
	}
}

// toolDir is a folder for tools of a test that any user can read, for the lab may run
// as one: as root one that root alone can write to.
func toolDir(t *testing.T) string {
	t.Helper()
	parent := ""
	if isRoot() {
		if parent = "/var/lib"; !onlyRootWrites(parent) {
			skip(t, "no folder that root alone can write to")
		}
	}
	dir, err := os.MkdirTemp(parent, "kpadvisor-test-tools-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
