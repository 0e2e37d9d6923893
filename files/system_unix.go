//go:build unix

package files

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// nonblock opens a pipe without a wait for its other end.
func nonblock(info fs.FileInfo) int {
	if info.Mode()&fs.ModeNamedPipe != 0 {
		return unix.O_NONBLOCK
	}
	return 0
}

// awaitWriter waits until a pipe has something to read, or had a writer that has
// gone: before the first one reading it would say that it has ended.
func awaitWriter(f *os.File) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = c.Read(func(fd uintptr) bool {
		ready := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(ready, 0)
		if err != nil && err != unix.EINTR {
			failed = err
		}
		return n > 0 || failed != nil
	})
	if failed != nil {
		return failed
	}
	return err
}

// double opens a descriptor of this program a second time, with its place in the file.
func double(fd int, name string) (*os.File, error) {
	again, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("descriptor %d: %w", fd, err)
	}
	return os.NewFile(uintptr(again), name), nil
}

func mayWrite(name string) error { return unix.Access(name, unix.W_OK) }

// syncDir makes the names in a folder last. Some systems know no such thing.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return nil //nolint:nilerr // a folder may be written to and not read; the file is there
	}
	_ = d.Sync()
	return d.Close()
}

// single reports that a new file can take the name of this one and that nothing is
// lost by it: no mount, no other name of it, no owner that cannot be given, no list of
// rights beside its mode.
func single(f *os.File, info fs.FileInfo) bool {
	now, ok := info.Sys().(*syscall.Stat_t)
	if !ok || now.Nlink != 1 || mountPoint(f) || os.Geteuid() != 0 && (int(now.Uid) != os.Geteuid() || int(now.Gid) != os.Getegid()) {
		return false
	}
	size, err := unix.Flistxattr(int(f.Fd()), nil)
	if err != nil || size == 0 {
		return true
	}
	names := make([]byte, size)
	if size, err = unix.Flistxattr(int(f.Fd()), names); err != nil {
		return false
	}
	for _, name := range strings.Split(strings.TrimRight(string(names[:size]), "\x00"), "\x00") {
		if name != "security.selinux" { // a new file gets that of its folder
			return false
		}
	}
	return true
}

// ownAs gives f the owner of another file.
func ownAs(f *os.File, old fs.FileInfo) error {
	was, ok := old.Sys().(*syscall.Stat_t)
	if !ok || os.Geteuid() != 0 {
		return nil // single has seen that it is the same
	}
	return f.Chown(int(was.Uid), int(was.Gid))
}
