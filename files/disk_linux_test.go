package files_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"kpadvisor/files"
)

func inNamespaces() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
	}
}

// On a full disk nothing is torn: the old file stays, a new one does not begin. What
// cannot be exchanged, since it has another name or is mounted, keeps its content too.
func TestFullDisk(t *testing.T) {
	dir := os.Getenv("KPADVISOR_FILES_DIR")
	if dir == "" {
		elsewhere(t, "TestFullDisk")
		return
	}
	if err := unix.Mount("small", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Fatal(err)
	}
	old, linked, mounted := filepath.Join(dir, "old"), filepath.Join(dir, "linked"), filepath.Join(dir, "mounted")
	for _, name := range []string{old, linked, mounted} {
		if err := os.WriteFile(name, []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Link(linked, linked+"2"), unix.Mount(mounted, mounted, "", unix.MS_BIND, "")); err != nil {
		t.Fatal(err)
	}
	large := bytes.Repeat([]byte("large"), 20_000)
	for _, name := range []string{old, linked, mounted, filepath.Join(dir, "new")} {
		if err := files.Write(name, files.Ordinary, large); err == nil || err.Error() != "write "+name+": no space left on device" {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := os.ReadFile(name); string(got) != "old" && !(errors.Is(err, os.ErrNotExist) && strings.HasSuffix(name, "new")) {
			t.Errorf("%s is torn: %d bytes, %v", name, len(got), err)
		}
	}
	if _, err := files.New(filepath.Join(dir, "fresh"), files.Ordinary, files.Part{End: ".md", Content: []byte("small")}, files.Part{End: ".json", Content: large}); !errors.Is(err, unix.ENOSPC) {
		t.Error(err)
	}
	if got := list(t, dir); len(got) != 4 {
		t.Errorf("%v", got)
	}
	for _, name := range []string{old, linked, mounted} {
		if err := files.Write(name, files.Ordinary, []byte("new")); err != nil {
			t.Error(err)
		}
		if got, _ := os.ReadFile(name); string(got) != "new" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// A file system that is read-only is known before a run.
func TestReadOnlyDisk(t *testing.T) {
	dir := os.Getenv("KPADVISOR_FILES_DIR")
	if dir == "" {
		elsewhere(t, "TestReadOnlyDisk")
		return
	}
	if err := errors.Join(unix.Mount("small", dir, "tmpfs", 0, "size=64k"), os.WriteFile(filepath.Join(dir, "f"), nil, 0o644), unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, "")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"f", "new"} {
		if err := files.Check(filepath.Join(dir, name)); !errors.Is(err, unix.EROFS) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An ordinary user's file in a folder that he may not write to is written in place,
// and what he may not write to is not replaced.
func TestWriteAsUser(t *testing.T) {
	if dir := os.Getenv("KPADVISOR_FILES_DIR"); dir != "" {
		for name, want := range map[string]error{"mine": nil, "theirs": unix.EACCES, "new": unix.EACCES} {
			name = filepath.Join(dir, name)
			for _, err := range []error{files.Check(name), files.Write(name, files.Ordinary, []byte("new"))} {
				if !errors.Is(err, want) {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can make files of others")
	}
	const nobody = 65534
	dir := t.TempDir()
	mine, theirs := filepath.Join(dir, "mine"), filepath.Join(dir, "theirs")
	if err := errors.Join(os.WriteFile(mine, []byte("my old one"), 0o644), os.Chown(mine, nobody, nobody), os.WriteFile(theirs, nil, 0o644), os.Chmod(dir, 0o755), os.Chmod(filepath.Dir(dir), 0o755)); err != nil {
		t.Fatal(err)
	}
	cmd := again("TestWriteAsUser", dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if got, _ := os.ReadFile(mine); string(got) != "new" {
		t.Errorf("%q", got)
	}
	// Root replaces it, and it stays its owner's.
	if err := files.Write(mine, files.Private, []byte("root's")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(mine)
	if err != nil || info.Sys().(*syscall.Stat_t).Uid != nobody || info.Mode() != 0o600 {
		t.Errorf("%+v, %v", info, err)
	}
}

// again is one test of this binary, run with a folder of its own.
func again(run, dir string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+run+"$")
	cmd.Env = append(os.Environ(), "KPADVISOR_FILES_DIR="+dir)
	return cmd
}

// elsewhere runs a test again in namespaces of its own.
func elsewhere(t *testing.T, run string) {
	t.Helper()
	cmd := again(run, t.TempDir())
	cmd.SysProcAttr = inNamespaces()
	out, err := cmd.CombinedOutput()
	if err != nil && len(out) == 0 && os.Getenv("KPADVISOR_REQUIRE_ALL") == "" {
		t.Skipf("no namespaces here: %v", err)
	}
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
