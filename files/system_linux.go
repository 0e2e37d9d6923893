package files

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// mayCreate makes a file in a folder that has no name there: nothing is left of it
// even if this program is killed. Not all file systems have that.
func mayCreate(dir string) error {
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_WRONLY|unix.O_CLOEXEC, 0o600)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EISDIR) || errors.Is(err, unix.ENOENT) {
		return tryCreate(dir)
	}
	if err != nil {
		return err
	}
	return unix.Close(fd)
}

// claim sets room aside for so many bytes, without a change to the file. Where that
// is not known the write will tell.
func claim(f *os.File, size int64) error {
	err := unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, max(size, 1))
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		return err
	}
	return nil
}

// mountPoint reports a file that something is mounted on, as containers have them.
func mountPoint(f *os.File) bool {
	var st unix.Statx_t
	err := unix.Statx(int(f.Fd()), "", unix.AT_EMPTY_PATH, unix.STATX_BASIC_STATS, &st)
	return err == nil && st.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0
}
